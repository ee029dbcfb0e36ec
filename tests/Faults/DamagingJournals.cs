using System.Globalization;
using Grpc.Core;
using Pennypost.Credits.V1;

namespace Faults;

/// <summary>X10: bits turn over in what is stored of pools, ends are cut off, commits are taken out or change places. VerifyJournal finds each; put back, everything holds again.</summary>
public static class DamagingJournals
{
    private const int Pools = 4;
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    public static Row Row { get; } = new("X10", "Bits of journals and states turned over, ends cut off, commits taken out or exchanged: VerifyJournal finds each", 20_000, new() { CreditsAlone = true, CreditsInstances = 1 }, RunAsync);

    private static async Task<Outcome> RunAsync(Installation installation, int damages, CancellationToken ct)
    {
        await using var load = await LedgerLoad.StartAsync(installation, pools: Pools, callers: 12);
        await load.MoreAsync(300, _limit);
        var violations = new List<string>(await load.CheckAsync(_limit));
        var credits = installation.CreditsOf();
        await using var kept = await KeptBytes.OpenAsync(installation);
        var (chance, found, sweep) = (new Random(damages), 0, 0);
        for (var number = 0; number < damages && !ct.IsCancellationRequested; number++)
        {
            var pool = load.Pools[chance.Next(Pools)];
            var (journal, state) = (await kept.JournalAsync(pool), await kept.StateAsync(pool));
            var damage = Choose(number, journal, state, chance, ref sweep);
            if (damage.Journal is { } batches)
                await kept.PutJournalAsync(pool, batches);
            if (damage.State is { } other)
                await kept.PutStateAsync(pool, other);
            if (await MissedAsync(credits, pool, ct) is { } missed)
                violations.Add($"{damage.What} of {pool}: {missed}");
            else
                found++;

            if (damage.Journal is not null)
                await kept.PutJournalAsync(pool, [.. journal]);
            if (damage.State is not null)
                await kept.PutStateAsync(pool, state);
            // Put back, it must hold again: else the next damage would be found for this one's sake.
            if (number % 10 == 9 && await MissedAsync(credits, pool, ct) is null)
                violations.Add($"{pool} is not whole again after {damage.What}");
        }

        foreach (var pool in load.Pools.Where(_ => violations.Count == 0))
            await credits.PlaceHoldAsync(new() { PoolId = pool, HoldId = "after", AccountId = "load" }, Installation.As(), DateTime.UtcNow.AddSeconds(10), ct);
        if (found != damages)
            violations.Add($"{found} of {damages} damages were found");
        return new Outcome { Faults = damages, Acknowledged = load.Count, Violations = violations, Remark = string.Create(CultureInfo.InvariantCulture, $"{found} of {damages} damages found") };
    }

    /// <summary>Null when the proof names something that is wrong, else what it answered instead.</summary>
    private static async Task<string?> MissedAsync(CreditsService.CreditsServiceClient credits, string pool, CancellationToken ct)
    {
        try
        {
            var proof = await credits.VerifyJournalAsync(new() { PoolId = pool }, Installation.As(), DateTime.UtcNow.AddSeconds(20), ct);
            return !proof.Valid && proof.Findings.Count > 0 ? null : "nothing was found";
        }
        catch (RpcException failed)
        {
            return $"VerifyJournal failed ({failed.Status.StatusCode})";
        }
    }

    private static (string What, IReadOnlyList<byte[]?>? Journal, byte[]? State) Choose(int number, IReadOnlyList<byte[]> journal, byte[] state, Random chance, ref int sweep)
    {
        byte[]?[] batches = [.. journal];
        var (first, second) = (chance.Next(journal.Count - 1), journal.Count - 1);
        switch (number % 10)
        {
            case 0 or 1 or 2:
                batches[first] = Flipped(journal[first], chance.Next(8 * journal[first].Length));
                return ($"a bit of batch {first}", batches, null);

            case 3:
                // Each bit of the last batch in its turn.
                batches[second] = Flipped(journal[second], sweep++ % (8 * journal[second].Length));
                return ("a bit of the last batch", batches, null);

            case 4:
                return ("a bit of the state", null, Flipped(state, chance.Next(8 * state.Length)));

            case 5:
                // Each bit of the state in its turn.
                return ("a bit of the state", null, Flipped(state, sweep++ % (8 * state.Length)));

            case 6:
                var cut = 1 + chance.Next(Math.Min(5, second));
                Array.Fill(batches, null, journal.Count - cut, cut);
                return ("the end", batches, null);

            case 7:
                batches[first] = null;
                return ($"batch {first}, taken out,", batches, null);

            case 8:
                second = (first + 1 + chance.Next(journal.Count - 1)) % journal.Count;
                (batches[first], batches[second]) = (batches[second], batches[first]);
                return ($"batches {first} and {second}, exchanged,", batches, null);

            default:
                if (chance.Next(2) == 0)
                    return ("the end of the state", null, state[..(1 + chance.Next(state.Length - 1))]);
                batches[first] = journal[first][..chance.Next(journal[first].Length)];
                return ($"the end of batch {first}", batches, null);
        }
    }

    private static byte[] Flipped(byte[] bytes, int bit)
    {
        byte[] flipped = [.. bytes];
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }
}
