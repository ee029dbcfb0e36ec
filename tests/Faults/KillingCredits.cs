using System.Diagnostics;

namespace Faults;

/// <summary>X1: the credits service is killed at random, or at a named gap, while callers place and settle holds on two instances.</summary>
public static class KillingCredits
{
    private static readonly string[] _points = ["before-commit", "after-commit", "after-publish"];
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(40);

    public static Row Row { get; } = new("X1", "SIGKILL of the credits service under mixed load, at random and at each named crash point", 10_000, new() { DispatcherInstances = 0, Gateway = false }, RunAsync);

    private static async Task<Outcome> RunAsync(Installation installation, int kills, CancellationToken ct)
    {
        await using var load = await LedgerLoad.StartAsync(installation);
        var (recoveries, chance) = (new List<TimeSpan>(), new Random(kills));
        for (var kill = 0; kill < kills && !ct.IsCancellationRequested; kill++)
        {
            var victim = installation.Credits[kill % installation.Credits.Count];
            // One in two at a gap, each gap in its turn; the others whenever it happens to be.
            var point = kill % 2 == 1 ? _points[kill / 2 % _points.Length] : "";
            await load.MoreAsync(50, _limit);
            if (point.Length > 0)
            {
                victim.Kill();
                await victim.StartAsync(("Hosting:CrashAt", point), ("Hosting:CrashAtNth", point == "after-publish" ? "1" : $"{1 + chance.Next(40)}"));
                await victim.UntilDeadAsync(_limit);
            }
            else
            {
                await Task.Delay(chance.Next(300), ct);
                victim.Kill();
            }

            var ended = Stopwatch.GetTimestamp();
            await victim.StartAsync(("Hosting:CrashAt", ""));
            await load.MoreAsync(20, _limit);
            recoveries.Add(Stopwatch.GetElapsedTime(ended));
        }

        var violations = await load.CheckAsync(_limit);
        return new Outcome { Faults = kills, Acknowledged = load.Count, Violations = violations, Recoveries = recoveries };
    }
}

/// <summary>X2: Redis is killed under load, and comes back with what it had acknowledged.</summary>
public static class KillingRedis
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    public static Row Row { get; } = new("X2", "SIGKILL of Redis (appendfsync always) under mixed load; of a Cluster, of one master at a time", 2_000, new() { DispatcherInstances = 0, Gateway = false }, RunAsync);

    private static async Task<Outcome> RunAsync(Installation installation, int kills, CancellationToken ct)
    {
        await using var load = await LedgerLoad.StartAsync(installation);
        var (recoveries, chance) = (new List<TimeSpan>(), new Random(kills));
        for (var kill = 0; kill < kills && !ct.IsCancellationRequested; kill++)
        {
            await load.MoreAsync(50, _limit);
            await Task.Delay(chance.Next(200), ct);
            var ended = Stopwatch.GetTimestamp();
            if (installation.Redis is { } redis)
            {
                redis.Kill();
                await redis.RunAsync();
            }
            else
            {
                // The killed master comes back at once, before a replica could take over what it lacks: what asynchronous replication cannot promise is not tested as if it did.
                var cluster = installation.Cluster!;
                var masters = await cluster.MastersAsync();
                var victim = masters[kill % masters.Count];
                cluster.Nodes[victim].Kill();
                await cluster.RestartAsync(victim);
            }

            await load.MoreAsync(20, _limit);
            recoveries.Add(Stopwatch.GetElapsedTime(ended));
        }

        var violations = await load.CheckAsync(_limit);
        return new Outcome { Faults = kills, Acknowledged = load.Count, Violations = violations, Recoveries = recoveries };
    }
}

/// <summary>X3: one instance is stopped as a whole, another writes on, and the first goes on with what it believed.</summary>
public static class StoppingCredits
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(40);

    public static Row Row { get; } = new("X3", "SIGSTOP of one credits instance while the other writes, then SIGCONT: the stale writer is refused", 1_000, new() { DispatcherInstances = 0, Gateway = false }, RunAsync);

    private static async Task<Outcome> RunAsync(Installation installation, int stops, CancellationToken ct)
    {
        // Few pools: both instances write the same ones all the time.
        await using var load = await LedgerLoad.StartAsync(installation, pools: 2);
        var (recoveries, chance) = (new List<TimeSpan>(), new Random(stops));
        for (var stop = 0; stop < stops && !ct.IsCancellationRequested; stop++)
        {
            var victim = installation.Credits[stop % installation.Credits.Count];
            await load.MoreAsync(50, _limit);
            await Task.Delay(chance.Next(200), ct);
            victim.Stop();
            await load.MoreAsync(50, _limit);
            var ended = Stopwatch.GetTimestamp();
            victim.Continue();
            await load.MoreAsync(20, _limit);
            recoveries.Add(Stopwatch.GetElapsedTime(ended));
        }

        var violations = await load.CheckAsync(_limit);
        return new Outcome { Faults = stops, Acknowledged = load.Count, Violations = violations, Recoveries = recoveries };
    }
}
