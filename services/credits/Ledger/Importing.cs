namespace Pennypost.Ledger;

/// <summary>
/// Sends that the ledger did not see: those from before a pool was opened, whose replies still refund, and InMails that somebody wrote by hand. One that the balance knew already, because the pool was opened or
/// compared with the provider after it, moves no credits; one that it did not takes the credit that is next to go.
/// </summary>
internal static class Importing
{
    public static Decision Decide(Draft draft, Kept.Hold? known, Command.ImportSend command)
    {
        var content = new HoldContent(command.AccountId, null, 0, HighValue: true);
        if (known is not null)
        {
            return draft.Close(null, Again(known, content, command.SentAt));
        }

        draft.CausedBy(command.HoldId);
        var hold = new Kept.Hold
        {
            Id = command.HoldId,
            State = HoldState.Captured,
            Content = content,
            PlacedAt = command.SentAt < draft.Now ? command.SentAt : draft.Now,
            RefundWindow = draft.Terms.RefundWindow,
            RefundTriggers = draft.Terms.RefundTriggers,
            SentAt = command.SentAt,
            SentAtKnown = true,
            SettledAt = draft.Now,
            Imported = true,
        };
        if (command.SentAt < draft.OpenedAt || command.SentAt < draft.ReadAt)
        {
            draft.Import(hold.Id);
        }
        else
        {
            hold = Settling.Take(draft, hold);
            draft.Capture(hold.Lot, hold.Id);
        }

        return draft.Close(hold, new Answer.SendImported(hold));
    }

    private static Answer Again(Kept.Hold known, HoldContent content, DateTimeOffset sentAt) =>
        !known.Imported ? new Answer.HoldIdReused("hold_id")
        : known.Content.Difference(content) is { } field ? new Answer.HoldIdReused(field)
        : known.SentAt != sentAt ? new Answer.HoldIdReused("send_time")
        : new Answer.SendImported(known);
}
