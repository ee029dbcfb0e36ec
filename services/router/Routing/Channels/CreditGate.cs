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

        // Those who wait and go first are served first; the reserve is for messages of high priority (F11).
        var reserved = credits.QueuedDemand + (priority == Priority.High ? 0 : credits.Floor);
        if (credits.Available - reserved >= 1)
        {
            if (priority != Priority.High && credits.Available - credits.QueuedDemand <= policy.CreditFloor)
                judgement.WaitForCredit(Reason.CreditsKeptByPolicy, credits.LookAgainAt(judgement.Now, policy));
            return;
        }

        if (credits.Available + credits.Held <= 0)
            judgement.WaitForCredit(Reason.CreditsExhausted, credits.RenewsAt);
        else if (credits.Available + credits.Held - reserved >= 1)
            judgement.WaitForCredit(Reason.CreditsHeld, judgement.Now + policy.CreditsRecheck);
        else
            judgement.WaitForCredit(Reason.CreditsReserved, credits.RenewsAt);
    }
}
