namespace Pennypost.Ledger;

internal static class Placing
{
    public static Decision Decide(Draft draft, Kept.Hold? known, Command.PlaceHold command)
    {
        if (known is not null)
        {
            return draft.Close(null, Again(draft, known, command.Content));
        }

        draft.CausedBy(command.HoldId);
        if (Refusal(draft, command.Content) is { } refusal)
        {
            draft.Note(EntryKind.Refused, holdId: command.HoldId);
            return draft.Close(Refused(draft, command.HoldId, command.Content, refusal), new Answer.HoldRefused(refusal));
        }

        var expiresAt = draft.Now + command.Content.Ttl;
        var lot = draft.Hold(command.HoldId, expiresAt);
        var charge = Limits.Take(draft, command.Content);
        var hold = new Kept.Hold
        {
            Id = command.HoldId,
            State = HoldState.Held,
            Content = command.Content,
            PlacedAt = draft.Now,
            ExpiresAt = expiresAt,
            Lot = lot.Number,
            LotExpiresAt = lot.ExpiresAt,
            RefundWindow = draft.Terms.RefundWindow,
            RefundTriggers = draft.Terms.RefundTriggers,
            SeatCharged = charge.AccountId is { Length: > 0 },
            BudgetCharged = charge.CampaignId is { Length: > 0 },
        };
        if (hold.ExpiresAt is { } end)
        {
            draft.AddTimer(new HoldTimer(end, hold.Id, hold.Lot, charge));
        }

        return draft.Close(hold, new Answer.Placed(hold));
    }

    /// <summary>The record that keeps a hold's id refused.</summary>
    public static Kept.Hold Refused(Draft draft, string holdId, HoldContent content, HoldRefusal refusal) => new()
    {
        Id = holdId,
        State = HoldState.Refused,
        Content = content,
        PlacedAt = draft.Now,
        RefundWindow = draft.Terms.RefundWindow,
        RefundTriggers = draft.Terms.RefundTriggers,
        Refusal = refusal,
    };

    // A replay must answer as the first call did, or a caller that lost the reply pays twice.
    private static Answer Again(Draft draft, Kept.Hold known, HoldContent content)
    {
        // The release did not say what the hold would have been: any content is refused.
        if (known.Refusal is HoldRefusal.ReleasedBeforePlaced)
        {
            return new Answer.HoldRefused(known.Refusal);
        }

        // An imported send was never asked for as a hold.
        var field = known.Imported ? "hold_id" : known.Content.Difference(content);
        return field is not null ? new Answer.HoldIdReused(field)
            : known.Refusal is { } refusal ? new Answer.HoldRefused(refusal)
            : new Answer.Placed(known.At(draft.Now));
    }

    // In this order: what the pool has, what the seat and the campaign may, what the pool can carry.
    private static HoldRefusal? Refusal(Draft draft, HoldContent content)
    {
        var floor = content.HighValue ? content.Floor : Math.Max(content.Floor, draft.Terms.Floor);
        if (draft.Available <= floor)
        {
            return draft.Returnable > 0 && draft.Available + draft.Returnable > floor ? new HoldRefusal.CreditsHeld(draft.Available, draft.Held)
                : draft.Available > 0 ? new HoldRefusal.CreditsReserved(draft.Available, floor)
                : new HoldRefusal.InsufficientCredits(draft.Available, draft.Held, draft.NextRenewalAt);
        }

        return Limits.Refusal(draft, content)
            ?? (content.Ttl is not null && draft.Timers.Length >= Pool.MaxTimedHolds ? new HoldRefusal.TooManyTimedHolds() : null);
    }
}
