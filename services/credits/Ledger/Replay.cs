using System.Collections.Immutable;
using System.Globalization;

namespace Pennypost.Ledger;

/// <summary>Adds a pool's journal up, line by line, by its own arithmetic: what comes out must be the pool's state.</summary>
public sealed class Replay
{
    private readonly SortedDictionary<long, (long Available, long Held)> lots = [];
    private Totals totals;
    private long shortfall;
    private long lines;

    /// <summary>How many lines were added.</summary>
    public long Lines => lines;

    /// <summary>Adds the next line, and says what is wrong with it; null when nothing is.</summary>
    public string? Add(Entry entry)
    {
        lines++;
        shortfall += entry.Owed;
        var credits = entry.Credits;
        switch (entry.Kind)
        {
            case EntryKind.Granted: totals = totals with { Granted = totals.Granted + credits }; Move(entry.Lot, credits, 0); break;
            case EntryKind.ToppedUp: totals = totals with { ToppedUp = totals.ToppedUp + credits }; Move(entry.Lot, credits, 0); break;
            case EntryKind.Refunded: totals = totals with { Refunded = totals.Refunded + credits }; Move(entry.Lot, credits, 0); break;
            case EntryKind.Adjusted: totals = totals with { Adjusted = totals.Adjusted + credits }; Move(entry.Lot, credits, 0); break;
            case EntryKind.Held: Move(entry.Lot, -credits, credits); break;
            case EntryKind.Released or EntryKind.TimedOut: Move(entry.Lot, credits, -credits); break;
            case EntryKind.Captured: totals = totals with { Spent = totals.Spent + credits }; Move(entry.Lot, 0, -credits); break;
            case EntryKind.Expired: totals = totals with { Expired = totals.Expired + credits }; Move(entry.Lot, -credits, 0); break;
            case EntryKind.Voided: totals = totals with { Voided = totals.Voided + credits }; Move(entry.Lot, -credits, 0); break;
            case EntryKind.Imported: totals = totals with { Adjusted = totals.Adjusted + credits, Spent = totals.Spent + credits }; break;
            case EntryKind.Forfeited: totals = totals with { Forfeited = totals.Forfeited + credits }; Move(entry.Lot, -credits, 0); break;
            default: break;
        }

        var (available, held) = Sum();
        return available == entry.Available && held == entry.Held ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"line {lines} ({entry.Kind}) says {entry.Available} available and {entry.Held} held; the lines up to it say {available} and {held}");
    }

    /// <summary>Where the lines added so far and the pool disagree, in words; empty when nowhere.</summary>
    public ImmutableArray<string> Differences(Pool pool)
    {
        var found = ImmutableArray.CreateBuilder<string>();
        if (lines != pool.Lines)
        {
            found.Add($"{lines} lines were added, the pool counts {pool.Lines}");
        }

        if (totals != pool.Totals)
        {
            found.Add($"the lines add up to {totals}, the pool has {pool.Totals}");
        }

        if (shortfall != pool.Shortfall)
        {
            found.Add($"the lines leave {shortfall} owed, the pool {pool.Shortfall}");
        }

        foreach (var lot in pool.Lots)
        {
            lots.TryGetValue(lot.Number, out var added);
            if (added != (lot.Available, lot.Held))
            {
                found.Add($"lot {lot.Number}: the lines leave {added.Available} available and {added.Held} held, the pool {lot.Available} and {lot.Held}");
            }
        }

        if (lots.Count != pool.Lots.Length)
        {
            found.Add($"the lines leave {lots.Count} lots, the pool {pool.Lots.Length}");
        }

        return found.ToImmutable();
    }

    private void Move(long number, long available, long held)
    {
        lots.TryGetValue(number, out var lot);
        lot = (lot.Available + available, lot.Held + held);
        if (lot == (0, 0))
        {
            lots.Remove(number);
        }
        else
        {
            lots[number] = lot;
        }
    }

    private (long Available, long Held) Sum()
    {
        long available = 0, held = 0;
        foreach (var lot in lots.Values)
        {
            available += lot.Available;
            held += lot.Held;
        }

        return (available, held);
    }
}
