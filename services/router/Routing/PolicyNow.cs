namespace Pennypost.Routing;

/// <summary>What a policy comes to for one question, whoever sends and by what: worked out once.</summary>
/// <param name="OpensAt">Outside its hours: when they next begin; else null.</param>
/// <param name="OnlyInConversation">Whether only senders in conversation may write.</param>
internal readonly record struct PolicyNow(DateTimeOffset? OpensAt, bool OnlyInConversation)
{
    public static PolicyNow Of(RouteQuestion question, RoutingPolicy policy) =>
        new(policy.Hours?.NextOpening(question.Now), policy.Stickiness == Stickiness.Strict && IsAnyInConversation(question.Senders));

    private static bool IsAnyInConversation(IReadOnlyList<Sender> senders)
    {
        for (var i = 0; i < senders.Count; i++)
        {
            if (senders[i].InConversation)
                return true;
        }

        return false;
    }
}
