namespace Pennypost.Ledger;

/// <summary>A lot is taken back, for instance because its purchase was: what is not held is gone at once, what is held can still be spent, and ends if it comes back.</summary>
internal static class Voiding
{
    public static Decision Decide(Draft draft, Command.VoidLot command)
    {
        if (command.Lot >= draft.NextLot)
        {
            return draft.Close(null, new Answer.NoSuchLot());
        }

        foreach (var lot in draft.Lots)
        {
            if (lot.Number == command.Lot && !lot.IsEmpty && !lot.HasEnded(draft.Now))
            {
                draft.CausedBy("");
                draft.End(lot, EntryKind.Voided);
                return draft.Close(null, new Answer.LotVoided(lot.Available));
            }
        }

        // It is empty or has ended: there is nothing left to take.
        return draft.Close(null, new Answer.LotVoided(0));
    }
}
