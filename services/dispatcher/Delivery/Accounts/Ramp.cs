using System.Collections.Immutable;

namespace Pennypost.Delivery.Accounts;

/// <summary>How a ramp rises.</summary>
public enum RampStrategy
{
    /// <summary>Not set.</summary>
    Unspecified = 0,

    /// <summary>A little every day: the step, spread over the days of a step.</summary>
    Linear = 1,

    /// <summary>By the step, at the end of each step's days.</summary>
    Stepped = 2,

    /// <summary>By the factor, at the end of each step's days.</summary>
    Factor = 3,
}

/// <summary>An action's limit per day that rises from a start: new accounts that write much at once are restricted (Unipile, provider limits). It ends where the hard caps are.</summary>
public sealed record Ramp
{
    /// <summary>What is limited.</summary>
    public required CappedAction Action { get; init; }

    /// <summary>How it rises.</summary>
    public required RampStrategy Strategy { get; init; }

    /// <summary>The limit on the first day, 1 to 10,000.</summary>
    public required int Start { get; init; }

    /// <summary>Linear and stepped: units per step, 1 to 10,000.</summary>
    public int Step { get; init; }

    /// <summary>Factor: the limit after a step in percent of that before, 101 to 1,000.</summary>
    public int FactorPercent { get; init; }

    /// <summary>Days of a step, 1 to 90.</summary>
    public int DaysPerStep { get; init; } = 1;

    /// <summary>Its first day; days are UTC.</summary>
    public required DateTimeOffset StartTime { get; init; }

    /// <summary>After so many days without a send of the action it is set back; 1 to 365. Default 14.</summary>
    public int PauseDays { get; init; } = DefaultPauseDays;

    /// <summary>To this part of the limit where it stood, but not below the start; 1 to 100 %. Default 50.</summary>
    public int RestartPercent { get; init; } = DefaultRestartPercent;

    /// <summary>Two weeks: the pace that an account had a fortnight ago is no longer its usual one.</summary>
    public const int DefaultPauseDays = 14;

    /// <summary>Half of it.</summary>
    public const int DefaultRestartPercent = 50;

    /// <summary>The limit on the ramp's nth day, 0 first. Never falls from one day to the next.</summary>
    public int LimitOn(int day)
    {
        day = Math.Max(0, day);
        var steps = day / DaysPerStep;
        return Strategy switch
        {
            RampStrategy.Linear => (int)Math.Min(Cap.Most, Start + (long)Step * day / DaysPerStep),
            RampStrategy.Stepped => (int)Math.Min(Cap.Most, Start + (long)Step * steps),
            _ => Multiplied(steps),
        };
    }

    /// <summary>The last day on which the limit is no more than this; 0 if it is more from the start.</summary>
    internal int DayAt(int limit)
    {
        var (at, over) = (0, LongestDays);
        while (over - at > 1)
        {
            var middle = at + (over - at) / 2;
            (at, over) = LimitOn(middle) <= limit ? (middle, over) : (at, middle);
        }

        return at;
    }

    /// <summary>The slowest ramp, one unit in 90 days, takes longer than anybody waits; beyond this it is taken to stand.</summary>
    private const int LongestDays = 36_500;

    // Multiplied out, not raised to a power: every machine rounds a product alike.
    private int Multiplied(int steps)
    {
        var limit = (double)Start;
        for (var step = 0; step < steps && limit < Cap.Most; step++)
            limit = limit * FactorPercent / 100;
        return (int)Math.Min(Cap.Most, limit);
    }
}

/// <summary>A ramp was set back.</summary>
/// <param name="Action">Whose.</param>
/// <param name="At">When; it rises again from here.</param>
/// <param name="Limit">The limit on that day.</param>
public sealed record RampRestart(CappedAction Action, DateTimeOffset At, int Limit);

/// <summary>Where an account's ramps stand (F45).</summary>
public static class Ramps
{
    /// <summary>The limit per day of a ramp now; the hard caps are looked at beside it.</summary>
    public static int Limit(Account account, Ramp ramp, DateTimeOffset now) => LimitFrom(ramp, RestartOf(account, ramp, now), now);

    /// <summary>Keeps the restart of an action's ramp that a pause made due: from this send on it rises again.</summary>
    public static Account Used(Account account, CappedAction action, DateTimeOffset now) =>
        account.Settings.Safety.Ramps.FirstOrDefault(ramp => ramp.Action == action) is { } known && RestartOf(account, known, now) is { } restart
            ? account.With(restart)
            : account;

    /// <summary>Sets every ramp back: LinkedIn restricted the account, and lets it go on.</summary>
    public static Account SetBack(Account account, DateTimeOffset now) => account.Settings.Safety.Ramps.Aggregate(account, (current, ramp) =>
    {
        // What a pause has set back already is not set back twice.
        var due = RestartOf(current, ramp, now);
        return current.With(due?.At == now ? due : Lowered(current, ramp, LimitFrom(ramp, due, now), now));
    });

    /// <summary>Without the restarts of ramps that were changed: whoever sets a ramp says where it begins.</summary>
    public static ImmutableArray<RampRestart> Kept(Account account, SafetySettings wanted) =>
        account.RampRestarts.RemoveAll(restart => !wanted.Ramps.Any(ramp => ramp.Action == restart.Action && account.Settings.Safety.Ramps.Contains(ramp)));

    /// <summary>The restart that holds: the one that is kept, or the one that a pause makes due now. Nothing is charged while an account pauses, so each look comes to the same until it sends.</summary>
    private static RampRestart? RestartOf(Account account, Ramp ramp, DateTimeOffset now)
    {
        var kept = account.RampRestarts.FirstOrDefault(restart => restart.Action == ramp.Action && restart.At >= ramp.StartTime);
        var used = kept?.At ?? ramp.StartTime;
        if (account.Charges.Of(ramp.Action).Times is { IsEmpty: false } times && times[^1] > used)
            used = times[^1];
        return Days(used, now) < ramp.PauseDays ? kept : Lowered(account, ramp, LimitFrom(ramp, kept, used), now);
    }

    private static RampRestart Lowered(Account account, Ramp ramp, int limit, DateTimeOffset now)
    {
        // A ramp that has long passed the hard caps stood where they are.
        var stood = Math.Min(limit, Caps.Hard(account.Settings, ramp.Action));
        return new RampRestart(ramp.Action, now, Math.Max(ramp.Start, (int)((long)stood * ramp.RestartPercent / 100)));
    }

    private static int LimitFrom(Ramp ramp, RampRestart? restart, DateTimeOffset now) =>
        restart is null ? ramp.LimitOn(Days(ramp.StartTime, now)) : Math.Max(restart.Limit, ramp.LimitOn(ramp.DayAt(restart.Limit) + Days(restart.At, now)));

    private static int Days(DateTimeOffset from, DateTimeOffset to) => (int)Math.Clamp((to.UtcDateTime.Date - from.UtcDateTime.Date).TotalDays, -1, 1_000_000);
}
