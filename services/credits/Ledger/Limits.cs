using System.Collections.Immutable;

namespace Pennypost.Ledger;

/// <summary>
/// A seat with limits of its own. Recruiter's administrators set monthly ones that begin anew on the contract's refresh date (LinkedIn Help a412581); weekly ones are the trade's
/// budgets ("5 to 10 handpicked contacts per week per rep"). A refund goes to the pool and lifts no limit (a412581); a hold that was released does, in the window in which it was placed.
/// </summary>
/// <param name="AccountId">Whose.</param>
/// <param name="PerPeriod">From one grant to the next; null for no limit.</param>
/// <param name="PerWeek">From Monday 00:00 UTC; null for no limit.</param>
/// <param name="Period">Holds and sends of the present period, since the limits were set.</param>
/// <param name="Week">Those of the present week.</param>
/// <param name="Since">Since when it is counted.</param>
public sealed record Seat(string AccountId, long? PerPeriod, long? PerWeek, Use Period, Use Week, DateTimeOffset Since);

/// <summary>A campaign's slice of a pool: so many credits in all. Refunds do not come back to it.</summary>
/// <param name="CampaignId">Whose.</param>
/// <param name="Credits">How many, 0 and more.</param>
/// <param name="Used">Holds and sends since the budget was set.</param>
/// <param name="Since">Since when it is counted.</param>
public sealed record Budget(string CampaignId, long Credits, long Used, DateTimeOffset Since);

/// <summary>What was used in a window.</summary>
/// <param name="Since">When the window began.</param>
/// <param name="Credits">How many credits.</param>
public readonly record struct Use(DateTimeOffset Since, long Credits)
{
    /// <summary>What of it counts in the window that began at <paramref name="start"/>.</summary>
    public long In(DateTimeOffset start) => Since == start ? Credits : 0;

    /// <summary>One more, or one less, in the window that began at <paramref name="start"/>.</summary>
    public Use Plus(long credits, DateTimeOffset start) => new(start, Math.Max(0, In(start) + credits));
}

/// <summary>Which limits a hold was counted against; empty where there was none.</summary>
/// <param name="AccountId">The seat's.</param>
/// <param name="CampaignId">The campaign's.</param>
/// <param name="At">When: a later window does not count it.</param>
public readonly record struct Charge(string AccountId, string CampaignId, DateTimeOffset At);

/// <summary>Counting against the limits of seats and campaigns.</summary>
public static class Limits
{
    /// <summary>The Monday that the week of <paramref name="instant"/> began with.</summary>
    public static DateTimeOffset WeekOf(DateTimeOffset instant)
    {
        var day = new DateTimeOffset(instant.UtcDateTime.Date, TimeSpan.Zero);
        return day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
    }

    /// <summary>The seat's limits; null if it has none.</summary>
    public static Seat? SeatOf(ImmutableArray<Seat> seats, string accountId)
    {
        foreach (var seat in seats)
        {
            if (seat.AccountId == accountId)
            {
                return seat;
            }
        }

        return null;
    }

    /// <summary>The campaign's slice; null if it has none.</summary>
    public static Budget? BudgetOf(ImmutableArray<Budget> budgets, string campaignId)
    {
        foreach (var budget in budgets)
        {
            if (budget.CampaignId == campaignId)
            {
                return budget;
            }
        }

        return null;
    }

    /// <summary>Why the limits refuse a hold: the seat's period before its week before the campaign. Null when they do not.</summary>
    internal static HoldRefusal? Refusal(Draft draft, HoldContent content)
    {
        if (SeatOf(draft.Seats, content.AccountId) is { } seat)
        {
            if (seat.PerPeriod is { } perPeriod && seat.Period.In(draft.PeriodAt) is var inPeriod && inPeriod >= perPeriod)
            {
                return new HoldRefusal.SeatLimitReached(LimitWindow.Period, perPeriod, inPeriod, draft.NextRenewalAt);
            }

            var week = WeekOf(draft.Now);
            if (seat.PerWeek is { } perWeek && seat.Week.In(week) is var inWeek && inWeek >= perWeek)
            {
                return new HoldRefusal.SeatLimitReached(LimitWindow.Week, perWeek, inWeek, week.AddDays(7));
            }
        }

        return content.CampaignId.Length > 0 && BudgetOf(draft.Budgets, content.CampaignId) is { } budget && budget.Used >= budget.Credits
            ? new HoldRefusal.BudgetUsedUp(budget.Credits, budget.Used)
            : null;
    }

    /// <summary>Counts a hold, and says against what.</summary>
    internal static Charge Take(Draft draft, HoldContent content)
    {
        var seat = SeatOf(draft.Seats, content.AccountId);
        var budget = content.CampaignId.Length == 0 ? null : BudgetOf(draft.Budgets, content.CampaignId);
        if (seat is null && budget is null)
        {
            return default;
        }

        var charge = new Charge(seat is null ? "" : seat.AccountId, budget is null ? "" : budget.CampaignId, draft.Now);
        Count(draft, charge, 1);
        return charge;
    }

    /// <summary>Takes a hold that came to nothing off the count, as far as its window is still the present one.</summary>
    internal static void GiveBack(Draft draft, Charge charge) => Count(draft, charge, -1);

    private static void Count(Draft draft, Charge charge, long credits)
    {
        if (charge.AccountId is { Length: > 0 } account && SeatOf(draft.Seats, account) is { } seat && charge.At >= seat.Since)
        {
            var (period, week) = (draft.PeriodAt, WeekOf(draft.Now));
            draft.Seats = draft.Seats.Replace(seat, seat with
            {
                Period = charge.At >= period ? seat.Period.Plus(credits, period) : seat.Period,
                Week = charge.At >= week ? seat.Week.Plus(credits, week) : seat.Week,
            });
        }

        if (charge.CampaignId is { Length: > 0 } campaign && BudgetOf(draft.Budgets, campaign) is { } budget && charge.At >= budget.Since)
        {
            draft.Budgets = draft.Budgets.Replace(budget, budget with { Used = Math.Max(0, budget.Used + credits) });
        }
    }
}
