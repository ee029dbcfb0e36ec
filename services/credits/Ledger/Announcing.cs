namespace Pennypost.Ledger;

/// <summary>
/// What will be lost is announced while something can still be done about it: how many credits, and when. Like everything that time brings, an announcement is a line of the journal with the time it was due.
/// </summary>
internal static class Announcing
{
    /// <summary>When the next announcement is due, not before <paramref name="asOf"/>; null when none is.</summary>
    public static DateTimeOffset? NextAt(
        PlanInForce plan, DateTimeOffset? nextRenewalAt, DateTimeOffset? renewalAnnounced, DateTimeOffset? expiryAnnounced, ReadOnlySpan<Lot> lots, DateTimeOffset asOf)
    {
        if (plan.Terms.AnnounceBefore is not { } before)
        {
            return null;
        }

        var next = nextRenewalAt is { } renewal && renewalAnnounced != renewal ? renewal - before : (DateTimeOffset?)null;
        if (NextEnd(lots, expiryAnnounced) is { } end)
        {
            next = Pool.Soonest(next, end - before);
        }

        return next < asOf ? asOf : next;
    }

    /// <summary>Writes what is due at the draft's time.</summary>
    public static void Announce(Draft draft)
    {
        if (draft.Terms.AnnounceBefore is not { } before)
        {
            return;
        }

        AnnounceExpiries(draft, before);
        if (draft.NextRenewalAt is { } renewal && draft.RenewalAnnounced != renewal && renewal - before <= draft.Now)
        {
            draft.RenewalAnnounced = renewal;
            if (draft.ForfeitsAt(renewal) is > 0 and var credits)
            {
                draft.Foretell(EntryKind.ForfeitAnnounced, credits, renewal);
            }
        }
    }

    private static void AnnounceExpiries(Draft draft, TimeSpan before)
    {
        // One announcement for all lots that end together.
        while (NextEnd(draft.LotsInOrder, draft.ExpiryAnnounced) is { } end && end - before <= draft.Now)
        {
            long credits = 0;
            foreach (var lot in draft.LotsInOrder)
            {
                credits += lot.ExpiresAt == end ? lot.Available : 0;
            }

            draft.ExpiryAnnounced = end;
            draft.Foretell(EntryKind.ExpiryAnnounced, credits, end);
        }
    }

    /// <summary>When the next lot ends that was not announced. Lots stand in the order in which they end.</summary>
    private static DateTimeOffset? NextEnd(ReadOnlySpan<Lot> lots, DateTimeOffset? announced)
    {
        foreach (var lot in lots)
        {
            if (lot is { Available: > 0, ExpiresAt: { } end } && !(end <= announced))
            {
                return end;
            }
        }

        return null;
    }
}
