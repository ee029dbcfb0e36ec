using System.Collections.Immutable;

namespace Pennypost.Ledger;

/// <summary>Limits of seats and campaigns: settings, and the last one said holds. A limit that is changed keeps its count; one that was taken away and set again counts anew.</summary>
internal static class LimitSetting
{
    public static Decision PutSeat(Draft draft, Command.PutSeat command)
    {
        var was = Limits.SeatOf(draft.Seats, command.AccountId);
        var none = command is { PerPeriod: null, PerWeek: null };
        if ((was is null && none) || (was is not null && was.PerPeriod == command.PerPeriod && was.PerWeek == command.PerWeek))
        {
            return draft.Close(null, new Answer.RulesSet());
        }

        if (was is null && IsFull(draft))
        {
            return draft.Close(null, new Answer.TooManyLimits());
        }

        var others = was is null ? draft.Seats : draft.Seats.Remove(was);
        draft.Seats = none ? others : Insert(
            others,
            (was ?? new Seat(command.AccountId, null, null, default, default, draft.Now)) with { PerPeriod = command.PerPeriod, PerWeek = command.PerWeek },
            seat => seat.AccountId);
        draft.CausedBy(command.AccountId);
        draft.Note(EntryKind.LimitChanged);
        return draft.Close(null, new Answer.RulesSet());
    }

    public static Decision PutBudget(Draft draft, Command.PutBudget command)
    {
        var was = Limits.BudgetOf(draft.Budgets, command.CampaignId);
        if (was?.Credits == command.Credits)
        {
            return draft.Close(null, new Answer.RulesSet());
        }

        if (was is null && IsFull(draft))
        {
            return draft.Close(null, new Answer.TooManyLimits());
        }

        var others = was is null ? draft.Budgets : draft.Budgets.Remove(was);
        draft.Budgets = command.Credits is not { } credits ? others : Insert(
            others, (was ?? new Budget(command.CampaignId, 0, 0, draft.Now)) with { Credits = credits }, budget => budget.CampaignId);
        draft.CausedBy(command.CampaignId);
        draft.Note(EntryKind.LimitChanged);
        return draft.Close(null, new Answer.RulesSet());
    }

    private static bool IsFull(Draft draft) => draft.Seats.Length + draft.Budgets.Length >= Pool.MaxLimits;

    // By id, so that the same settings make the same pool in whatever order they were said.
    private static ImmutableArray<T> Insert<T>(ImmutableArray<T> all, T one, Func<T, string> id)
    {
        var at = 0;
        while (at < all.Length && string.CompareOrdinal(id(all[at]), id(one)) < 0)
        {
            at++;
        }

        return all.Insert(at, one);
    }
}
