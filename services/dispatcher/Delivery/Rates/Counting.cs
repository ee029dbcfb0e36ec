using System.Collections.Immutable;

namespace Pennypost.Delivery.Rates;

/// <summary>How far a tenant's counts have come, and which days they have.</summary>
public sealed record CountsHead
{
    /// <summary>Nothing was counted yet.</summary>
    public static CountsHead None { get; } = new();

    /// <summary>For each shard of the journal the last sequence that was counted.</summary>
    public ImmutableSortedDictionary<int, long> Positions { get; init; } = ImmutableSortedDictionary<int, long>.Empty;

    /// <summary>Days of which there are counts.</summary>
    public ImmutableSortedSet<DateOnly> Days { get; init; } = [];
}

/// <summary>What counting changes.</summary>
/// <param name="Head">As it is now.</param>
/// <param name="Days">Days with other counts than before.</param>
/// <param name="Dropped">Days of which nothing is kept any longer.</param>
public sealed record CountChange(CountsHead Head, ImmutableSortedDictionary<DateOnly, DayCounts> Days, ImmutableSortedSet<DateOnly> Dropped);

/// <summary>
/// Counts the steps that a shard's journal hands out: in its order, at least once. What is counted and how far it came are one commit, so that each step is counted exactly once however often, by whomever and in
/// whichever batches it is handed out.
/// </summary>
public static class Counting
{
    /// <summary>Days of which counts are kept, today's with them: a year, and what is needed to see that year whole.</summary>
    public const int KeptDays = 400;

    /// <summary>The first day of which counts are kept.</summary>
    public static DateOnly FirstKept(DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime).AddDays(1 - KeptDays);

    /// <summary>The steps that were not counted yet.</summary>
    public static IReadOnlyList<CountedStep> Fresh(CountsHead head, IEnumerable<CountedStep> steps) => [.. steps.Where(step => step.Sequence > head.Positions.GetValueOrDefault(step.Shard))];

    /// <summary>The days that these steps change.</summary>
    public static IEnumerable<DateOnly> Touches(IEnumerable<CountedStep> steps, DateTimeOffset now) => steps.Select(step => step.Day).Where(day => day >= FirstKept(now)).Distinct();

    /// <summary>Counts what is fresh. A step of a day that is not kept any longer changes nothing but the position.</summary>
    /// <param name="head">As it stands.</param>
    /// <param name="known">The days that the steps touch, as far as there are counts of them.</param>
    /// <param name="fresh">Not counted yet.</param>
    /// <param name="now">Now.</param>
    public static CountChange Decide(CountsHead head, IReadOnlyDictionary<DateOnly, DayCounts> known, IReadOnlyList<CountedStep> fresh, DateTimeOffset now)
    {
        var (days, positions, first) = (new Dictionary<DateOnly, DayCounts>(), head.Positions, FirstKept(now));
        foreach (var step in fresh)
        {
            positions = positions.SetItem(step.Shard, Math.Max(step.Sequence, positions.GetValueOrDefault(step.Shard)));
            if (step.Day >= first)
                days[step.Day] = (days.GetValueOrDefault(step.Day) ?? known.GetValueOrDefault(step.Day) ?? DayCounts.None).With(step);
        }

        var dropped = head.Days.Where(day => day < first).ToImmutableSortedSet();
        return new CountChange(new CountsHead { Positions = positions, Days = head.Days.Union(days.Keys).Except(dropped) }, days.ToImmutableSortedDictionary(), dropped);
    }
}
