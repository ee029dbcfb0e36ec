using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Pennypost.Credits.V1;
using Pennypost.Dispatcher.V1;
using Pennypost.Store;

namespace Topology;

/// <summary>What an installation is made of.</summary>
public sealed record InstallationShape
{
    /// <summary>Three masters with a replica each, or one Redis.</summary>
    public bool RedisCluster { get; init; }

    /// <summary>1 or 3.</summary>
    public int BrokerNodes { get; init; } = 1;

    public int CreditsInstances { get; init; } = 2;

    public int DispatcherInstances { get; init; } = 2;

    /// <summary>Whether a gateway runs, which takes the provider's webhooks; else the tests are asked for them.</summary>
    public bool Gateway { get; init; } = true;

    /// <summary>Leases and polls as they are by default, instead of short ones for tests that crash things.</summary>
    public bool PatientTimes { get; init; }

    /// <summary>
    /// How often accounts are read for what no webhook told. Where days pass in seconds, an account that is read every ten minutes would be most of what happens: seldom, unless said.
    /// </summary>
    public TimeSpan InboxPoll { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Whether every pair of processes talks over a <see cref="Line"/>.</summary>
    public bool Lines { get; init; }

    /// <summary>Nothing but credits and its store: no broker, no router, no provider. Its events stay inside.</summary>
    public bool CreditsAlone { get; init; }

    /// <summary>Credits keeps its state in one SQLite file, which its instances share, instead of Redis. For <see cref="CreditsAlone"/>.</summary>
    public bool Sqlite { get; init; }

    /// <summary>Whether credits' store stands on a disk that can be filled. For <see cref="CreditsAlone"/>, but not on a Cluster.</summary>
    public bool SmallDisk { get; init; }
}

/// <summary>
/// The four services, the sandbox provider, Redis and RabbitMQ, each a process on loopback: what docker-compose.yml describes, from Debian's packages. Leases and limits are short, so that what a crash left is
/// taken up within seconds.
/// </summary>
public sealed partial class Installation : IAsyncDisposable
{
    public const string Tenant = "acme";
    public const string ServiceToken = "a-service-token-of-thirty-two-characters";
    public const string ProviderKey = "sandbox-key-0123";
    public const string WebhookSecret = "a-webhook-secret-0123";
    private const string HashSecret = "a-key-hash-secret-of-thirty-two-characters";
    private const string IdentifierKey = "an-identifier-key-of-thirty-two-characters";

    private readonly string _folder = Directory.CreateTempSubdirectory("pennypost-installation-").FullName;
    private readonly List<IDisposable> _channels = [];
    private readonly Dictionary<string, Line> _lines = [];
    private readonly List<ServiceProcess> _services = [];

    private Installation(InstallationShape shape) => Shape = shape;

    public InstallationShape Shape { get; }

    /// <summary>Where credits' store stands, if it is to be filled.</summary>
    public SmallDisk? Disk { get; private set; }

    public RedisServer? Redis { get; private set; }

    public RedisCluster? Cluster { get; private set; }

    public RabbitServer Broker { get; private set; } = null!;

    public ServiceProcess Sandbox { get; private set; } = null!;

    public ServiceProcess Router { get; private set; } = null!;

    public IReadOnlyList<ServiceProcess> Credits { get; private set; } = [];

    public IReadOnlyList<ServiceProcess> Dispatchers { get; private set; } = [];

    public ServiceProcess? Gateway { get; private set; }

    public IReadOnlyList<ServiceProcess> Services => _services;

    public HttpClient Provider { get; private set; } = null!;

    /// <summary>The lines by the pair that they stand between, such as <c>dispatcher-credits</c>.</summary>
    public IReadOnlyDictionary<string, Line> Lines => _lines;

    public Uri GatewayGrpc { get; private set; } = null!;

    public Uri GatewayRest { get; private set; } = null!;

    private readonly List<Uri> _creditsAddresses = [];
    private readonly List<Uri> _dispatcherAddresses = [];

