using Pennypost.Routing;

namespace Pennypost.Router.Tests.Decide;

/// <summary>The words of the tables: one ordinary sender, prospect and message, to be varied line by line.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = new(2026, 11, 18, 10, 0, 0, TimeSpan.Zero);

    public static readonly RoutingPolicy Policy = RoutingPolicy.Default;

    public static readonly DateTimeOffset Renewal = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly Content Texts = new() { Subject = "A question", Body = "May I ask you one?", Note = "Shall we meet?", Email = "May I ask you something by e-mail?" };

    public static readonly SenderCredits Credits = new() { PoolId = "pool", Available = 10, RenewsAt = Renewal, ObservedAt = Now };

    /// <summary>A stranger with a closed profile who takes InMail, and was not invited: all known, seen an hour ago.</summary>
    public static readonly Sender Stranger = new()
    {
        AccountId = "ada",
        Tier = Tier.SalesNavigator,
        NetworkDistance = Seen(NetworkDistance.ThirdDegree),
        OpenProfile = Seen(false),
        CanSendInMail = Seen(true),
        Invitation = Seen(new Invitation(InvitationState.None)),
        Credits = Credits,
        OpenProfileRemaining = 800,
        OpenProfileResetsAt = Renewal,
    };

    /// <summary>Every channel of messages there is, those first that the default policy has.</summary>
    public static readonly Channel[] EveryChannel =
        [.. Policy.ChannelOrder, Channel.GroupMessageRequest, Channel.CoworkerMessageRequest, Channel.OpenToWorkMessage];

    /// <summary>The default policy with every channel on.</summary>
    public static readonly RoutingPolicy AllOn = Policy with { ChannelOrder = EveryChannel };

    /// <summary>The same, of whom nothing is known.</summary>
    public static readonly Sender Unseen = Stranger with
    {
        NetworkDistance = Fact<NetworkDistance>.Unknown,
        OpenProfile = Fact<bool>.Unknown,
        CanSendInMail = Fact<bool>.Unknown,
        Invitation = Fact<Invitation>.Unknown,
    };

    public static Fact<T> Seen<T>(T value)
        where T : struct => SeenAgo(value, TimeSpan.FromHours(1));

    public static Fact<T> SeenAgo<T>(T value, TimeSpan age)
        where T : struct => Fact.Known(value, Now - age);

    public static RouteQuestion Question(params Sender[] senders) => new()
    {
        Prospect = new ProspectState(),
        Senders = senders,
        Content = Texts,
        Now = Now,
    };

    public static Decision Decide(this RouteQuestion question) => Route.Decide(question, Policy);

    public static Candidate Of(this Decision decision, Channel channel, string sender = "ada") =>
        Assert.Single(decision.Candidates, candidate => candidate.Channel == channel && candidate.Sender.AccountId == sender);

    public static Sender With(this Sender sender, Func<SenderCredits, SenderCredits> change) =>
        sender with { Credits = change(sender.Credits!) };

    /// <summary>A decision in a few words, so that a table reads as one: "Send ada DirectMessage", "Skip SecondInMail".</summary>
    public static string InWords(this Decision decision) => decision switch
    {
        Decision.Send { Chosen: var chosen } => $"Send {chosen.Sender.AccountId} {chosen.Channel}",
        Decision.Defer defer => $"Defer {defer.Reason} {Time(defer.Until)}",
        Decision.Skip skip => $"Skip {skip.Reason}",
        Decision.NeedFacts need => $"Need {string.Join(", ", need.Facts.Select(fact => $"{fact.AccountId} {fact.Kind}"))}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static string InWords(this Candidate candidate) => candidate.Verdict switch
    {
        Verdict.Eligible => "Eligible",
        Verdict.Rejected => $"Rejected {candidate.Reason}",
        Verdict.Waits => $"Waits {candidate.Reason} {Time(candidate.WaitUntil)}",
        Verdict.NeedsFacts => $"Needs {candidate.Needs}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Time(DateTimeOffset? time) =>
        time is { } known ? $"until {known.UtcDateTime:yyyy-MM-dd HH:mm}" : "until something happens";
}
