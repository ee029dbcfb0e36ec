using System.Diagnostics;

namespace Faults;

/// <summary>X4: dispatchers are killed at every named gap in turn, two at different gaps at a time, while messages come and replies with them.</summary>
public static class CrashingAtPoints
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    /// <summary>The dispatcher's gaps, by the names that its settings know.</summary>
    public static IReadOnlyList<string> Points { get; } =
    [
        "after-claim-id", "after-accept", "after-open", "after-permit", "after-hold", "after-intent", "after-call", "after-outcome", "after-capture", "after-account-settled", "before-acknowledge", "after-publish",
        "after-count", "after-reply", "after-refund",
    ];

    public static Row Row { get; } = new("X4", "SIGKILL of dispatchers at each named crash point", 1_000 * Points.Count, new(), RunAsync);

    private static async Task<Outcome> RunAsync(Installation installation, int kills, CancellationToken ct)
    {
        await using var load = await MessageLoad.StartAsync(installation, 100 + 20 * kills, TimeSpan.FromMilliseconds(80));
        var recoveries = new List<TimeSpan>();
        var next = -1;
        await Task.WhenAll(installation.Dispatchers.Select(async victim =>
        {
            // Each goes on with the next gap as soon as it is dead: what the last one left is taken up by the other, or by it on its way to the next.
            for (var kill = Interlocked.Increment(ref next); kill < kills && !ct.IsCancellationRequested; kill = Interlocked.Increment(ref next))
            {
                victim.Kill();
                await victim.StartAsync(("Hosting:CrashAt", Points[kill % Points.Count]), ("Hosting:CrashAtNth", $"{1 + kill / Points.Count % 3}"));
                await victim.UntilDeadAsync(_limit);
            }

            var ended = Stopwatch.GetTimestamp();
            await victim.StartAsync(("Hosting:CrashAt", ""));
            lock (recoveries)
                recoveries.Add(Stopwatch.GetElapsedTime(ended));
        }));
        var (violations, inDoubt) = await load.CheckAsync(TimeSpan.FromSeconds(90));
        return new Outcome { Faults = kills, Acknowledged = load.Accepted.Count, Violations = violations, Recoveries = recoveries, Remark = $"{inDoubt} sends were in doubt, and settled by themselves" };
    }
}

/// <summary>X23: dispatchers are stopped at every named gap for ten leases while another works, and then go on with what they believed.</summary>
public static class StoppingAtPoints
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    // More than ten times as long as released work may stay unfinished (1 s), and longer than a write lease and the settling time together (4 s each).
    private static readonly TimeSpan _tenLeases = TimeSpan.FromSeconds(12);

    public static Row Row { get; } = new(
        "X23", "SIGSTOP of dispatchers at each named crash point for ten leases while another works, then SIGCONT", CrashingAtPoints.Points.Count * 10, new() { DispatcherInstances = 5 }, RunAsync);

    private static async Task<Outcome> RunAsync(Installation installation, int stops, CancellationToken ct)
    {
        await using var load = await MessageLoad.StartAsync(installation, 100 + 60 * stops, TimeSpan.FromMilliseconds(100));
        // The last one is never stopped: it does the work of those that are.
        var victims = installation.Dispatchers.SkipLast(1).ToList();
        for (var done = 0; done < stops && !ct.IsCancellationRequested; done += victims.Count)
        {
            var round = victims.Take(stops - done).Select((victim, index) => (Victim: victim, Point: CrashingAtPoints.Points[(done + index) % CrashingAtPoints.Points.Count])).ToList();
            await Task.WhenAll(round.Select(async pair =>
            {
                pair.Victim.Kill();
                await pair.Victim.StartAsync(("Hosting:CrashAt", pair.Point), ("Hosting:CrashKind", "Stop"));
            }));
            await Task.WhenAll(round.Select(pair => Eventually.TrueAsync(() => pair.Victim.IsStopped, _limit, $"{pair.Victim.Name} stops at {pair.Point}")));
            await Task.Delay(_tenLeases, ct);
            round.ForEach(pair => pair.Victim.Continue());
            await Task.Delay(TimeSpan.FromSeconds(2), ct);
        }

        var (violations, inDoubt) = await load.CheckAsync(TimeSpan.FromSeconds(90));
        return new Outcome { Faults = stops, Acknowledged = load.Accepted.Count, Violations = violations, Remark = $"{inDoubt} sends were in doubt, and settled by themselves" };
    }
}
