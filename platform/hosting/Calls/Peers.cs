using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.Extensions.Options;
using Pennypost.Hosting.Compression;

namespace Pennypost.Hosting;

/// <summary>The channels to the other services, one per peer, opened when first used and kept.</summary>
internal sealed class Peers(IOptionsMonitor<HostingOptions> options, FaultDomain faults) : IDisposable
{
    private readonly Dictionary<string, GrpcChannel> channels = [];
    private readonly Lock sync = new();

    public CallInvoker Invoker(string name) => Channel(name).Intercept(new PeerInterceptor(name, options, faults));

    /// <summary>Null if the peer's process answers; it may still wait for something of its own, which is not ours to report.</summary>
    public async ValueTask<string?> MissingAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var health = new Grpc.Health.V1.Health.HealthClient(Channel(name));
            var reply = await health.CheckAsync(new HealthCheckRequest { Service = Readiness.LiveService },
                deadline: DateTime.UtcNow.AddSeconds(2), cancellationToken: cancellationToken);
            return reply.Status == HealthCheckResponse.Types.ServingStatus.Serving ? null : $"{name} is {reply.Status}";
        }
        catch (RpcException exception)
        {
            return $"{name} does not answer ({exception.StatusCode})";
        }
    }

    private GrpcChannel Channel(string name)
    {
        lock (sync)
        {
            if (channels.TryGetValue(name, out var known)) return known;
            var settings = options.CurrentValue;
            var channel = GrpcChannel.ForAddress(settings.Peers[name], new GrpcChannelOptions
            {
                MaxReceiveMessageSize = settings.MaxReceiveMessageBytes,
                MaxSendMessageSize = settings.MaxSendMessageBytes,
                // Every retry belongs to one layer, and that is the caller who knows the ids.
                MaxRetryAttempts = null,
                HttpHandler = new SocketsHttpHandler
                {
                    EnableMultipleHttp2Connections = true,
                    ConnectTimeout = TimeSpan.FromSeconds(5),
                    KeepAlivePingDelay = TimeSpan.FromSeconds(30),
                    KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
                    PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                },
                DisposeHttpClient = true,
            }.UseMessageCompression());
            channels[name] = channel;
            return channel;
        }
    }

    public void Dispose()
    {
        lock (sync)
        {
            foreach (var channel in channels.Values) channel.Dispose();
            channels.Clear();
        }
    }
}
