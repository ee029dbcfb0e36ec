using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pennypost.Hosting.Compression;

namespace Pennypost.Hosting.Tests.Compressing;

/// <summary>A real server on loopback, on a port of its own, with messages compressed as our hosts compress them.</summary>
public sealed class EchoServer : IAsyncLifetime
{
    private WebApplication app = null!;

    public Uri Address { get; private set; } = null!;

    /// <summary>With what responses are compressed, or null: then not at all.</summary>
    public string? ResponseEncoding { get; init; }

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(options =>
        {
            options.UseMessageCompression();
            options.ResponseCompressionAlgorithm = ResponseEncoding;
        });
        app = builder.Build();
        app.MapGrpcService<EchoService>();
        await app.StartAsync();
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async Task DisposeAsync() => await app.DisposeAsync();

    public GrpcChannel Channel(Action<GrpcChannelOptions>? configure = null)
    {
        var options = new GrpcChannelOptions();
        configure?.Invoke(options);
        return GrpcChannel.ForAddress(Address, options);
    }

    private sealed class EchoService : Echo.EchoBase
    {
        public override Task<Word> Say(Word request, ServerCallContext context) =>
            Task.FromResult(request.Text == "encoding" ? new Word { Text = context.GetHttpContext().Request.Headers["grpc-encoding"].ToString() } : request);

        public override async Task Chat(IAsyncStreamReader<Word> requestStream, IServerStreamWriter<Word> responseStream, ServerCallContext context)
        {
            while (await requestStream.MoveNext())
                await responseStream.WriteAsync(requestStream.Current);
        }
    }
}
