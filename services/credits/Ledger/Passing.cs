namespace Pennypost.Ledger;

/// <summary>
/// The passing of time. Nothing watches a pool: each decision first books what fell due since the last one, in its order and under its own time, so that a pool that
/// was left alone for a year reads as if somebody had been there every night.
/// </summary>
internal static class Passing
{
    /// <summary>
    /// Books everything due up to and including <paramref name="now"/>. At one moment holds end first, so that their credit can expire with its lot; lots end before the
    /// renewal, so that they make room under the cap. Bounded: each step ends a hold or a lot, or moves on by a month.
    /// </summary>
    public static void Until(Draft draft, DateTimeOffset now)
    {
        while (NextDue(draft) is { } due && due <= now)
        {
            draft.Now = due;
            EndHolds(draft);
            EndLots(draft);
            if (draft.NextRenewalAt == due)
            {
                Renew(draft);
            }

            draft.PayShortfall();
            Announcing.Announce(draft);
        }

        if (now > draft.Now)
        {
            draft.Now = now;
        }
    }

    /// <summary>How many credits the renewal at <paramref name="renewal"/> will forfeit if nothing else happens until then.</summary>
    public static long ForfeitsAt(Pool pool, DateTimeOffset renewal)
    {
        var draft = new Draft(pool with { Plan = pool.Plan with { Terms = pool.Terms with { AnnounceBefore = null } } });
        Until(draft, renewal);
        return draft.Close(null, new Answer.TimePassed()).Pool!.Totals.Forfeited - pool.Totals.Forfeited;
    }

    private static DateTimeOffset? NextDue(Draft draft)
    {
        var next = Pool.Soonest(
            draft.NextRenewalAt, Announcing.NextAt(draft.Plan, draft.NextRenewalAt, draft.RenewalAnnounced, draft.ExpiryAnnounced, draft.LotsInOrder, draft.Now));
        if (draft.Timers.Length > 0)
        {
            next = Pool.Soonest(next, draft.Timers[0].ExpiresAt);
        }

        // Lots stand in the order in which they end.
        foreach (var lot in draft.Lots)
        {
            if (lot.Available > 0)
            {
                return Pool.Soonest(next, lot.ExpiresAt);
            }
        }

        return next;
    }

    private static void EndHolds(Draft draft)
    {
        while (draft.Timers.Length > 0 && draft.Timers[0].ExpiresAt <= draft.Now)
        {
            var timer = draft.Timers[0];
            draft.DropTimer(timer.HoldId);
            Limits.GiveBack(draft, timer.Charge);
            draft.PutBack(EntryKind.TimedOut, timer.Lot, timer.HoldId);
        }
    }

    private static void EndLots(Draft draft)
    {
        for (var at = 0; at < draft.Lots.Count && draft.Lots[at].HasEnded(draft.Now); at++)
        {
            if (draft.Lots[at].Available > 0)
            {
                draft.Expire(draft.Lots[at]);
            }
        }
    }

    private static void Renew(Draft draft)
    {
        var lot = draft.Bring(EntryKind.Granted, LotSource.Grant, draft.Terms.MonthlyGrant, draft.EndOfLot(draft.Now));
        var overflow = draft.Available + draft.Held - draft.Terms.Cap;
        if (draft.Terms.Overflow == OverflowRule.EvictOldest)
        {
            overflow -= EvictOldest(draft, overflow, lot.Number);
        }

        if (overflow > 0)
        {
            draft.Forfeit(lot, Math.Min(overflow, lot.Available));
        }

        draft.PeriodAt = draft.Now;
        draft.NextRenewalAt = draft.Renewal.NextAfter(draft.Now);
    }

    private static long EvictOldest(Draft draft, long overflow, long newest)
    {
        long evicted = 0;
        while (evicted < overflow)
        {
            Lot? oldest = null;
            foreach (var lot in draft.Lots)
            {
                if (lot.Available > 0 && lot.Source != LotSource.TopUp && lot.Number < (oldest?.Number ?? newest))
                {
                    oldest = lot;
                }
            }

            if (oldest is null)
            {
                break;
            }

            var part = Math.Min(overflow - evicted, oldest.Available);
            draft.Forfeit(oldest, part);
            evicted += part;
        }

        return evicted;
    }
}
