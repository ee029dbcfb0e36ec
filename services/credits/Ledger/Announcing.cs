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
        foreach (var lot in lots)
        {
            // Lots stand in the order in which they end: the first that was not announced is the next.
            if (lot is { Available: > 0, ExpiresAt: { } end } && !(end <= expiryAnnounced))
            {
                next = Pool.Soonest(next, end - before);
                break;
            }
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
        foreach (var day in draft.Lots
            .Where(lot => lot is { Available: > 0, ExpiresAt: { } end } && !(end <= draft.ExpiryAnnounced) && end - before <= draft.Now)
            .GroupBy(lot => lot.ExpiresAt!.Value)
            .ToList())
        {
            draft.ExpiryAnnounced = day.Key;
            draft.Foretell(EntryKind.ExpiryAnnounced, day.Sum(lot => lot.Available), day.Key);
        }
    }
}
