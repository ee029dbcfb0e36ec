namespace Pennypost.Ledger;

internal static class PoolOpening
{
    public static Decision Decide(Pool? pool, Command.OpenPool command)
    {
        if (pool is not null)
        {
            return Again(pool, command);
        }

        var plan = PlanOf(command.Plan, command.Opening, command.Now);
        var draft = new Draft(new Pool
        {
            Id = command.PoolId,
            Opening = command.Opening,
            Plan = plan,
            OpenedAt = command.Now,
            AsOf = command.Now,
            PeriodAt = command.Now,
        });
        draft.CausedBy(command.PoolId);
        draft.Come(EntryKind.Created, plan);
        Begin(draft, command.Opening.Balance);
        return draft.Close(null, new Answer.PoolOpen());
    }

    /// <summary>The first day on a plan.</summary>
    public static void Begin(Draft draft, long? balance)
    {
        draft.PeriodAt = draft.Now;
        draft.NextRenewalAt = draft.Terms.MonthlyGrant > 0 ? draft.Renewal.NextAfter(draft.Now) : null;

        // A seat that is not new has what the provider shows; how old those credits are nobody can say, so they age from here.
        var (source, credits) = balance is { } shown ? (LotSource.Opening, shown) : (LotSource.Grant, draft.Terms.MonthlyGrant);
        if (credits > 0)
        {
            draft.Bring(EntryKind.Granted, source, credits, draft.EndOfLot(draft.Now));
        }
    }

    public static PlanInForce PlanOf(Plan plan, Opening content, DateTimeOffset now)
    {
        var terms = content.Terms?.On(plan.Terms) ?? plan.Terms;
        return new PlanInForce(plan.Id, plan.Product, content.CatalogVersion, terms, RenewalOf(terms, content.Renewal, now), now);
    }

    private static Decision Again(Pool pool, Command.OpenPool command)
    {
        var field = pool.Opening.Difference(command.Opening);
        var draft = new Draft(pool);
        Passing.Until(draft, command.Now);
        return draft.Close(null, field is null ? new Answer.PoolOpen() : new Answer.PoolIdReused(field));
    }

    public static Renewal RenewalOf(Terms terms, Renewal? named, DateTimeOffset now) => terms.Renewal switch
    {
        RenewalKind.Never => new Renewal.Never(),
        _ when named is not null => named,
        RenewalKind.CalendarMonth => new Renewal.CalendarMonth(),
        _ => new Renewal.BillingAnchor(now.UtcDateTime.Day, TimeZoneInfo.Utc),
    };
}
