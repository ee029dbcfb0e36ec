namespace Pennypost.Routing.Channels;

/// <summary>What holds for a send by any channel.</summary>
internal static class EverySend
{
    public static void Judge(RouteQuestion question, Sender sender, Channel channel, in PolicyNow policyNow, ref Judgement judgement)
    {
        var prospect = question.Prospect;
        judgement.RejectIf(prospect.Suppressed, Reason.ProspectSuppressed);
        judgement.RejectIf(prospect.RepliedAt is not null && !prospect.ReplyReleased, Reason.ProspectReplied);

        // One sender per prospect at a time, and under a strict policy also from one time to the next (F31).
        judgement.RejectIf(
            (prospect.ClaimedBy is { } claimer && !string.Equals(claimer, sender.AccountId, StringComparison.Ordinal))
                || (policyNow.OnlyInConversation && !sender.InConversation),
            Reason.ClaimedByOtherSender);

        judgement.RejectIf(!sender.Offers(channel), Reason.ChannelNotOffered);
        judgement.RejectIf(sender.IsClosed(channel), Reason.ProviderRefused);

        // It sends again when it is reconnected or resumed, whenever that is (F48).
        if (sender.State != AccountState.Ok)
            judgement.Wait(ReasonOf(sender.State), null);

        if (policyNow.OpensAt is { } opening)
            judgement.Wait(Reason.OutsidePolicyHours, opening);
    }

    private static Reason ReasonOf(AccountState state) => state switch
    {
        AccountState.Restricted => Reason.AccountRestricted,
        AccountState.Paused => Reason.AccountPaused,
        _ => Reason.AccountDisconnected,
    };
}
