using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Transport;
using Pennypost.Types.V1;
using Topology;
using static Pennypost.Credits.V1.CreditsService;

namespace Pennypost.Credits.Tests.Service;

/// <summary>Where the service under test keeps its state.</summary>
public enum Keeping
{
    Memory,
    File,
    Redis,

    /// <summary>Three masters with a replica each.</summary>
    RedisCluster,
}

/// <summary>The real service on loopback, on SQLite in memory or in a file, on a real Redis or a real Redis Cluster, with a clock of its own that tests move.</summary>
internal sealed class CreditsApp : IAsyncDisposable
{
    private const string Token = "a-service-token-of-thirty-two-characters";
    private static readonly Lazy<string> Files = new(NewFolder);
    private readonly WebApplication app;
    private readonly GrpcChannel channel;
    private readonly IAsyncDisposable subscription;

    private CreditsApp(WebApplication app)
    {
        this.app = app;
        channel = GrpcChannel.ForAddress(app.GrpcAddress());
        Client = new CreditsServiceClient(channel);
        subscription = app.Services.GetRequiredService<IEventTopic>().Subscribe(new EventGroup("test", "pool"), (told, _) =>
        {
            Events.Enqueue((told, (PoolEvent)told.Data));
            return Task.CompletedTask;
        });
    }

    public CreditsServiceClient Client { get; }

    public ConcurrentQueue<(EventEnvelope Envelope, PoolEvent Event)> Events { get; } = new();

    public StateStore Store => app.Services.GetRequiredService<StateStore>();

    /// <summary>A name that no other test's state has.</summary>
    public static string NewPrefix() => Guid.NewGuid().ToString("N");

    /// <param name="keeping">Where it keeps its state.</param>
    /// <param name="prefix">Apps with the same one share their state, as instances of one installation do.</param>
    /// <param name="settings">More of its configuration.</param>
    public static async Task<CreditsApp> StartAsync(Keeping keeping = Keeping.Memory, string? prefix = null, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        prefix ??= NewPrefix();
        var connection = keeping switch
        {
            Keeping.Redis => (await RedisServer.SharedAsync()).ConnectionString,
            Keeping.RedisCluster => (await RedisCluster.SharedAsync()).ConnectionString,
            _ => null,
        };
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Hosting:ServiceTokens:0"] = Token,
            ["Store:Backend"] = connection is null ? "Sqlite" : "Redis",
            ["Store:Path"] = keeping == Keeping.File ? Path.Combine(Files.Value, prefix + ".db") : ":memory:",
            ["Store:ConnectionString"] = connection,
            ["Store:Prefix"] = prefix,
            ["Credits:SweepPoll"] = "00:00:00.200",
            ["Store:FollowPoll"] = "00:00:00.100",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)));
        builder.AddCredits();
        var app = builder.Build();
        app.MapCredits();
        await app.StartAsync();
        return new CreditsApp(app);
    }

    private static string NewFolder()
    {
        var folder = Directory.CreateTempSubdirectory("pennypost-credits-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }

    public static CallOptions As(string tenant = "acme") => new(
        new Metadata { { "authorization", $"Bearer {Token}" }, { "pennypost-tenant", tenant } }, DateTime.UtcNow.AddSeconds(30));

    public Task<DateTimeOffset> NowAsync() => Store.NowAsync(CancellationToken.None);

    public Task AdvanceAsync(TimeSpan by) => Store.AdvanceClockAsync(by, CancellationToken.None);

    public async Task<Pool> OpenAsync(string poolId = "p1", long? balance = null, string plan = "sales_navigator_core", string tenant = "acme")
    {
        var request = new CreatePoolRequest { PoolId = poolId, PlanId = plan };
        if (balance is { } observed) request.OpeningBalance = observed;
        if (!plan.StartsWith("sales", StringComparison.Ordinal)) request.Renewal = new Renewal { BillingAnchor = new BillingAnchor { Day = 31 } };
        return (await Client.CreatePoolAsync(request, As(tenant))).Pool;
    }

    public async Task<Pool> PoolAsync(string poolId = "p1", string tenant = "acme") => (await Client.GetPoolAsync(new GetPoolRequest { PoolId = poolId }, As(tenant))).Pool;

    public AsyncUnaryCall<PlaceHoldResponse> Place(string holdId, string poolId = "p1", string account = "acc") =>
        Client.PlaceHoldAsync(new PlaceHoldRequest { PoolId = poolId, HoldId = holdId, AccountId = account }, As());

    public async Task<CaptureHoldResponse> CaptureAsync(string holdId, DateTimeOffset? sentAt = null) =>
        await Client.CaptureHoldAsync(new CaptureHoldRequest { PoolId = "p1", HoldId = holdId, SendTime = Timestamp.FromDateTimeOffset(sentAt ?? await NowAsync()) }, As());

    public async Task<RefundHoldResponse> RefundAsync(string holdId, DateTimeOffset? repliedAt = null) =>
        await Client.RefundHoldAsync(
            new RefundHoldRequest { PoolId = "p1", HoldId = holdId, ReplyTime = Timestamp.FromDateTimeOffset(repliedAt ?? await NowAsync()), Trigger = RefundTrigger.Reply }, As());

    public async Task VerifyAsync(string poolId = "p1")
    {
        var proof = await Client.VerifyJournalAsync(new VerifyJournalRequest { PoolId = poolId }, As());
        Assert.Empty(proof.Findings);
        Assert.True(proof.Valid);
    }

    /// <summary>The call fails with this reason; its metadata comes back.</summary>
    public static async Task<RpcFault> RefusedAsync<T>(AsyncUnaryCall<T> call, string reason, StatusCode code)
    {
        var fault = RpcFault.From(await Assert.ThrowsAsync<RpcException>(async () => await call));
        Assert.Equal((reason, code, "credits.pennypost.dev"), (fault.Reason, fault.Code, fault.Domain));
        return fault;
    }

    /// <summary>Stops the service as a SIGTERM does; its callers are still there.</summary>
    public Task StopAsync() => app.StopAsync();

    /// <summary>Calls the service over a line of one's own.</summary>
    public GrpcChannel Line(SocketsHttpHandler? handler = null) => GrpcChannel.ForAddress(app.GrpcAddress(), new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });

    public static Timestamp Time(string text) => Timestamp.FromDateTimeOffset(DateTimeOffset.Parse(text, CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        await subscription.DisposeAsync();
        channel.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
