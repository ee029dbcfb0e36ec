using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pennypost.Hosting.Compression;

namespace Pennypost.Standins.Tests.Grpc;

/// <summary>A real server on loopback, on a port of its own, with the official gRPC server on the stand-ins.</summary>
public sealed class EchoServer : IAsyncLifetime
{
    private WebApplication app = null!;

    public Uri Address { get; private set; } = null!;

    public SeenByServer Seen { get; } = new();

    /// <summary>With what responses are compressed, or null: then not at all.</summary>
    public string? ResponseEncoding { get; init; }

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(Seen);
        builder.Services.AddGrpc(options =>
        {
            options.UseMessageCompression();
            options.ResponseCompressionAlgorithm = ResponseEncoding;
            options.Interceptors.Add<SignsTrailers>();
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

    public Echo.EchoClient Client() => new(Channel());
}

public sealed class SeenByServer
{
    private int calls;

    /// <summary>Ids of calls whose cancellation reached the handler.</summary>
    public ConcurrentDictionary<string, bool> Cancelled { get; } = [];

    public ConcurrentDictionary<string, int> Attempts { get; } = [];

    public int Calls => Volatile.Read(ref calls);

    public void Call() => Interlocked.Increment(ref calls);
}

public sealed class SignsTrailers : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) => continuation(request, Signed(context, "unary"));
    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) => continuation(requestStream, Signed(context, "client-streaming"));
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) => continuation(request, responseStream, Signed(context, "server-streaming"));
    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation) => continuation(requestStream, responseStream, Signed(context, "duplex"));

    private static ServerCallContext Signed(ServerCallContext context, string kind)
    {
        context.ResponseTrailers.Add("intercepted", kind);
        return context;
    }
}

public sealed class EchoService(SeenByServer seen) : Echo.EchoBase
{
    public override async Task<Word> Say(Word request, ServerCallContext context)
    {
        seen.Call();
        if (request.Text == "headers")
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "head", "h" }, { "head-bin", new byte[] { 1, 2, 3 } } });
            context.ResponseTrailers.Add("trail", "t");
            context.ResponseTrailers.Add("trail-bin", [9, 8, 7]);
        }
        if (request.Text == "context") return new Word { Text = $"{context.Method} {context.Host} {context.Peer.Split(':')[0]} {context.AuthContext.IsPeerAuthenticated} {context.Deadline == DateTime.MaxValue}" };
        if (request.Text == "encoding") return new Word { Text = context.GetHttpContext().Request.Headers["grpc-encoding"].ToString() };
        if (request.Text == "authorization") return new Word { Text = string.Join(',', context.RequestHeaders.GetAll("authorization").Select(entry => entry.Value)) };
        return new Word { Text = request.Text, Times = request.Times };
    }

    public override async Task<Word> Count(IAsyncStreamReader<Word> requestStream, ServerCallContext context)
    {
        var count = 0;
        await foreach (var _ in requestStream.ReadAllAsync(context.CancellationToken)) count++;
        return new Word { Times = count };
    }

    public override async Task Repeat(Word request, IServerStreamWriter<Word> responseStream, ServerCallContext context)
    {
        try
        {
            for (var i = 0; i < request.Times; i++)
            {
                if (request.DelayMs > 0) await Task.Delay(request.DelayMs, context.CancellationToken);
                await responseStream.WriteAsync(new Word { Text = request.Text, Times = i }, context.CancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            seen.Cancelled[request.Text] = true;
            throw;
        }
    }

    public override async Task Chat(IAsyncStreamReader<Word> requestStream, IServerStreamWriter<Word> responseStream, ServerCallContext context)
    {
        while (await requestStream.MoveNext()) await responseStream.WriteAsync(requestStream.Current);
    }

    public override Task<Word> Fail(Word request, ServerCallContext context)
    {
        var attempt = seen.Attempts.AddOrUpdate(request.Text, 1, (_, before) => before + 1);
        if (attempt > request.Times) return Task.FromResult(new Word { Text = request.Text, Times = attempt });
        var details = new global::Google.Rpc.Status
        {
            Code = (int)StatusCode.Unavailable,
            Message = "not today: é 100%",
            Details = { Any.Pack(new global::Google.Rpc.RequestInfo { RequestId = "r-1" }) },
        };
        throw new RpcException(new Status(StatusCode.Unavailable, "not today: é 100%"), new Metadata { { "grpc-status-details-bin", details.ToByteArray() }, { "extra", "e" } });
    }

    public override Task<Word> Throw(Word request, ServerCallContext context) => throw new InvalidOperationException("not for callers");

    public override async Task<Word> Hang(Word request, ServerCallContext context)
    {
        seen.Attempts[request.Text] = 1;
        try
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            seen.Cancelled[request.Text] = true;
            throw;
        }
        return request;
    }
}
