using System.Diagnostics;
using Pennypost.Bench.Figures;
using Pennypost.Bench.Load;
using Pennypost.Bench.Servers;
using Topology;

namespace Pennypost.Bench;

/// <summary>One thing that is measured: a server, and what it keeps its state in.</summary>
internal sealed class Contender : IAsyncDisposable
{
    /// <summary>More holds a second than anything here places: so many pools are opened before a measurement.</summary>
    private const double MostPerSecond = 350_000;
    private const double MostInBulkPerSecond = 2_000_000;

    // A server that takes less of a core than this is through with what it was asked.
    private const double Idle = 0.05;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(2);

    private static int measurements;
    private readonly Target target;

    private Contender(string name, bool hasPools, OwnProcess server, OwnProcess? store, string? token = null) =>
        (Name, HasPools, Server, Store, target) = (name, hasPools, server, store, new Target(server.Address, token ?? Front.Token, "bench"));

    public string Name { get; }

    /// <summary>False: an echo, to which one pool is like another.</summary>
    public bool HasPools { get; }

    /// <summary>Whether it is asked in bulk too.</summary>
    public bool HasStreams => Name is "echo" or "null" or "full" or "lua";

    public OwnProcess Server { get; }

    public OwnProcess? Store { get; }

    /// <summary>One that keeps nothing.</summary>
    public static async Task<Contender> AloneAsync(string name) => new(name, name == "null", await OwnProcess.SelfAsync("serve", name), null);

    /// <summary>One that asks another one, whose processor time is told as the store's.</summary>
    public static async Task<Contender> BeforeAsync(string peer, string name, string token)
    {
        var behind = await OwnProcess.SelfAsync("serve", peer);
        return new Contender(name, false, await OwnProcess.SelfAsync("serve", name, "--store", behind.Address.ToString()), behind, token);
    }

    public static async Task<Contender> OnRedisAsync(string name)
    {
        var redis = await OwnProcess.RedisAsync();
        return new Contender(name, true, await OwnProcess.SelfAsync("serve", name, "--store", redis.Address.Authority), redis);
    }

    /// <summary>The full service as another build of this program starts it (null: this one), with more in its environment.</summary>
    public static async Task<Contender> OtherAsync(string? assembly, IReadOnlyDictionary<string, string> environment)
    {
        var redis = await OwnProcess.RedisAsync();
        return new Contender("other", true, await OwnProcess.BuildAsync(assembly ?? typeof(Contender).Assembly.Location, environment, "serve", "full", "--store", redis.Address.Authority), redis);
    }

    public static async Task<Contender> OnPostgresAsync()
    {
        var postgres = OwnProcess.Postgres(Ports.Free(1)[0]);
        var connection = $"Host={postgres.Folder};Port={postgres.Address.Port};Username=bench;Database=postgres;Maximum Pool Size={PostgresConnections};Max Auto Prepare=10";
        return new Contender("postgres", true, await OwnProcess.SelfAsync("serve", "postgres", "--store", connection), postgres);
    }

    /// <summary>What did best of 8, 16, 32 and 64 when it was tried.</summary>
    private const int PostgresConnections = 32;

    /// <summary>A closed loop for so long on new pools, and what it cost.</summary>
    public Sample Measure(PoolChoice choice, TimeSpan length) => Measure(choice, Open(choice, (long)(MostPerSecond * length.TotalSeconds)), length);

    /// <summary>The same on pools that are there.</summary>
    public Sample Measure(PoolChoice choice, string prefix, TimeSpan length) => Measure(choice, prefix, length, (holds, time) => Callers.Loop(target, holds, time));

    /// <summary>The same in bulk: streams of commands on new pools.</summary>
    public Sample Transact(PoolChoice choice, TimeSpan length) =>
        Measure(choice, Open(choice, (long)(MostInBulkPerSecond * length.TotalSeconds)), length, (holds, time) => Streams.Loop(target, holds, time));

    private Sample Measure(PoolChoice choice, string prefix, TimeSpan length, Func<Requests.Holds, TimeSpan, (long Operations, double Seconds)> run)
    {
        var ids = NextPrefix();
        return Measure(length, (_, time) => run(new Requests.Holds(prefix, choice, ids), time));
    }

    /// <summary>Whatever is asked of it for so long, and what it cost.</summary>
    public Sample Measure(TimeSpan length, Func<Target, TimeSpan, (long Operations, double Seconds)> run)
    {
        Settle();
        var (server, store, client, committed) = (Server.CpuSeconds(), Store?.CpuSeconds() ?? 0, Environment.CpuUsage.TotalTime, Server.Committed());
        var (operations, seconds) = run(target, length);
        client = Environment.CpuUsage.TotalTime - client;
        Settle();
        var done = Server.Committed().Since(committed);
        return new Sample(operations, seconds, Server.CpuSeconds() - server, (Store?.CpuSeconds() ?? 0) - store, client.TotalSeconds, done.Commits, done.Commands, done.AllocatedBytes, done.CompilerCpu);
    }

    /// <summary>An open loop for so long.</summary>
    public Latencies Arrive(PoolChoice choice, double perSecond, TimeSpan length)
    {
        var prefix = Open(choice, (long)(perSecond * length.TotalSeconds * 1.2));
        Settle();
        return Callers.Arrive(target, new Requests.Holds(prefix, choice, prefix), perSecond, length, measurements);
    }

    /// <summary>An open loop of requests that need no pool.</summary>
    public Latencies Arrive(Requests requests, double perSecond, TimeSpan length)
    {
        Settle();
        return Callers.Arrive(target, requests, perSecond, length, ++measurements);
    }

    /// <summary>Opens new pools for so many holds.</summary>
    /// <returns>What the names of the pools begin with.</returns>
    public string Open(PoolChoice choice, long holds)
    {
        var prefix = NextPrefix();
        if (!HasPools) return prefix;
        var pools = new Requests.Pools(prefix, choice);
        Callers.Loop(target, pools, TimeSpan.MaxValue, pools.Count(holds));
        return prefix;
    }

    private static string NextPrefix() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"p{++measurements}");

    /// <summary>Waits until nothing is left over from before: it would be put down to whatever comes next.</summary>
    public void Settle()
    {
        var started = Stopwatch.GetTimestamp();
        var before = Cpu();
        while (Stopwatch.GetElapsedTime(started) < LongestSettling)
        {
            Thread.Sleep(Look);
            var after = Cpu();
            if (after - before < Idle * Look.TotalSeconds) return;
            before = after;
        }

        double Cpu() => Server.CpuSeconds() + (Store?.CpuSeconds() ?? 0);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        if (Store is not null) await Store.DisposeAsync();
    }
}
