namespace Pennypost.Routing.Channels;

/// <summary>What holds for an InMail, free or paid.</summary>
internal static class AnyInMail
{
    public static void Judge(RouteQuestion question, Sender sender, RoutingPolicy policy, ref Judgement judgement)
    {
        // LinkedIn Help 75: no second InMail until they respond; 57013: Sales Navigator may (F23).
        judgement.RejectIf(
            sender is { LastInMailAt: not null, LastInMailAnswered: false } && sender.Credits?.SecondInMailAllowed != true,
            Reason.SecondInMail);

        judgement.RejectIf(sender.InMailRefusedUntil > judgement.Now, Reason.InMailEligibility);
        Texts.JudgeInMail(question.Content, policy.TextsOf(sender.Tier), ref judgement);
    }
}

/// <summary>
/// An InMail to an open profile. Free, with an allowance of its own (F18); the credit breaker does not concern it (F33).
/// Nor does the provider's word on InMail in general: an open profile takes messages from everybody.
/// </summary>
internal static class OpenProfileInMail
{
    public static void Judge(RouteQuestion question, Sender sender, RoutingPolicy policy, ref Judgement judgement)
    {
        switch (judgement.Look(FactKinds.OpenProfile, sender.OpenProfile, policy.OpenProfileLife))
        {
            case true:
                break;
            case false:
                judgement.Reject(Reason.NotOpenProfile);
                break;
            case null:
                // Taken for open on a guess, it would cost a credit.
                judgement.MissesWhatItNeeds(FactKinds.OpenProfile);
                break;
        }

        AnyInMail.Judge(question, sender, policy, ref judgement);

        if (sender.OpenProfileRemaining <= 0)
            judgement.Wait(Reason.OpenProfileAllowanceUsed, sender.OpenProfileResetsAt);
    }
}

/// <summary>An InMail that costs one credit: where no free path exists, and only if it is warranted.</summary>
internal static class PaidInMail
{
    public static void Judge(RouteQuestion question, Sender sender, RoutingPolicy policy, ref Judgement judgement)
    {
        if (sender.Credits is not { } credits)
        {
            judgement.Reject(Reason.PlanHasNoInMail);
            return;
        }

        JudgeFreePaths(sender, policy, ref judgement);
        JudgeRecipient(sender, policy, ref judgement);
        AnyInMail.Judge(question, sender, policy, ref judgement);
        JudgeWarrant(question.Priority, sender, credits, policy, ref judgement);
        CreditGate.Judge(credits, question.Priority, policy, ref judgement);
    }

    /// <summary>
    /// No credit where the same sender could write for nothing, now or later. What is unknown does not forbid it in the
    /// end, because LinkedIn itself takes no credit for a connection or an open profile (a1451572).
    /// </summary>
    private static void JudgeFreePaths(Sender sender, RoutingPolicy policy, ref Judgement judgement)
    {
        switch (judgement.LookAtDistance(sender))
        {
            case NetworkDistance.FirstDegree:
                judgement.Reject(Reason.AlreadyConnected);
                break;
            case null:
                judgement.MissesWhatMayForbidIt(FactKinds.NetworkDistance);
                break;
        }

        switch (judgement.Look(FactKinds.OpenProfile, sender.OpenProfile, policy.OpenProfileLife))
        {
            case true:
                judgement.Reject(Reason.InMailNotWarranted);
                break;
            case null:
                judgement.MissesWhatMayForbidIt(FactKinds.OpenProfile);
                break;
        }
    }

    private static void JudgeRecipient(Sender sender, RoutingPolicy policy, ref Judgement judgement)
    {
        switch (judgement.Look(FactKinds.CanSendInMail, sender.CanSendInMail, policy.CanSendInMailLife))
        {
            case false:
                judgement.Reject(Reason.InMailEligibility);
                break;
            case null:
                judgement.MissesWhatMayForbidIt(FactKinds.CanSendInMail);
                break;
        }
    }

    /// <summary>"InMail only if needed" (seeds): the priority, an invitation that was not accepted in time, or a credit that would be lost anyway.</summary>
    private static void JudgeWarrant(Priority priority, Sender sender, SenderCredits credits, RoutingPolicy policy, ref Judgement judgement)
    {
        var warrant = policy.Warrant;
        if (warrant.HighPriority && priority == Priority.High)
            return;

        var mayBeForfeited = false;
        if (warrant.WouldBeForfeited)
        {
            judgement.LookedAt(FactKinds.Credits);
            mayBeForfeited = !credits.IsKnownAt(judgement.Now, policy.CreditsLife);
            if (!mayBeForfeited && credits.NextWouldBeForfeited)
                return;
        }

        if (!warrant.UnansweredInvitation)
        {
            NotWarranted(null, mayBeForfeited, ref judgement);
            return;
        }

        switch (judgement.Look(FactKinds.Invitation, sender.Invitation, policy.InvitationLife))
        {
            case { State: InvitationState.Pending or InvitationState.Withdrawn } invitation:
                // An invitation whose time is unknown was sent at the latest when it was seen, or withdrawn.
                var sentAt = invitation.SentAt ?? invitation.WithdrawnAt ?? sender.Invitation.ObservedAt!.Value;
                if (sentAt + policy.InvitationPatience > judgement.Now)
                    NotWarranted(sentAt + policy.InvitationPatience, mayBeForfeited, ref judgement);
                break;
            case null:
                judgement.MissesWhatItNeeds(FactKinds.Invitation);
                break;
            default:
                NotWarranted(null, mayBeForfeited, ref judgement);
                break;
        }
    }

    /// <summary>As long as it is not known that the credit would not be forfeited, the lack of another warrant decides nothing.</summary>
    private static void NotWarranted(DateTimeOffset? until, bool mayBeForfeited, ref Judgement judgement)
    {
        if (mayBeForfeited)
            judgement.MissesWhatItNeeds(FactKinds.Credits);
        else if (until is { } time)
            judgement.Wait(Reason.InMailNotWarranted, time);
        else
            judgement.Reject(Reason.InMailNotWarranted);
    }
}
