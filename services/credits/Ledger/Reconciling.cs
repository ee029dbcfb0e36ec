namespace Pennypost.Ledger;

/// <summary>
/// The provider's balance is what a send will meet, so the ledger follows it. Open holds have not left yet, or have: those that nobody knows of (unknown sends) may be
/// in the balance or not, and explain a difference of up to as many. Refunds do not show at the provider at once: while they are in flight they are missing without being a drift, and are none when
/// they arrive; they are taken all the same, since a send would meet their absence. A correction downwards takes what is available and no more; the rest is owed, and taken from the
/// next credits that become available, for instance when an open hold is released. A correction upwards may be a refund whose reply is told only later: it is kept in mind (<see cref="Pool.Ahead"/>), so that the
/// credit does not come twice.
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
        var content = command.Content;

        // What is owed is known to be missing already.
        var most = draft.Available + draft.Held - draft.Shortfall;
        var least = most - Math.Min(content.UnknownSends, draft.Held);
        var difference = content.Observed < least ? content.Observed - least : content.Observed > most ? content.Observed - most : 0;
        var finding = IsOutdated(draft, difference, content.ObservedAt)
            ? new Finding(difference, 0, 0, Applied: false)
            : Apply(draft, difference, content.ObservedAt);
        var kept = new Kept.Reconciliation { Id = command.ReconcileId, Content = content, Finding = finding };
        return draft.Close(kept, new Answer.Reconciled(finding));
    }

    // A balance read before credits went shows too many, one read before credits came too few: neither may be corrected by it.
    private static bool IsOutdated(Draft draft, long difference, DateTimeOffset observedAt) =>
        observedAt < draft.ReadAt
        || (difference > 0 && observedAt < draft.LastSpentAt)
        || (difference < 0 && observedAt < draft.LastAddedAt);

    private static Finding Apply(Draft draft, long difference, DateTimeOffset observedAt)
    {
        var finding = difference < 0 ? Down(draft, -difference) : Up(draft, difference);
        draft.Compare(finding.Drift, finding.Owed, observedAt);
        if (finding.Adjusted > 0)
        {
            draft.Bring(EntryKind.Adjusted, LotSource.Adjustment, finding.Adjusted, draft.EndOfLot(draft.Now));
        }
        else if (finding.Adjusted < 0)
        {
            draft.Take(-finding.Adjusted, settles: false);
        }

        if (difference >= 0 && draft.Awaited == 0)
        {
            // The balance has every credit that the ledger has, refunds included.
            draft.Unconfirmed = [];
        }

        return finding;
    }

    private static Finding Down(Draft draft, long missing)
    {
        var inFlight = Math.Min(missing, Math.Max(0, draft.Provisional - draft.Awaited));
        var taken = Math.Min(missing, draft.Available);
        draft.Awaited += inFlight;
        draft.Ahead -= Math.Min(draft.Ahead, missing - inFlight);
        return new Finding(inFlight - missing, -taken, missing - taken, Applied: true);
    }

    private static Finding Up(Draft draft, long more)
    {
        var arrived = Math.Min(more, draft.Awaited);
        var repaid = Math.Min(more, draft.Shortfall);
        draft.Awaited -= arrived;
        draft.Ahead += Math.Max(0, more - arrived - repaid);
        return new Finding(more - arrived, more - repaid, -repaid, Applied: true);
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
