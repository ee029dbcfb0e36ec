namespace Pennypost.Ledger;

/// <summary>What becomes of a hold: a capture is a fact that nobody can refuse; a release is a claim, which a capture overrules.</summary>
internal static class Settling
{
    public static Decision Capture(Draft draft, Kept.Hold? known, Command.CaptureHold command)
    {
        if (known is null)
        {
            return draft.Close(null, new Answer.NoSuchHold());
        }

        var hold = known.At(draft.Now);
        if (hold.State == HoldState.Captured && hold.SentAtKnown)
        {
            return draft.Close(null, new Answer.Captured(hold));
        }

        draft.CausedBy(command.HoldId);
        if (hold.State != HoldState.Captured)
        {
            hold = Spend(draft, hold);
        }

        // A message cannot have left before its credit was set aside; a clock that says so is off.
        var sentAt = command.SentAt > hold.PlacedAt ? command.SentAt : hold.PlacedAt;
        hold = Refunding.IfDue(draft, hold with { SentAt = sentAt, SentAtKnown = true });
        return draft.Close(hold, new Answer.Captured(hold));
    }

    public static Decision Release(Draft draft, Kept.Hold? known, Command.ReleaseHold command)
    {
        draft.CausedBy(command.HoldId);
        if (known is null)
        {
            var refused = Placing.Refused(draft, command.HoldId, new HoldContent("", null, 0), new HoldRefusal.ReleasedBeforePlaced());
            draft.Note(EntryKind.Refused, holdId: command.HoldId);
            return draft.Close(refused, new Answer.Released(null));
        }

        var hold = known.At(draft.Now);
        switch (hold.State)
        {
            case HoldState.Held:
                draft.DropTimer(hold.Id);
                Limits.GiveBack(draft, hold.Charge);
                draft.PutBack(EntryKind.Released, hold.Lot, hold.Id);
                hold = hold with { State = HoldState.Released, SettledAt = draft.Now };
                return draft.Close(hold, new Answer.Released(hold));

            case HoldState.Captured:
                return draft.Close(null, new Answer.AlreadyCaptured(hold));

            case HoldState.Refused:
                return draft.Close(null, new Answer.Released(null));

            default:
                return draft.Close(null, new Answer.Released(hold));
        }
    }

    /// <summary>The hold's credit, or one in its place, is spent.</summary>
    public static Kept.Hold Spend(Draft draft, Kept.Hold hold)
    {
        if (hold.State == HoldState.Held)
        {
            draft.DropTimer(hold.Id);
        }
        else
        {
            hold = Take(draft, hold);
        }

        draft.Capture(hold.Lot, hold.Id);
        return hold with { State = HoldState.Captured, SettledAt = draft.Now };
    }

    /// <summary>Nobody holds a credit for it, and yet the message left: the provider has taken one. Where the ledger has none, it was wrong by one.</summary>
    public static Kept.Hold Take(Draft draft, Kept.Hold hold)
    {
        if (draft.Available == 0)
        {
            draft.Note(EntryKind.Drifted, 1, hold.Id);
            draft.Bring(EntryKind.Adjusted, LotSource.Adjustment, 1, draft.EndOfLot(draft.Now), holdId: hold.Id);
            hold = hold with { Drifted = true };
        }

        var lot = draft.Hold(hold.Id);
        var charge = Limits.Take(draft, hold.Content);
        hold = hold with { SeatCharged = charge.AccountId is { Length: > 0 }, BudgetCharged = charge.CampaignId is { Length: > 0 } };
        return hold with { Lot = lot.Number, LotExpiresAt = lot.ExpiresAt };
    }
}
