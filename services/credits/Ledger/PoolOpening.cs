namespace Pennypost.Ledger;

internal static class PoolOpening
{
    public static Decision Decide(Pool? pool, Command.OpenPool command)
    {
        if (pool is not null)
        {
            return Again(pool, command);
        }

        var terms = command.Plan.Terms;
        var renewal = RenewalOf(command);
        var draft = new Draft(new Pool
        {
            Id = command.PoolId,
            Opening = command.Opening,
            Terms = terms,
            Renewal = renewal,
            OpenedAt = command.Now,
            AsOf = command.Now,
            NextRenewalAt = terms.MonthlyGrant > 0 ? renewal.NextAfter(command.Now) : null,
        });
        draft.CausedBy(command.PoolId);
        draft.Note(EntryKind.Created);

        // A seat that is not new has what the provider shows; how old those credits are nobody can say, so they age from here.
        var (source, credits) = command.Opening.Balance is { } balance ? (LotSource.Opening, balance) : (LotSource.Grant, terms.MonthlyGrant);
        if (credits > 0)
        {
            draft.Bring(EntryKind.Granted, source, credits, draft.EndOfLot(command.Now));
        }

        return draft.Close(null, new Answer.PoolOpen());
    }

    private static Decision Again(Pool pool, Command.OpenPool command)
    {
        var (was, now) = (pool.Opening, command.Opening);
        var field =
            was.PlanId != now.PlanId ? "plan_id" :
            was.Renewal != now.Renewal ? "renewal" :
            was.Balance != now.Balance ? "opening_balance" : null;
        var draft = new Draft(pool);
        Passing.Until(draft, command.Now);
        return draft.Close(null, field is null ? new Answer.PoolOpen() : new Answer.PoolIdReused(field));
    }

    private static Renewal RenewalOf(Command.OpenPool command) => command.Plan.Terms.Renewal switch
    {
        RenewalKind.Never => new Renewal.Never(),
        _ when command.Opening.Renewal is { } named => named,
        RenewalKind.CalendarMonth => new Renewal.CalendarMonth(),
        _ => new Renewal.BillingAnchor(command.Now.UtcDateTime.Day, TimeZoneInfo.Utc),
    };
}
