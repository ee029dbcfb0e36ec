using Pennypost.Types.V1;

namespace Faults;

/// <summary>Holds a pool's journal against what its callers were told, of holds that one caller each places and settles: nothing acknowledged is missing, and nothing happened twice.</summary>
public static class LedgerChecks
{
    private static readonly EntryKind[] _once = [EntryKind.Held, EntryKind.Captured, EntryKind.Released, EntryKind.Refunded];

    /// <summary>Every violation of one pool.</summary>
    public static IEnumerable<string> Find(string pool, IReadOnlyList<Call> history, IReadOnlyList<Entry> entries) => Effects(pool, history, entries).Concat(Balance(pool, entries));

    private static IEnumerable<string> Effects(string pool, IReadOnlyList<Call> history, IReadOnlyList<Entry> entries)
    {
        var effects = entries.Where(entry => _once.Contains(entry.Kind) && entry.HoldId.Length > 0).GroupBy(entry => (entry.HoldId, entry.Kind)).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var (key, twice) in effects.Where(effect => effect.Value.Count > 1))
            yield return $"{pool}: {key.Kind} of {key.HoldId} happened {twice.Count} times";
        foreach (var call in history)
        {
            if (EffectOf(call) is { } kind && !effects.ContainsKey((call.Id, kind)))
                yield return $"{pool}: {kind} of {call.Id} was acknowledged and is not in the journal";
        }

        foreach (var ((hold, kind), _) in effects)
        {
            if (kind == EntryKind.Released && effects.ContainsKey((hold, EntryKind.Captured)))
                yield return $"{pool}: {hold} was captured and released";
            if (kind != EntryKind.Held && !effects.ContainsKey((hold, EntryKind.Held)))
                yield return $"{pool}: {hold} was {kind} and never held";
        }
    }

    /// <summary>What an acknowledged call must have left in the journal; null for nothing.</summary>
    private static EntryKind? EffectOf(Call call) => (call.Asked, call.Told?.Version > 0) switch
    {
        (Asked.Place, true) => EntryKind.Held,
        (Asked.Capture, true) => EntryKind.Captured,
        (Asked.Release, true) => EntryKind.Released,
        (Asked.Refund, true) => EntryKind.Refunded,
        _ => null,
    };

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
