using System.Collections.Immutable;

namespace Pennypost.Ledger;

/// <summary>
/// A reply within the window after the send gives the credit back, once. Reply and capture are told by different paths and come in any order: the reply is kept, and
/// looked at again when the time of the send becomes known, so that every order ends the same.
/// </summary>
internal static class Refunding
{
    public static Decision Decide(Draft draft, Kept.Hold? known, Command.RefundHold command)
    {
        if (known is null)
        {
            return draft.Close(null, new Answer.NoSuchHold());
        }

        var hold = known.At(draft.Now);
        if (hold.RefundedAt is not null)
        {
            return draft.Close(null, new Answer.AlreadyRefunded(hold));
        }

        // Of several replies the earliest counts, whichever is told first.
        draft.CausedBy(command.HoldId);
        var counts = (hold.RefundTriggers & command.Trigger) != 0;
        if (counts && !(hold.RepliedAt <= command.RepliedAt))
        {
            hold = hold with { RepliedAt = command.RepliedAt };
        }

        if (hold.State is HoldState.Released or HoldState.Refused)
        {
            return draft.Close(Changed(known, hold), new Answer.NothingSpent(hold));
        }

        if (hold.State is not HoldState.Captured)
        {
            // A reply proves the send. When it was, a capture will say; not before the hold was placed.
            hold = Settling.Spend(draft, hold) with { SentAt = hold.PlacedAt };
        }

        hold = IfDue(draft, hold);
        return draft.Close(Changed(known, hold), hold.RefundedAt is null && !counts ? new Answer.NotATrigger(hold) : hold.RefundedAt is null ? new Answer.RepliedTooLate(hold) : new Answer.Refunded(hold));
    }

    /// <summary>Gives the credit back if a reply is known that came within the window and it was not given back before.</summary>
    public static Kept.Hold IfDue(Draft draft, Kept.Hold hold)
    {
        if (hold.RefundedAt is not null || hold.RepliedAt is not { } repliedAt || !(repliedAt <= hold.SentAt + hold.RefundWindow))
        {
            return hold;
        }

        var end = draft.Terms.RefundLife == RefundLife.AsSpent
            ? hold.LotExpiresAt
            : draft.EndOfLot(NextMidnight(repliedAt < draft.Now ? repliedAt : draft.Now));

        // One lot for all refunds that end together, so that a pool with many replies stays small.
        var lot = draft.LotOf(LotSource.Refund, end) is { } same
            ? draft.Add(EntryKind.Refunded, same, 1, hold.Id)
            : draft.Bring(EntryKind.Refunded, LotSource.Refund, 1, end, holdId: hold.Id);
        if (lot.HasEnded(draft.Now))
        {
            draft.Expire(lot);
        }
        else if (draft.Plan.CancelledAt is not null || (draft.Terms.RefundCountsTowardCap && draft.Available + draft.Held > draft.Terms.Cap))
        {
            draft.Forfeit(lot, 1, hold.Id);
        }
        else if (draft.Ahead > 0 && repliedAt < draft.ReadAt)
        {
            // The balance told of it before anybody told of the reply.
            draft.Explain(hold.Id);
        }
        else
        {
            // What has been confirmed meanwhile is no longer awaited, and the new one is not awaited in its place.
            draft.Awaited = Math.Min(draft.Awaited, draft.Provisional);
            draft.Unconfirmed = WithUnconfirmed(draft.Unconfirmed, draft.Now, draft.Terms);
        }

        return hold with { RefundedAt = draft.Now };
    }

    /// <summary>The days of unconfirmed refunds with one refund more.</summary>
    public static ImmutableArray<ProvisionalRefunds> WithUnconfirmed(ImmutableArray<ProvisionalRefunds> days, DateTimeOffset refundedAt, Terms terms)
    {
        var confirmedAt = NextMidnight(refundedAt) + terms.RefundConfirmedAfter;
        return days is [.., var last] && last.ConfirmedAt == confirmedAt
            ? days.SetItem(days.Length - 1, last with { Credits = last.Credits + 1 })
            : days.Add(new ProvisionalRefunds(confirmedAt, 1));
    }

    private static Kept.Hold? Changed(Kept.Hold was, Kept.Hold hold) => hold == was ? null : hold;

    private static DateTimeOffset NextMidnight(DateTimeOffset instant) => new DateTimeOffset(instant.UtcDateTime.Date, TimeSpan.Zero).AddDays(1);
}
