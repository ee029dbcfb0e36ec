using System.Diagnostics;
using System.Globalization;

namespace Faults;

/// <summary>
/// X9: the disk is full under Redis' log or under SQLite's file. Nothing is acknowledged that is not there afterwards; callers are told that a dependency is missing; with space, work goes on by itself. A Redis
/// whose log must be on the disk before it answers ends when it cannot write it: what starts it again in production (restart: unless-stopped) does so here.
/// </summary>
public static class FillingTheDisk
{
    private const string Refused = "Unavailable DEPENDENCY_UNAVAILABLE";

    // A call whose time was up while the store came back.
    private const string Late = "DeadlineExceeded";
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    public static Row Row { get; } = new("X9", "The disk is full under Redis' log or SQLite's file, and has space again", 200, new() { CreditsAlone = true, SmallDisk = true }, RunAsync) { Topologies = [Row.Single, Row.Sqlite] };

    private static async Task<Outcome> RunAsync(Installation installation, int times, CancellationToken ct)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var load = await LedgerLoad.StartAsync(installation);
        var (violations, recoveries, history, chance) = (new List<string>(), new List<TimeSpan>(), load.Calls.History, new Random(times));
        var (disk, writers) = (installation.Disk!, installation.Redis is { } redis ? () => [redis.Id] : (Func<IEnumerable<int>>)(() => installation.Credits.Select(service => service.Id)));
        for (var time = 0; time < times && !ct.IsCancellationRequested; time++)
        {
            await load.MoreAsync(100, _limit);
            var before = history.Excuses.GetValueOrDefault(Refused);
            disk.Fill(writers());
            // Redis that has ended comes back on the full disk as often as it likes; one that only was kept from growing its files would meet no limit any more.
            using var full = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var supervisor = disk.IsMounted ? SuperviseAsync(installation.Redis, full.Token) : Task.CompletedTask;
            await Eventually.TrueAsync(() => history.Excuses.GetValueOrDefault(Refused) >= before + 60, _limit, "commands are refused for want of space");
            if (installation.Redis is null)
            {
                // A commit that a full disk refused did nothing, and is known to have done nothing: nobody tries it again and again until its caller has given up.
                violations.AddRange(installation.Credits.Where(service => disk.IsMounted && service.Output.Contains("nobody knows", StringComparison.Ordinal)).Select(service => $"{service.Name} took a refused commit for one of unknown outcome"));
                // What is there can be read.
                foreach (var pool in load.Pools)
                    if (!await load.Calls.CanReadAsync(chance, pool))
                        violations.Add($"{pool} could not be read while the disk was full");
            }

            disk.Free(writers());
            var ended = Stopwatch.GetTimestamp();
            await full.CancelAsync();
            await supervisor;
            await SuperviseOnceAsync(installation.Redis);
            await load.MoreAsync(50, _limit);
            recoveries.Add(Stopwatch.GetElapsedTime(ended));
        }

        violations.AddRange(await load.CheckAsync(_limit));
        violations.AddRange(history.Excuses.Keys.Where(excuse => excuse != Refused && !excuse.StartsWith(Late, StringComparison.Ordinal)).Select(excuse => $"{history.Excuses[excuse]} callers were told {excuse}"));
        return new Outcome
        {
            Faults = times,
            Acknowledged = load.Count,
            Violations = violations,
            Recoveries = recoveries,
            Remark = string.Create(CultureInfo.InvariantCulture, $"{history.Unanswered} calls refused; {(disk.IsMounted ? "a mounted disk" : "a limit on files")}"),
        };
    }

    private static async Task SuperviseAsync(RedisServer? redis, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await SuperviseOnceAsync(redis);
            await Task.Delay(200, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task SuperviseOnceAsync(RedisServer? redis)
    {
        if (redis is null or { IsRunning: true })
            return;
        redis.Kill();
        try
        {
            await redis.RunAsync();
        }
        catch (InvalidOperationException)
        {
            // The disk is still full.
        }
    }
}
