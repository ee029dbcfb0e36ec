namespace Pennypost.Ledger;

/// <summary>
/// Another plan, or none. Unused credits are lost with the plan, and nothing transfers (LinkedIn Help 75, 1584). Open holds are settled as they would have been: a capture spends the credit that was set aside, a
/// release finds its lot ended. A refund of a send from before comes to the new plan; without one it is lost at once.
/// </summary>
internal static class PlanChanging
{
    public static Decision Change(Draft draft, Kept.PlanChange? known, Command.ChangePlan command)
    {
        if (known is not null)
        {
            return draft.Close(null, Again(known, command.Content));
        }

        var change = new Kept.PlanChange { Id = command.ChangeId, Content = command.Content };
        if (command.Plan.Product != draft.Plan.Product)
        {
            return Refuse(draft, change, PlanChangeRefusal.OtherProduct);
        }

        draft.CausedBy(command.ChangeId);
        Leave(draft, PoolOpening.PlanOf(command.Plan, command.Content, draft.Now));
        PoolOpening.Begin(draft, command.Content.Balance);
        return draft.Close(change, new Answer.PlanChanged());
    }

    public static Decision Cancel(Draft draft, Kept.PlanChange? known, Command.CancelPlan command)
    {
        if (known is not null)
        {
            return draft.Close(null, Again(known, null));
        }

        var change = new Kept.PlanChange { Id = command.ChangeId, Content = null };
        if (draft.Plan.CancelledAt is not null)
        {
            return Refuse(draft, change, PlanChangeRefusal.Cancelled);
        }

        draft.CausedBy(command.ChangeId);
        Leave(draft, draft.Plan with { CancelledAt = draft.Now });
        draft.NextRenewalAt = null;
        return draft.Close(change, new Answer.PlanChanged());
    }

    /// <summary>Takes the rules; a cap that is lower than the balance takes nothing before the next grant meets it.</summary>
    public static Decision ChangeTerms(Draft draft, Command.ChangeTerms command)
    {
        if (draft.Plan.Terms == command.Terms)
        {
            return draft.Close(null, new Answer.RulesSet());
        }

        var renewal = command.Terms.Renewal == draft.Terms.Renewal ? draft.Renewal : PoolOpening.RenewalOf(command.Terms, null, draft.Now);
        draft.Come(EntryKind.TermsChanged, draft.Plan with { Terms = command.Terms, Renewal = renewal });
        if (draft.Plan.CancelledAt is null)
        {
            draft.NextRenewalAt = command.Terms.MonthlyGrant > 0 ? renewal.NextAfter(draft.Now) : null;
        }

        return draft.Close(null, new Answer.RulesSet());
    }

    private static void Leave(Draft draft, PlanInForce plan)
    {
        foreach (var lot in draft.Lots.ToList())
        {
            if (!lot.IsEmpty && !lot.HasEnded(draft.Now))
            {
                draft.End(lot, EntryKind.Forfeited);
            }
        }

        // What was owed was owed by credits that are gone, and what the provider had still to confirm went with them.
        draft.Come(EntryKind.PlanChanged, plan, owed: -draft.Shortfall);
        draft.Unconfirmed = [];
        draft.Awaited = 0;
        draft.Ahead = 0;
    }

    private static Decision Refuse(Draft draft, Kept.PlanChange change, PlanChangeRefusal refusal) =>
        draft.Close(change with { Refusal = refusal }, new Answer.PlanChangeRefused(refusal));

    private static Answer Again(Kept.PlanChange known, Opening? content) => (known.Content, content) switch
    {
        ({ } was, { } now) when was.Difference(now) is { } field => new Answer.CommandIdReused(field),
        (null, not null) or (not null, null) => new Answer.CommandIdReused("plan_id"),
        _ => known.Refusal is { } refusal ? new Answer.PlanChangeRefused(refusal) : new Answer.PlanChanged(),
    };
}
