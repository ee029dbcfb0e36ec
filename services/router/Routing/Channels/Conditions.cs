namespace Pennypost.Routing.Channels;

/// <summary>
/// What the policy asks of a channel beyond LinkedIn's own rules. Judged last, so that a candidate that is impossible anyway says so.
/// </summary>
internal static class Conditions
{
    public static void Judge(ChannelCondition condition, bool isGeneric, RouteQuestion question, Sender sender, RoutingPolicy policy, ref Judgement judgement)
    {
        judgement.RejectIf(question.Priority < condition.MinPriority, Reason.PriorityTooLow);
        judgement.RejectIf(condition.NotGeneric && isGeneric, Reason.ContentGeneric);

        if (condition.EmailVerified)
            JudgeAddress(question.Prospect, policy, ref judgement);
        if (condition.MinCredits > 0)
            JudgeCredits(condition.MinCredits, sender, policy, ref judgement);
    }

    private static void JudgeAddress(ProspectState prospect, RoutingPolicy policy, ref Judgement judgement)
    {
        switch (judgement.Look(FactKinds.EmailVerified, prospect.EmailVerified, policy.EmailVerifiedLife))
        {
            case false:
                judgement.Reject(Reason.EmailNotVerified);
                break;
            case null:
                judgement.MissesWhatItNeeds(FactKinds.EmailVerified);
                break;
        }
    }

    /// <summary>"Sender has at least n credits" (F26; the seeds miss it: "there is no condition that checks whether a sender has InMail credits remaining").</summary>
    private static void JudgeCredits(long least, Sender sender, RoutingPolicy policy, ref Judgement judgement)
    {
        if (sender.Credits is not { } credits)
        {
            judgement.Reject(Reason.TooFewCredits);
            return;
        }

        judgement.LookedAt(FactKinds.Credits);
        if (!credits.IsKnownAt(judgement.Now, policy.CreditsLife))
            judgement.MissesWhatItNeeds(FactKinds.Credits);
        else if (credits.Left < least)
            judgement.Wait(Reason.TooFewCredits, credits.LookAgainAt(judgement.Now, policy));
    }
}
