using System.Collections.Immutable;

namespace Pennypost.Delivery.Rates;

/// <summary>Whole days, in UTC.</summary>
/// <param name="First">The first.</param>
/// <param name="End">The day after the last that had the time to be answered.</param>
/// <param name="Until">The day after the last that was asked for: what lies between is too young.</param>
public sealed record CountWindow(DateOnly First, DateOnly End, DateOnly Until)
{
    /// <summary>How long a send must have had to be answered, unless somebody says otherwise. No source gives a number: two weeks leave out what is still being answered, and do not wait for the last.</summary>
    public static readonly TimeSpan UsualMaturity = TimeSpan.FromDays(14);

    /// <summary>The days from <paramref name="start"/> on that ended by <paramref name="end"/>, of those that are kept.</summary>
    /// <param name="start">Null: as far back as counts are kept. Within a day: that day with it.</param>
    /// <param name="end">Null: with today. Within a day: without that day.</param>
    /// <param name="matureAfter">A day belongs to it once it has been over for so long.</param>
    /// <param name="now">Now.</param>
    public static CountWindow Of(DateTimeOffset? start, DateTimeOffset? end, TimeSpan matureAfter, DateTimeOffset now)
    {
        var (kept, tomorrow) = (Counting.FirstKept(now), Day(now).AddDays(1));
        var first = start is { } from && Day(from) > kept ? Min(Day(from), tomorrow) : kept;
        var until = Max(first, end is { } to && Day(to) < tomorrow ? Day(to) : tomorrow);
        // A day is over when the next begins. Without any wait today belongs to it as far as it has come.
        var mature = matureAfter == TimeSpan.Zero ? tomorrow : Day(now - matureAfter);
        return new CountWindow(first, Max(first, Min(until, mature)), until);
    }

    private static DateOnly Day(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    private static DateOnly Min(DateOnly one, DateOnly other) => one < other ? one : other;

    private static DateOnly Max(DateOnly one, DateOnly other) => one > other ? one : other;
}

/// <summary>The counts of some days together.</summary>
/// <param name="Cells">By channel, segment and variant.</param>
/// <param name="Young">Messages sent on days that had no time yet to be answered.</param>
/// <param name="Merged">Messages sent that name a segment or a variant and are counted for their channel alone.</param>
public sealed record CountSums(ImmutableList<(CountCell Cell, Tally Tally)> Cells, long Young, long Merged)
{
    /// <summary>Adds days up. Beyond <paramref name="mostCells"/> those cells keep their names of which most was sent; the others count for their channel alone.</summary>
    public static CountSums Of(CountWindow window, IEnumerable<KeyValuePair<DateOnly, DayCounts>> days, int mostCells)
    {
        var (sums, young, merged) = (new Dictionary<CountCell, Tally>(), 0L, 0L);
        foreach (var (day, counts) in days)
        {
            if (day >= window.End && day < window.Until)
                young += counts.Cells.Values.Sum(tally => tally.Sent);
            if (day < window.First || day >= window.End)
                continue;
            merged += counts.Merged;
            foreach (var (cell, tally) in counts.Cells)
                sums[cell] = sums.GetValueOrDefault(cell).Plus(tally);
        }

        // Each channel may need a cell of its own for what loses its name.
        var room = mostCells - sums.Keys.Select(cell => cell.Channel).Distinct().Count();
        foreach (var (cell, tally) in sums.Where(sum => !IsAlone(sum.Key)).OrderByDescending(sum => sum.Value.Sent).ThenBy(sum => sum.Key, ByName.Instance).Skip(Math.Max(0, room)).ToList())
        {
            sums.Remove(cell);
            var alone = CountCell.Of(cell.Channel);
            sums[alone] = sums.GetValueOrDefault(alone).Plus(tally);
            merged += tally.Sent;
        }

        return new CountSums([.. sums.OrderBy(sum => sum.Key, ByName.Instance).Select(sum => (sum.Key, Sound(sum.Value)))], young, merged);
    }

    private static bool IsAlone(CountCell cell) => cell == CountCell.Of(cell.Channel);

    /// <summary>Of a store that was set back the send may be lost while what came of it is there.</summary>
    private static Tally Sound(Tally tally)
    {
        var spent = Math.Min(tally.CreditsSpent, tally.Sent);
        return new Tally(tally.Sent, Math.Min(tally.Accepted, tally.Sent), Math.Min(tally.Replied, tally.Sent), spent, Math.Min(tally.CreditsRefunded, spent));
    }

    private sealed class ByName : IComparer<CountCell>
    {
        public static readonly ByName Instance = new();

        public int Compare(CountCell? one, CountCell? other)
        {
            var order = one!.Channel.CompareTo(other!.Channel);
            if (order == 0)
                order = string.CompareOrdinal(one.Segment, other.Segment);
            return order != 0 ? order : string.CompareOrdinal(one.Variant, other.Variant);
        }
    }
}
