namespace Pennypost.Routing.Channels;

/// <summary>Whether the sender's pool has a credit for this message. Every refusal is a wait: credits come back (F37, F38).</summary>
internal static class CreditGate
{
    public static void Judge(SenderCredits credits, Priority priority, RoutingPolicy policy, ref Judgement judgement)
    {
        judgement.LookedAt(FactKinds.Credits);

        if (credits.BreakerOpenUntil > judgement.Now)
            judgement.WaitForCredit(Reason.BreakerOpen, credits.BreakerOpenUntil);

        if (!credits.IsKnownAt(judgement.Now, policy.CreditsLife))
        {
            judgement.MissesWhatItNeeds(FactKinds.Credits);
            return;
        }

        // Those who wait and go first are served first; the reserve is for messages of high priority, and the policy may keep more than the pool (F11).
        var reserved = credits.QueuedDemand + (priority == Priority.High ? 0 : Math.Max(credits.Floor, policy.CreditFloor));
        if (credits.Available - reserved >= 1)
            return;

        if (credits.Available + credits.Held <= 0)
            judgement.WaitForCredit(Reason.CreditsExhausted, credits.RenewsAt);
        else if (credits.Available + credits.Held - reserved >= 1)
            judgement.WaitForCredit(Reason.CreditsHeld, judgement.Now + policy.CreditsRecheck);
        else
            judgement.WaitForCredit(Reason.CreditsReserved, credits.RenewsAt);
    }
}