    public static async Task<Installation> StartAsync(InstallationShape? shape = null)
    {
        var installation = new Installation(shape ?? new());
        try
        {
            await installation.RunAsync();
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    private async Task RunAsync()
    {
        var broker = Shape.CreditsAlone ? null : RabbitServer.StartAsync(Shape.BrokerNodes, Tenant, "other");
        if (Shape.SmallDisk)
            Disk = SmallDisk.On(Path.Combine(_folder, "disk"));
        if (Shape.RedisCluster)
            Cluster = await RedisCluster.StartAsync();
        else if (!Shape.Sqlite)
            Redis = await (Disk is null ? RedisServer.StartAsync() : RedisServer.StartOnAsync(Disk));
        if (broker is null)
        {
            await RunCreditsAloneAsync();
            return;
        }

        Broker = await broker;

        var ports = Ports.Free(1 + 2 * (2 + Shape.CreditsInstances + Shape.DispatcherInstances));
        var next = 0;
        (int Grpc, int Http) Take() => (ports[next++], ports[next++]);

        var sandboxPort = ports[^1];
        Sandbox = Service("sandbox", "Pennypost.Sandbox", sandboxPort, "/health", new()
        {
            ["urls"] = Url(sandboxPort),
            ["Sandbox:ApiKey"] = ProviderKey,
            ["Sandbox:Path"] = Path.Combine(_folder, "sandbox.db"),
            ["Sandbox:DuePollMs"] = "20",
            // Five tries with growing pauses, as the provider makes them: what is dropped after them nobody asks for yet, and rows that crash dispatchers for minutes would lose replies.
            ["Sandbox:WebhookRetryDelaysMs:0"] = "300",
            ["Sandbox:WebhookRetryDelaysMs:1"] = "1000",
            ["Sandbox:WebhookRetryDelaysMs:2"] = "5000",
            ["Sandbox:WebhookRetryDelaysMs:3"] = "30000",
            ["Sandbox:WebhookRetryDelaysMs:4"] = "150000",
            ["Logging:LogLevel:Default"] = "Warning",
        });
        Provider = new HttpClient { BaseAddress = new Uri(Url(sandboxPort)), Timeout = TimeSpan.FromSeconds(30) };
        Provider.DefaultRequestHeaders.Add("X-API-KEY", ProviderKey);

        var router = Take();
        Router = Hosted("router", "Pennypost.Router", router, []);
        var credits = Enumerable.Range(1, Shape.CreditsInstances).Select(_ => Take()).ToList();
        AddCredits(credits);
        var dispatchers = Enumerable.Range(1, Shape.DispatcherInstances).Select(_ => Take()).ToList();
        _dispatcherAddresses.AddRange(dispatchers.Select(port => new Uri(Url(port.Grpc))));
        Dispatchers = [.. dispatchers.Select((port, index) => Hosted($"dispatcher-{index + 1}", "Pennypost.Dispatcher", port, new(Kept("dispatcher"))
        {
            ["Hosting:Peers:credits"] = string.Join(',', credits.Select((to, instance) => Url(Between($"dispatcher-credits-{instance + 1}", to.Grpc)))),
            ["Hosting:Peers:router"] = Url(Between("dispatcher-router", router.Grpc)),
            ["Dispatcher:IdentifierKey"] = IdentifierKey,
            ["Dispatcher:KeyRingPath"] = Path.Combine(_folder, "keyring"),
            ["Dispatcher:RecoverAfter"] = "00:00:02",
            ["Dispatcher:WriteLease"] = "00:00:04",
            ["Dispatcher:ClockMargin"] = "00:00:00.500",
            ["Dispatcher:SettlingTime"] = "00:00:04",
            ["Dispatcher:VerifyEvery"] = "00:00:00.500",
            ["Dispatcher:RetryEvery"] = "00:00:00.500",
            ["Dispatcher:WorkLease"] = "00:00:01",
            // When a test moves the clock, nobody tells the services.
            ["Dispatcher:ReleasePoll"] = "00:00:00.200",
            ["Dispatcher:Provider:AttemptSeconds"] = "1",
            ["Dispatcher:Provider:TotalSeconds"] = "3",
            ["Dispatcher:Inbox:WhileAwaiting"] = $"{Shape.InboxPoll:c}",
            ["Dispatcher:Inbox:Otherwise"] = $"{Shape.InboxPoll:c}",
            ["Dispatcher:Inbox:Relations"] = $"{Shape.InboxPoll:c}",
            ["Dispatcher:Inbox:Balance"] = $"{Shape.InboxPoll:c}",
            ["Transport:Tenants:0"] = Tenant,
            ["Transport:Tenants:1"] = "other",
        }))];
        if (Shape.Gateway)
        {
            var gateway = Take();
            (GatewayGrpc, GatewayRest) = (new Uri(Url(gateway.Grpc)), new Uri(Url(gateway.Http)));
            Gateway = Hosted("gateway", "Pennypost.Gateway", gateway, new(Kept("gateway"))
            {
                ["Hosting:Peers:credits"] = string.Join(',', credits.Select((to, instance) => Url(Between($"gateway-credits-{instance + 1}", to.Grpc)))),
                ["Hosting:Peers:dispatcher"] = string.Join(',', dispatchers.Select((to, instance) => Url(Between($"gateway-dispatcher-{instance + 1}", to.Grpc)))),
                ["Gateway:KeyHashSecret"] = HashSecret,
                ["Gateway:Webhooks:AllowLoopback"] = "true",
                ["Gateway:Webhooks:Timeout"] = "00:00:01",
                ["Gateway:Webhooks:Lease"] = "00:00:03",
                ["Gateway:Webhooks:FirstPause"] = "00:00:00.500",
                ["Gateway:Webhooks:LongestPause"] = "00:00:02",
                ["Gateway:Webhooks:BreakerPause"] = "00:00:00.500",
            });
        }

        // Stores are created by whoever comes first; two at once is what the second instance is there for.
        await Task.WhenAll(Sandbox.StartAsync(), Router.StartAsync());
        await Task.WhenAll(Credits.Select(service => service.StartAsync()));
        await Task.WhenAll(Dispatchers.Select(service => service.StartAsync()));
        if (Gateway is not null)
            await Gateway.StartAsync();
    }

    private async Task RunCreditsAloneAsync()
    {
        var ports = Ports.Free(2 * Shape.CreditsInstances);
        AddCredits([.. Enumerable.Range(0, Shape.CreditsInstances).Select(instance => (ports[2 * instance], ports[(2 * instance) + 1]))]);
        await Task.WhenAll(Credits.Select(service => service.StartAsync()));
    }

    private void AddCredits(IReadOnlyList<(int Grpc, int Http)> ports)
    {
        _creditsAddresses.AddRange(ports.Select(port => new Uri(Url(port.Grpc))));
        Credits = [.. ports.Select((port, index) => Hosted($"credits-{index + 1}", "Pennypost.Credits", port, new(Kept("credits")) { ["Credits:SweepPoll"] = "00:00:00.200" }))];
    }

    /// <summary>How to open the store that credits keeps its state in: the same data, by one writer more.</summary>
    public StoreOptions CreditsStore => Shape.Sqlite
        ? new() { Backend = StoreBackend.Sqlite, Path = SqliteFile }
        : new() { Backend = StoreBackend.Redis, ConnectionString = Redis?.ConnectionString ?? Cluster!.ConnectionString };

    /// <summary>A service's store, opened by one writer more.</summary>
    public StateStore StoreOf(string service) => new(service, CreditsStore, TimeProvider.System, NullLogger<StateStore>.Instance);

    /// <summary>The file of <see cref="InstallationShape.Sqlite"/>.</summary>
    public string SqliteFile => Path.Combine(Disk?.Folder ?? _folder, "credits.db");

    /// <summary>Where a service keeps its state and finds the broker.</summary>
    private Dictionary<string, string> Kept(string service)
    {
        var settings = new Dictionary<string, string>
        {
            ["Store:Backend"] = Shape.Sqlite ? "Sqlite" : "Redis",
            [Shape.Sqlite ? "Store:Path" : "Store:ConnectionString"] = Shape.Sqlite ? SqliteFile : Redis is null ? Cluster!.ConnectionString : $"127.0.0.1:{Between($"{service}-redis", Redis.Port)}",
            ["Store:CallTimeout"] = "00:00:02",
            ["Store:RelayPoll"] = "00:00:01",
            ["Store:RelayLease"] = "00:00:05",
        };
        if (Shape.CreditsAlone)
            return settings;
        settings["Transport:Kind"] = "RabbitMq";
        settings["Transport:User"] = service;
        settings["Transport:Password"] = RabbitServer.Password;
        for (var node = 0; node < Broker.Hosts.Count; node++)
        {
            var port = int.Parse(Broker.Hosts[node].Split(':')[1], CultureInfo.InvariantCulture);
            settings[$"Transport:Hosts:{node}"] = $"127.0.0.1:{Between($"{service}-broker-{node + 1}", port)}";
        }

        return settings;
    }

    /// <summary>The port to call: of a line before the target, if there are lines.</summary>
    private int Between(string pair, int target)
    {
        if (!Shape.Lines)
            return target;
        if (!_lines.TryGetValue(pair, out var line))
            _lines[pair] = line = new Line(target, seed: _lines.Count + 1);
        return line.Port;
    }

    private ServiceProcess Hosted(string name, string assembly, (int Grpc, int Http) port, Dictionary<string, string> settings) =>
        Service(name, assembly, port.Http, "/health/live", new(settings)
        {
            ["Hosting:GrpcPort"] = port.Grpc.ToString(CultureInfo.InvariantCulture),
            ["Hosting:HttpPort"] = port.Http.ToString(CultureInfo.InvariantCulture),
            ["Hosting:ServiceTokens:0"] = ServiceToken,
            ["Hosting:ShutdownSeconds"] = "20",
            ["Logging:LogLevel:Default"] = "Warning",
        });

    /// <summary>What only tests that crash things set.</summary>
    private static readonly string[] _hurried =
    [
        "Store:CallTimeout", "Store:RelayPoll", "Store:RelayLease", "Dispatcher:RecoverAfter", "Dispatcher:WriteLease", "Dispatcher:ClockMargin", "Dispatcher:SettlingTime", "Dispatcher:VerifyEvery",
        "Dispatcher:RetryEvery", "Dispatcher:WorkLease", "Dispatcher:Provider:AttemptSeconds", "Dispatcher:Provider:TotalSeconds", "Gateway:Webhooks:Timeout", "Gateway:Webhooks:Lease", "Gateway:Webhooks:FirstPause", "Gateway:Webhooks:LongestPause",
        "Gateway:Webhooks:BreakerPause",
    ];

    private ServiceProcess Service(string name, string assembly, int httpPort, string health, Dictionary<string, string> settings)
    {
        if (Shape.PatientTimes)
            foreach (var key in _hurried)
                settings.Remove(key);
        var service = new ServiceProcess(name, Path.Combine(AppContext.BaseDirectory, assembly + ".dll"), settings, new Uri(Url(httpPort) + health)) { OnSmallDisk = Disk is not null };
        _services.Add(service);
        return service;
    }

    private static string Url(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");

    private GrpcChannel Channel(Uri address)
    {
        var channel = GrpcChannel.ForAddress(address);
        _channels.Add(channel);
        return channel;
    }

    public static Metadata As(string tenant = Tenant) => new() { { "authorization", $"Bearer {ServiceToken}" }, { "pennypost-tenant", tenant } };

    /// <summary>One instance's own face, without balancing.</summary>
    public CreditsService.CreditsServiceClient CreditsOf(int instance = 0) => new(Channel(_creditsAddresses[instance]));

    /// <summary>One instance's own face, without balancing.</summary>
    public DispatcherService.DispatcherServiceClient DispatcherOf(int instance = 0) => new(Channel(_dispatcherAddresses[instance]));

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels)
            channel.Dispose();
        Provider?.Dispose();
        foreach (var service in Enumerable.Reverse(_services))
            await service.DisposeAsync();
        foreach (var line in _lines.Values)
            await line.DisposeAsync();
        if (Broker is not null)
            await Broker.DisposeAsync();
        if (Redis is not null)
            await Redis.DisposeAsync();
        if (Cluster is not null)
            await Cluster.DisposeAsync();
        Disk?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
