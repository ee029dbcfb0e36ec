using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pennypost.Gateway.V1;

namespace Pennypost.Standalone.Tests;

/// <summary>One call as it came over the wire.</summary>
internal sealed record Heard(DateTimeOffset At, string Authorization, TimeSpan Left, string ResumeToken = "");

/// <summary>A server with the gateway's contract that fails on purpose, which the real one does too rarely to be waited for.</summary>
internal sealed class FailingGateway : PennypostService.PennypostServiceBase, IAsyncDisposable
{
    private WebApplication _app = null!;

    public Uri Address { get; private set; } = null!;

    /// <summary>What a message's n-th call fails with; null lets it through. By message id.</summary>
    public ConcurrentDictionary<string, Func<int, RpcException?>> Sends { get; } = new();

    /// <summary>What the n-th watch does.</summary>
    public Func<int, IServerStreamWriter<WatchMessageResponse>, ServerCallContext, Task> Watch { get; set; } =
        (_, stream, _) => stream.WriteAsync(Event(1, Types.V1.MessageState.Sent));

    /// <summary>What creating a key fails with.</summary>
    public Func<RpcException>? Keys { get; set; }

    public ConcurrentDictionary<string, ConcurrentQueue<Heard>> Calls { get; } = new();

    /// <param name="before">Where one was before; null for any port that is free and that no outgoing connection is given while nobody listens there.</param>
    public static async Task<FailingGateway> StartAsync(int? before = null)
    {
        var port = before ?? Topology.Ports.Free(1)[0];
        var gateway = new FailingGateway();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(gateway);
        gateway._app = builder.Build();
        gateway._app.MapGrpcService<FailingGateway>();
        gateway._app.MapGrpcService<Admin>();
        await gateway._app.StartAsync();
        gateway.Address = new Uri(gateway._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return gateway;
    }

    public static WatchMessageResponse Event(int sequence, Types.V1.MessageState state = Types.V1.MessageState.Sending) => new()
    {
        Event = new() { Sequence = sequence, Kind = Types.V1.MessageEventKind.Intended, State = state },
        ResumeToken = $"after-{sequence}",
    };

    /// <summary>Cuts the whole connection, as a process that dies does.</summary>
    public static void CutConnection(ServerCallContext context) => context.GetHttpContext().Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();

    /// <summary>Cuts this stream only.</summary>
    public static void CutStream(ServerCallContext context) => context.GetHttpContext().Abort();

    public override Task<SendMessageResponse> SendMessage(SendMessageRequest request, ServerCallContext context)
    {
        var id = request.Message.MessageId;
        var number = Hear(id, context);
        if (Sends.TryGetValue(id, out var script) && script(number) is { } failure)
            throw failure;
        return Task.FromResult(new SendMessageResponse { Message = new() { MessageId = id } });
    }

    public override Task WatchMessage(WatchMessageRequest request, IServerStreamWriter<WatchMessageResponse> responseStream, ServerCallContext context) =>
        Watch(Hear("watch", context, request.ResumeToken), responseStream, context);

    /// <summary>The other service, on the same port.</summary>
    public sealed class Admin(FailingGateway gateway) : AdminService.AdminServiceBase
    {
        public override Task<CreateApiKeyResponse> CreateApiKey(CreateApiKeyRequest request, ServerCallContext context)
        {
            gateway.Hear("key", context);
            throw gateway.Keys!();
        }
    }

    private int Hear(string what, ServerCallContext context, string resumeToken = "")
    {
        var heard = Calls.GetOrAdd(what, _ => new());
        lock (heard)
        {
            heard.Enqueue(new Heard(DateTimeOffset.UtcNow, context.RequestHeaders.GetValue("authorization") ?? "", context.Deadline - DateTime.UtcNow, resumeToken));
            return heard.Count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }
}
