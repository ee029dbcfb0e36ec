using System.Collections.Immutable;

namespace Pennypost.Delivery.Accounts;

/// <summary>What an account's caps were charged with, by action.</summary>
/// <param name="All">At most one entry per action, ordered by action.</param>
public sealed record Charges(ImmutableArray<ActionCharges> All)
{
    /// <summary>Nothing charged yet.</summary>
    public static Charges None { get; } = new([]);

    /// <summary>The charges of one action.</summary>
    public ActionCharges Of(CappedAction action) => All.FirstOrDefault(charges => charges.Action == action) ?? ActionCharges.None(action);

    /// <summary>With one unit more.</summary>
    public Charges Charge(CappedAction action, DateTimeOffset at) => With(Of(action).Charge(at));

    /// <summary>With one unit given back: the send is known not to have happened.</summary>
    public Charges Return(CappedAction action, DateTimeOffset chargedAt) => With(Of(action).Return(chargedAt));

    private Charges With(ActionCharges changed) =>
        new([.. All.Where(charges => charges.Action != changed.Action).Append(changed).OrderBy(charges => charges.Action)]);
}

/// <summary>One action's charges: exact times for the rolling windows, a count for the calendar month.</summary>
/// <param name="Action">The action.</param>
/// <param name="Times">When units were charged, oldest first; none older than the longest rolling window before the last charge.</param>
/// <param name="Month">Which month <paramref name="InMonth"/> counts: year times 12 plus month, UTC.</param>
/// <param name="InMonth">Units charged in that month, or so shortly before it that they may have arrived in it.</param>
public sealed record ActionCharges(CappedAction Action, ImmutableArray<DateTimeOffset> Times, int Month, int InMonth)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    /// <summary>
    /// How long after its charge a send may reach the provider, at most: no write lease is longer. Whoever counts arrivals must not find more of them in any window than the cap allows, so that windows are longer by
    /// this, and what was charged right before a month counts in both.
    /// </summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);

    /// <summary>Nothing charged yet.</summary>
    public static ActionCharges None(CappedAction action) => new(action, [], 0, 0);

    /// <summary>Units charged in the window that ends now. A charge leaves a rolling window when its length has passed and the margin.</summary>
    public int Count(CapWindow window, DateTimeOffset now) => window switch
    {
        CapWindow.Month => Month == MonthOf(now) ? InMonth : CarriedTo(now),
        _ => Times.Count(time => time > now - Length(window)),
    };

    /// <summary>When the unit with this place among the oldest in the window (0 first) leaves it.</summary>
    public DateTimeOffset UnitFreeAt(CapWindow window, int place, DateTimeOffset now)
    {
        if (window == CapWindow.Month)
            return NextMonth(now);
        var inside = Times.Where(time => time > now - Length(window)).Skip(place).ToList();
        return inside.Count == 0 ? now : inside[0] + Length(window);
    }

    /// <summary>With one unit more. One that was seen late counts where it belongs: in the rolling windows, and not in a month that it was not sent in.</summary>
    public ActionCharges Charge(DateTimeOffset at)
    {
        var month = MonthOf(at);
        var times = Times.RemoveAll(time => time <= at - Length(CapWindow.Week)).Add(at).Sort();
        return this with { Times = times, Month = Math.Max(Month, month), InMonth = month > Month ? CarriedTo(at) + 1 : CountsInMonth(at) ? InMonth + 1 : InMonth };
    }

    private bool CountsInMonth(DateTimeOffset at) => Month == MonthOf(at) || Month == MonthOf(at + Margin);

    /// <summary>Units charged right before the month of this time began.</summary>
    private int CarriedTo(DateTimeOffset at)
    {
        var start = NextMonth(at).AddMonths(-1);
        return Times.Count(time => time >= start - Margin && time < start);
    }

    /// <summary>With the unit that was charged at this time given back; unchanged if it is not there any more.</summary>
    public ActionCharges Return(DateTimeOffset chargedAt) => this with
    {
        Times = Times.Remove(chargedAt),
        InMonth = CountsInMonth(chargedAt) && InMonth > 0 ? InMonth - 1 : InMonth,
    };

    /// <summary>How long a charge stays in a rolling window.</summary>
    public static TimeSpan Length(CapWindow window) => (window == CapWindow.Day ? Day : Week) + Margin;

    /// <summary>Year times 12 plus month, UTC: rises by one from month to month.</summary>
    public static int MonthOf(DateTimeOffset at) => at.UtcDateTime.Year * 12 + at.UtcDateTime.Month - 1;

    /// <summary>The first moment of the next calendar month, UTC.</summary>
    public static DateTimeOffset NextMonth(DateTimeOffset at)
    {
        var utc = at.UtcDateTime;
        return new DateTimeOffset(utc.Year, utc.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);
    }
}
