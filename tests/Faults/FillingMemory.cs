using System.Diagnostics;
using System.Globalization;

namespace Faults;

/// <summary>X17: Redis has no memory left under load. Commands are refused as a whole and with one reason, reads go on; when there is memory again, so do commands, by themselves.</summary>
public static class FillingMemory
{
    private const string Refused = "Unavailable DEPENDENCY_UNAVAILABLE";
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    public static Row Row { get; } = new("X17", "Redis reaches maxmemory under load, and is given more again", 200, new() { CreditsAlone = true }, RunAsync) { Topologies = [Row.Single, Row.RedisCluster] };

    private static async Task<Outcome> RunAsync(Installation installation, int times, CancellationToken ct)
    {
        await using var load = await LedgerLoad.StartAsync(installation);
        var (violations, recoveries, history, chance) = (new List<string>(), new List<TimeSpan>(), load.Calls.History, new Random(times));
        for (var time = 0; time < times && !ct.IsCancellationRequested; time++)
        {
            await load.MoreAsync(100, _limit);
            var masters = installation.Cluster is { } cluster ? (await cluster.MastersAsync()).Select(master => cluster.Nodes[master]).ToList() : [installation.Redis!];
            foreach (var master in masters)
                await SetAsync(master, used => used + (20 << 10) + chance.Next(60 << 10));
            var before = history.Excuses.GetValueOrDefault(Refused);
            await Eventually.TrueAsync(() => history.Excuses.GetValueOrDefault(Refused) >= before + 60, _limit, "commands are refused for want of memory");
            foreach (var pool in load.Pools)
                if (!await load.Calls.CanReadAsync(chance, pool))
                    violations.Add($"{pool} could not be read while memory was full");
            var ended = Stopwatch.GetTimestamp();
            foreach (var master in masters)
                await SetAsync(master, _ => 0);
            await load.MoreAsync(50, _limit);
            recoveries.Add(Stopwatch.GetElapsedTime(ended));
        }

        violations.AddRange(await load.CheckAsync(_limit));
        violations.AddRange(history.Excuses.Keys.Where(excuse => excuse != Refused).Select(excuse => $"{history.Excuses[excuse]} callers were told {excuse}"));
        return new Outcome
        {
            Faults = times,
            Acknowledged = load.Count,
            Violations = violations,
            Recoveries = recoveries,
            Remark = string.Create(CultureInfo.InvariantCulture, $"{history.Unanswered} calls refused"),
        };
    }

    private static async Task SetAsync(RedisServer server, Func<long, long> bytes)
    {
        await using var connection = await server.ConnectAsync();
        var redis = connection.GetServer(server.ConnectionString);
        var used = long.Parse((await redis.InfoAsync("memory")).Single().Single(line => line.Key == "used_memory").Value, CultureInfo.InvariantCulture);
        await redis.ConfigSetAsync("maxmemory", bytes(used));
    }
}
