using Pennypost.Types.V1;

namespace Faults;

/// <summary>Holds a pool's journal against what its callers were told: nothing acknowledged is missing, nothing happened twice, and everything has one order that nobody saw otherwise (X19).</summary>
public static class LedgerChecks
{
    private static readonly EntryKind[] _once = [EntryKind.Held, EntryKind.Captured, EntryKind.Released, EntryKind.Refunded];

    /// <summary>Every violation of one pool.</summary>
    public static IEnumerable<string> Find(string pool, IReadOnlyList<Acknowledged> history, IReadOnlyList<Entry> entries) =>
        Effects(pool, history, entries).Concat(Order(pool, history)).Concat(Balance(pool, entries));

    private static IEnumerable<string> Effects(string pool, IReadOnlyList<Acknowledged> history, IReadOnlyList<Entry> entries)
    {
        var effects = entries.Where(entry => _once.Contains(entry.Kind)).GroupBy(entry => (entry.HoldId, entry.Kind)).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var (key, twice) in effects.Where(effect => effect.Value.Count > 1))
            yield return $"{pool}: {key.Kind} of {key.HoldId} happened {twice.Count} times";
        foreach (var acknowledged in history)
        {
            if (!effects.TryGetValue((acknowledged.Hold, acknowledged.Kind), out var found))
                yield return $"{pool}: {acknowledged.Kind} of {acknowledged.Hold} was acknowledged and is not in the journal";
            else if (acknowledged.Available is { } told && !WasEver(told, found[0], entries))
                yield return $"{pool}: the caller of {acknowledged.Hold} was told of {told} available, which never was so";
        }

        foreach (var ((hold, kind), _) in effects)
        {
            if (kind == EntryKind.Released && effects.ContainsKey((hold, EntryKind.Captured)))
                yield return $"{pool}: {hold} was captured and released";
            if (kind != EntryKind.Held && !effects.ContainsKey((hold, EntryKind.Held)))
                yield return $"{pool}: {hold} was {kind} and never held";
        }
    }

    /// <summary>The answer tells the balance after the hold, or, to a replay, one of a later moment.</summary>
    private static bool WasEver(long told, Entry placed, IReadOnlyList<Entry> entries) =>
        entries.Any(entry => entry.Sequence >= placed.Sequence && entry.Available == told);

    /// <summary>Whoever began after another's answer came must not have been before it.</summary>
    private static IEnumerable<string> Order(string pool, IReadOnlyList<Acknowledged> history)
    {
        var byEnd = history.OrderBy(one => one.Ended).ToList();
        var (newest, next) = (0L, 0);
        foreach (var one in history.OrderBy(one => one.Begun))
        {
            while (next < byEnd.Count && byEnd[next].Ended < one.Begun)
                newest = Math.Max(newest, byEnd[next++].Version);
            if (one.Version < newest)
                yield return $"{pool}: {one.Kind} of {one.Hold} was answered at version {one.Version}, after somebody had been told of {newest}";
        }
    }

    private static IEnumerable<string> Balance(string pool, IReadOnlyList<Entry> entries)
    {
        for (var index = 0; index < entries.Count; index++)
        {
            if (entries[index].Sequence != index + 1)
                yield return $"{pool}: entry {index + 1} has number {entries[index].Sequence}";
            if (entries[index].Available < 0 || entries[index].Held < 0)
                yield return $"{pool}: entry {index + 1} leaves {entries[index].Available} available and {entries[index].Held} held";
        }
    }
}
