using System.Diagnostics;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Pennypost.Hosting.Compression;

namespace Pennypost.Hosting;

/// <summary>The channels to the other services, one per peer, opened when first used and kept.</summary>
internal sealed class Peers(IOptionsMonitor<HostingOptions> options, FaultDomain faults, TimeProvider time, Jitter jitter) : IDisposable
{
    private const int MaxAsked = 8;

    // Twice this, once for one instance and once for the others, stays within what readiness waits for.
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(1.25);
    private static readonly TimeSpan DnsRefresh = TimeSpan.FromSeconds(15);
    private readonly Dictionary<string, GrpcChannel> channels = [];
    private readonly Dictionary<string, CallInvoker> invokers = [];
    private readonly Lock sync = new();

    /// <summary>Calls of a peer. Made once per peer: the budget of retries is the peer's.</summary>
    public CallInvoker Invoker(string name)
    {
        var channel = Channel(name);
        lock (sync)
        {
            if (invokers.TryGetValue(name, out var known)) return known;
            // The first is the outermost: the retries see the deadline that it sets, and it names the peer when they have given up.
            return invokers[name] = channel.Intercept(new PeerInterceptor(name, options, faults), new RetryInterceptor(time, jitter));
        }
    }

    /// <summary>
    /// Null if any instance of the peer answers; it may still wait for something of its own, which is not ours to report. Otherwise one line with
    /// the peer's name.
    /// </summary>
    public async ValueTask<string?> MissingAsync(string name, CancellationToken cancellationToken)
    {
        if (await AskAsync(name, cancellationToken) is not { } missing) return null;
        // One that hangs must not hide those that answer: as many are asked as there may be.
        var others = PeerAddresses.Parse(options.CurrentValue.Peers[name], out _) is PeerAddresses.Listed { Instances.Count: var count } ? Math.Min(count, MaxAsked) - 1 : MaxAsked;
        var answers = await Task.WhenAll(Enumerable.Range(0, others).Select(_ => AskAsync(name, cancellationToken)));
        return answers.Contains(null) ? null : missing;
    }

    private async Task<string?> AskAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var health = new Grpc.Health.V1.Health.HealthClient(Channel(name));
            var reply = await health.CheckAsync(new HealthCheckRequest { Service = Readiness.LiveService }, deadline: DateTime.UtcNow + AskLimit, cancellationToken: cancellationToken);
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
            var channel = Open(name, options.CurrentValue);
            channels[name] = channel;
            return channel;
        }
    }

    private static GrpcChannel Open(string name, HostingOptions settings)
    {
        var addresses = PeerAddresses.Parse(settings.Peers[name], out var violations)
            ?? throw new InvalidOperationException($"{HostingOptions.Section}:Peers:{name} {string.Join("; ", violations)}");
        // The scheme chooses the resolver. A name says nothing of TLS; a trust root says that peers speak it.
        var (target, tls) = addresses switch
        {
            PeerAddresses.Listed listed => (new Uri($"static:///{name}"), listed.Tls),
            PeerAddresses.Named named => (new Uri($"dns:///{named.Host}:{named.Port}"), settings.PeerCaPath is not null),
            _ => throw new UnreachableException(),
        };
        var parts = new ServiceCollection();
        parts.AddSingleton<LoadBalancerFactory, PartitionBalancer.Factory>();
        parts.AddSingleton<ResolverFactory>(new DnsResolverFactory(DnsRefresh));
        if (addresses is PeerAddresses.Listed { Instances: var instances })
            parts.AddSingleton<ResolverFactory>(new StaticResolverFactory(_ => instances.Select(instance => new BalancerAddress(instance.Host, instance.Port))));
        return GrpcChannel.ForAddress(target, new GrpcChannelOptions
        {
            ServiceProvider = parts.BuildServiceProvider(),
            ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new LoadBalancingConfig(PartitionBalancer.Name) } },
            Credentials = tls ? ChannelCredentials.SecureSsl : ChannelCredentials.Insecure,
            // An instance that is back must be found within seconds; the default would let it wait for two minutes.
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(200),
            MaxReconnectBackoff = TimeSpan.FromSeconds(2),
            MaxReceiveMessageSize = settings.MaxReceiveMessageBytes,
            MaxSendMessageSize = settings.MaxSendMessageBytes,
            // Retries belong to one layer, which knows our errors.
            MaxRetryAttempts = null,
            HttpHandler = new SocketsHttpHandler
            {
                EnableMultipleHttp2Connections = true,
                ConnectTimeout = TimeSpan.FromSeconds(5),
                // A network that swallows what is sent tells nobody: only a ping that is not answered gives such a connection up, within four seconds.
                KeepAlivePingDelay = TimeSpan.FromSeconds(1),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(3),
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                SslOptions = Certificates.ForPeers(settings),
            },
            DisposeHttpClient = true,
        }.UseMessageCompression());
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
