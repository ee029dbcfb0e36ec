namespace Pennypost.Routing.Channels;

/// <summary>Whether the sender's pool has a credit for this message. Every refusal is a wait: credits come back (F37, F38).</summary>
internal static class CreditGate
{
    public static void Judge(SenderCredits credits, Priority priority, RoutingPolicy policy, ref Judgement judgement)
    {
        judgement.LookedAt(FactKinds.Credits);

        if (credits.BreakerOpenUntil > judgement.Now)
            judgement.Wait(Reason.BreakerOpen, credits.BreakerOpenUntil);

        // A balance read before its pool's own renewal tells nothing about the one after it.
        if (judgement.Now - credits.ObservedAt > policy.CreditsLife || credits.RenewsAt <= judgement.Now)
        {
            judgement.MissesWhatItNeeds(FactKinds.Credits);
            return;
        }

        // Those who wait and go first are served first; the reserve is for messages of high priority (F11).
        var reserved = credits.QueuedDemand + (priority == Priority.High ? 0 : credits.Floor);
        if (credits.Available - reserved >= 1)
            return;

        if (credits.Available + credits.Held <= 0)
            judgement.Wait(Reason.CreditsExhausted, credits.RenewsAt);
        else if (credits.Available + credits.Held - reserved >= 1)
            judgement.Wait(Reason.CreditsHeld, judgement.Now + policy.CreditsRecheck);
        else
            judgement.Wait(Reason.CreditsReserved, credits.RenewsAt);
    }
}
