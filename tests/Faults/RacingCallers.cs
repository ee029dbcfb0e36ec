using System.Globalization;

namespace Faults;

/// <summary>X19: callers race for few credits under shared ids on two instances; everything that they were told has one serial order per pool.</summary>
public static class RacingCallers
{
    private const int Callers = 12;
    private const int CallsPerPool = 500;

    /// <summary>From so many calls on, every answer is to have been given.</summary>
    private const int Enough = 2_000;

    /// <summary>A run may become so many times as long for an answer that was not given yet.</summary>
    private const int MostOf = 10;

    public static Row Row { get; } = new("X19", "Callers that race for few credits under shared ids on two instances: what they were told has one serial order per pool", 1_000_000, new() { CreditsAlone = true }, RunAsync);

    private static readonly string[] _mustOccur =
        ["placed", "captured", "released", "Refunded", "AlreadyRefunded", "NotSpent", "read", "topped", "CREDITS_HELD", "HOLD_ID_REFUSED", "HOLD_ID_REUSED", "HOLD_NOT_FOUND", "HOLD_SETTLED"];

    private static int _rounds;

    private static async Task<Outcome> RunAsync(Installation installation, int calls, CancellationToken ct)
    {
        var (violations, kinds, made) = (new List<string>(), new HashSet<string>(), 0);
        // Some answers are rare: a run that is long enough for them goes on until each was given, though not for ever.
        while ((made < calls || (calls >= Enough && made < MostOf * calls && !kinds.IsSupersetOf(_mustOccur))) && !ct.IsCancellationRequested)
        {
            // Two pools at a time, so that each is raced for; new ones after a while, so that each history can be searched.
            var round = Interlocked.Increment(ref _rounds);
            var (ledger, pools) = (new LedgerCalls(installation), new[] { $"race{round}-1", $"race{round}-2" });
            foreach (var pool in pools)
                await ledger.OpenAsync(pool, 20);
            await RaceAsync(ledger, pools, round, ct);
            foreach (var pool in pools)
            {
                while (await ledger.AskAsync(new Random(1), pool, Asked.Read, "") is null && !ct.IsCancellationRequested) { }
                violations.AddRange((await ledger.ProveAsync(pool)).Findings);
                if (SerialOrder.Find(pool, SerialPool.With(20), ledger.History.Calls.Where(call => call.Pool == pool)) is { } disorder)
                    violations.Add(disorder);
            }

            kinds.UnionWith(ledger.History.Calls.Where(call => call.Told is not null).Select(call => call.Told!.Answer.Split(' ') is [var verb, ..] ? verb : ""));
            made += ledger.History.Answered;
        }

        // A race in which nobody ever lost shows nothing.
        if (made >= Enough)
            violations.AddRange(_mustOccur.Where(answer => !kinds.Contains(answer)).Select(answer => $"in {made} calls nobody was told {answer}"));
        return new Outcome { Faults = made, Acknowledged = made, Violations = violations, Remark = string.Create(CultureInfo.InvariantCulture, $"{made} calls; answers: {string.Join(", ", kinds.Order(StringComparer.Ordinal))}") };
    }

    private static Task RaceAsync(LedgerCalls ledger, string[] pools, int round, CancellationToken ct)
    {
        var (left, newest) = (CallsPerPool * pools.Length, 0);
        return Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(
            async () =>
            {
                var chance = new Random((round * 1_000) + caller);
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    // Mostly the newest ids: several callers want the same one at the same moment.
                    var id = $"h{Math.Max(0, (chance.Next(4) == 0 ? Interlocked.Increment(ref newest) : newest) - chance.Next(6))}";
                    var pool = pools[chance.Next(pools.Length)];
                    _ = chance.Next(20) switch
                    {
                        < 8 => await ledger.AskAsync(chance, pool, Asked.Place, id, chance.Next(15) == 0 ? "other" : "load"),
                        < 11 => await ledger.AskAsync(chance, pool, Asked.Capture, id),
                        < 14 => await ledger.AskAsync(chance, pool, Asked.Release, id),
                        < 16 => await ledger.AskAsync(chance, pool, Asked.Refund, id),
                        < 17 => await ledger.AskAsync(chance, pool, Asked.TopUp, $"t{newest / 4}"),
                        _ => await ledger.AskAsync(chance, pool, Asked.Read, ""),
                    };
                }
            },
            ct)));
    }
}
