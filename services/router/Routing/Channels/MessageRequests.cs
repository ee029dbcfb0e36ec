namespace Pennypost.Routing.Channels;

/// <summary>A message request to a member of a group that the sender is in too (F21; LinkedIn Help a554575). Free.</summary>
internal static class GroupMessageRequest
{
    public static void Judge(RouteQuestion question, Sender sender, RoutingPolicy policy, ref Judgement judgement) =>
        MessageRequest.Judge(question, sender, policy, FactKinds.SameGroup, sender.SameGroup, Reason.NotSameGroup, ref judgement);
}

/// <summary>A message request to somebody at the sender's company (F21; LinkedIn Help a554575). Free.</summary>
internal static class CoworkerMessageRequest
{
    public static void Judge(RouteQuestion question, Sender sender, RoutingPolicy policy, ref Judgement judgement) =>
        MessageRequest.Judge(question, sender, policy, FactKinds.Coworker, sender.Coworker, Reason.NotCoworkers, ref judgement);
}

/// <summary>What holds for a message request, whatever two members have in common.</summary>
internal static class MessageRequest
{
    public static void Judge(
        RouteQuestion question, Sender sender, RoutingPolicy policy, FactKinds kind, Fact<bool> inCommon, Reason without, ref Judgement judgement)
    {
        switch (judgement.Look(kind, inCommon, policy.CommonGroundLife))
        {
            case false:
                judgement.Reject(without);
                break;
            case null:
                judgement.MissesWhatItNeeds(kind);
                break;
        }

        // To a connection it would be an ordinary message.
        switch (judgement.LookAtDistance(sender))
        {
            case NetworkDistance.FirstDegree:
                judgement.Reject(Reason.AlreadyConnected);
                break;
            case null:
                judgement.MissesWhatMayForbidIt(FactKinds.NetworkDistance);
                break;
        }

        Texts.JudgeMessage(question.Content, policy.TextsOf(sender.Tier), ref judgement);
    }
}
