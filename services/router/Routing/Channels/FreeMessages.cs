namespace Pennypost.Routing.Channels;

/// <summary>A message to a first-degree connection. Free.</summary>
internal static class DirectMessage
{
    public static void Judge(RouteQuestion question, Sender sender, RoutingPolicy policy, ref Judgement judgement)
    {
        switch (judgement.LookAtDistance(sender))
        {
            case NetworkDistance.FirstDegree:
                break;
            case null:
                judgement.MissesWhatItNeeds(FactKinds.NetworkDistance);
                break;
            default:
                judgement.Reject(Reason.NotConnected);
                break;
        }

        Texts.JudgeMessage(question.Content, policy.TextsOf(sender.Tier), ref judgement);
    }
}

/// <summary>A message in a thread in which the prospect has replied: a free window, connected or not (F20).</summary>
internal static class RepliedThread
{
    public static void Judge(RouteQuestion question, Sender sender, RoutingPolicy policy, ref Judgement judgement)
    {
        judgement.RejectIf(!sender.RepliedThread, Reason.NoRepliedThread);
        Texts.JudgeMessage(question.Content, policy.TextsOf(sender.Tier), ref judgement);
    }
}
