namespace Pennypost.Routing.Rates;

/// <summary>
/// What is believed of each channel before the tenant has counts of its own, as if so many tries had gone one way and the other. The figures are those of the articles that Pennypost was conceived from ("the seeds"); where they give
/// none, the comment says so. Ten tries at most: a few dozen sends of the tenant's own outweigh them.
/// </summary>
public static class RatePriors
{
    /// <summary>The channels that carry words and can be answered.</summary>
    public static IReadOnlyList<Channel> Channels { get; } =
        [Channel.DirectMessage, Channel.RepliedThread, Channel.OpenProfileInMail, Channel.ConnectionRequest, Channel.InMail, Channel.Email];

    /// <summary>How often connection requests are accepted: three in ten (seeds, Quicklead: "Acceptance rates of 25–35%").</summary>
    public static RateBelief Accept { get; } = new(3, 7);

    /// <summary>How often a message by this channel begins a conversation.</summary>
    public static RateBelief Reply(Channel channel) => channel switch
    {
        // Seeds, Quicklead: "a great rep with a 30% reply rate" against "a rep at 10%": the middle of the two. What Route expects of a credit rests on the same.
        Channel.InMail => new RateBelief(RoutingPolicy.Default.ReplyPrior.Answered, RoutingPolicy.Default.ReplyPrior.Unanswered),

        // Seeds: "higher response rates since the recipients have explicitly opted into receiving messages", without a number: the upper end of InMail's.
        Channel.OpenProfileInMail => new RateBelief(3, 7),

        // The seeds call people "more open" after a connection, and give a number for neither these nor e-mail: InMail's middle, at half its weight.
        _ => new RateBelief(1, 4),
    };
}
