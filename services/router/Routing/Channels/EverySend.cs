namespace Pennypost.Routing.Channels;

/// <summary>What holds for a send by any channel.</summary>
internal static class EverySend
{
    public static void Judge(RouteQuestion question, Sender sender, Channel channel, ref Judgement judgement)
    {
        var prospect = question.Prospect;
        judgement.RejectIf(prospect.Suppressed, Reason.ProspectSuppressed);
        judgement.RejectIf(prospect.RepliedAt is not null && !prospect.ReplyReleased, Reason.ProspectReplied);

        // One sender per prospect at a time (F31).
        judgement.RejectIf(
            prospect.ClaimedBy is { } claimer && !string.Equals(claimer, sender.AccountId, StringComparison.Ordinal),
            Reason.ClaimedByOtherSender);

        judgement.RejectIf(IsClosed(sender, channel), Reason.ProviderRefused);

        // It sends again when it is reconnected or resumed, whenever that is (F48).
        if (sender.State != AccountState.Ok)
            judgement.Wait(ReasonOf(sender.State), null);
    }

    private static Reason ReasonOf(AccountState state) => state switch
    {
        AccountState.Restricted => Reason.AccountRestricted,
        AccountState.Paused => Reason.AccountPaused,
        _ => Reason.AccountDisconnected,
    };

    private static bool IsClosed(Sender sender, Channel channel)
    {
        var closed = sender.ClosedChannels;
        for (var i = 0; i < closed.Count; i++)
        {
            if (closed[i] == channel)
                return true;
        }

        return false;
    }
}
