using Pennypost.Routing;
using static Pennypost.Router.Tests.Decide.Given;

namespace Pennypost.Router.Tests.Decide;

/// <summary>F87: an engagement is what it is. Only who does it is open, and nothing about credits or connections matters to it.</summary>
public sealed class RoutingAnEngagement
{
    public static TheoryData<Channel> Engagements => [Channel.ProfileView, Channel.Like, Channel.Comment];

    [Theory]
    [MemberData(nameof(Engagements))]
    public void Goes_whatever_is_known_and_whatever_credits_are_left_F87(Channel engagement)
    {
        var broke = Unseen.With(credits => credits with { Available = 0, BreakerOpenUntil = Renewal });
        var decision = Ask(engagement, broke);

        Assert.Equal($"Send ada {engagement}", decision.InWords());
        Assert.Equal((0, FactKinds.None, null), (decision.Candidates[0].CreditCost, decision.Candidates[0].RestsOn, decision.Candidates[0].PoolId));
        Assert.Equal(engagement, Assert.Single(decision.Candidates).Channel);
    }

    [Theory]
    [MemberData(nameof(Engagements))]
    public void Stops_for_what_stops_every_send_F87(Channel engagement)
    {
        Assert.Equal("Defer AccountRestricted until something happens", Ask(engagement, Stranger with { State = AccountState.Restricted }).InWords());
        Assert.Equal($"Send bob {engagement}", Ask(engagement, Stranger with { State = AccountState.Paused }, Stranger with { AccountId = "bob" }).InWords());
        Assert.Equal("Skip ProviderRefused", Ask(engagement, Stranger with { ClosedChannels = [engagement] }).InWords());
        var suppressed = Question(Stranger) with { Content = new Content { Engagement = engagement }, Prospect = new() { Suppressed = true } };
        Assert.Equal("Skip ProspectSuppressed", suppressed.Decide().InWords());
        Assert.EndsWith("it is free.", Explanation.Of(Ask(engagement, Stranger), Policy), StringComparison.Ordinal);
    }

    private static Decision Ask(Channel engagement, params Sender[] senders) => (Question(senders) with { Content = new Content { Engagement = engagement } }).Decide();
}
