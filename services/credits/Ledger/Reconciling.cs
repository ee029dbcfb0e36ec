namespace Pennypost.Ledger;

/// <summary>
/// The provider's balance is what a send will meet, so the ledger follows it. Open holds have not left yet, or have: those that nobody knows of (unknown sends) may be
/// in the balance or not, and explain a difference of up to as many. A correction downwards takes what is available and no more; the rest is owed, and taken from the
/// next credits that become available, for instance when an open hold is released.
/// </summary>
internal static class Reconciling
{
    public static Decision Decide(Draft draft, Kept.Reconciliation? known, Command.Reconcile command)
    {
        if (known is not null)
        {
            return draft.Close(null, Again(known, command.Content));
        }

        draft.CausedBy(command.ReconcileId);
        var finding = Find(draft, command.Content);
        if (finding.Applied)
        {
            Apply(draft, finding, command.Content.ObservedAt);
        }

        var kept = new Kept.Reconciliation { Id = command.ReconcileId, Content = command.Content, Finding = finding };
        return draft.Close(kept, new Answer.Reconciled(finding));
    }

    private static Finding Find(Draft draft, ReconciliationContent content)
    {
        // What is owed is known to be missing already.
        var most = draft.Available + draft.Held - draft.Shortfall;
        var least = most - Math.Min(content.UnknownSends, draft.Held);
        var drift = content.Observed < least ? content.Observed - least : content.Observed > most ? content.Observed - most : 0;

        // A balance read before credits went shows too many, one read before credits came too few: neither may be corrected by it.
        var outdated = content.ObservedAt < draft.ReadAt
            || (drift > 0 && content.ObservedAt < draft.LastSpentAt)
            || (drift < 0 && content.ObservedAt < draft.LastAddedAt);
        if (outdated)
        {
            return new Finding(drift, 0, 0, Applied: false);
        }

        if (drift >= 0)
        {
            var repaid = Math.Min(drift, draft.Shortfall);
            return new Finding(drift, drift - repaid, -repaid, Applied: true);
        }

        var taken = Math.Min(-drift, draft.Available);
        return new Finding(drift, -taken, -drift - taken, Applied: true);
    }

    private static void Apply(Draft draft, Finding finding, DateTimeOffset observedAt)
    {
        draft.Note(EntryKind.Reconciled, finding.Drift, owed: finding.Owed);
        if (finding.Adjusted > 0)
        {
            draft.Bring(EntryKind.Adjusted, LotSource.Adjustment, finding.Adjusted, draft.EndOfLot(draft.Now));
        }
        else if (finding.Adjusted < 0)
        {
            draft.Take(-finding.Adjusted, settles: false);
        }

        if (finding.Drift >= 0)
        {
            // The balance has every credit that the ledger has, refunds included.
            draft.Unconfirmed = [];
        }

        draft.ReadAt = observedAt;
    }

    private static Answer Again(Kept.Reconciliation known, ReconciliationContent content)
    {
        var was = known.Content;
        var field =
            was.Observed != content.Observed ? "observed_available" :
            was.UnknownSends != content.UnknownSends ? "unknown_sends" :
            was.ObservedAt != content.ObservedAt ? "observe_time" : null;
        return field is null ? new Answer.Reconciled(known.Finding) : new Answer.CommandIdReused(field);
    }
}
