namespace Pennypost.Ledger;

internal static class ToppingUp
{
    public static Decision Decide(Draft draft, Kept.TopUp? known, Command.TopUp command)
    {
        if (known is not null)
        {
            return draft.Close(null, Again(known, command.Content));
        }

        var topUp = new Kept.TopUp { Id = command.TopUpId, Content = command.Content, BookedAt = draft.Now };
        if (Refusal(draft) is { } refusal)
        {
            return draft.Close(topUp with { Refusal = refusal }, new Answer.TopUpRefused(refusal));
        }

        // Bought credits are the buyer's: they count when a grant meets the cap, but the cap never takes them.
        draft.CausedBy(command.TopUpId);
        var lot = draft.Bring(
            EntryKind.ToppedUp,
            LotSource.TopUp,
            command.Content.Credits,
            command.Content.ExpiresAt ?? draft.EndOfLot(draft.Now),
            command.Content.UnitCostMicros,
            command.Content.Currency);
        if (lot.HasEnded(draft.Now))
        {
            draft.Expire(lot);
        }

        topUp = topUp with { Lot = lot.Number };
        return draft.Close(topUp, new Answer.ToppedUp(topUp));
    }

    private static Answer Again(Kept.TopUp known, TopUpContent content)
    {
        var was = known.Content;
        var field =
            was.Credits != content.Credits ? "credits" :
            was.UnitCostMicros != content.UnitCostMicros ? "unit_cost_micros" :
            was.Currency != content.Currency ? "currency" :
            was.ExpiresAt != content.ExpiresAt ? "expire_time" : null;
        return field is not null ? new Answer.CommandIdReused(field)
            : known.Refusal is { } refusal ? new Answer.TopUpRefused(refusal)
            : new Answer.ToppedUp(known);
    }

    private static TopUpRefusal? Refusal(Draft draft) =>
        draft.Plan.CancelledAt is not null ? TopUpRefusal.PlanCancelled :
        !draft.Terms.TopUpAllowed ? TopUpRefusal.NotAllowed :
        draft.Lots.Count >= Pool.MaxLots ? TopUpRefusal.TooManyLots : null;
}
