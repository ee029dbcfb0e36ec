using Google.Protobuf.WellKnownTypes;
using Pennypost.Router.V1;
using Pennypost.Routing;
using Channel = Pennypost.Types.V1.Channel;

namespace Pennypost.Bench.Deciding;

/// <summary>
/// The same questions for every measurement: a visit of a profile by one sender is one candidate; a message by 2 or 20 senders is 10 or 100, for e-mail is off and five channels are left.
/// </summary>
internal static class Questions
{
    private const string CorrelationId = "p-000001";

    private static readonly Timestamp Now = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 11, 18, 10, 0, 0, TimeSpan.Zero));
    private static readonly Timestamp Seen = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 11, 18, 9, 58, 0, TimeSpan.Zero));
    private static readonly Timestamp Renewal = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>How many candidates a question may lead to.</summary>
    public static IReadOnlyList<int> Sizes { get; } = [1, 10, 100];

    public static RoutingPolicy Policy { get; } = RoutingPolicy.Default.WithEmail(EmailPlace.Never);

    /// <summary>
    /// A message that matters to a stranger with a closed profile. With all facts every channel is looked at to its end, and the connection request is chosen; without any, they are asked for.
    /// </summary>
    public static RouteRequest Of(int candidates, bool known = true)
    {
        var request = new RouteRequest
        {
            Prospect = new Router.V1.ProspectState(),
            Content = new Types.V1.Content
            {
                Subject = "A question about routing",
                Body = "I read what you wrote about routing, and wonder how you measure it. May I ask you one question?",
                Note = "I read what you wrote about routing. May I ask you one question?",
            },
            Priority = Types.V1.Priority.High,
            Now = Now,
            Replies = new Types.V1.ReplyCounts { Sent = 210, Replied = 37 },
        };
        var senders = candidates == 1 ? 1 : candidates / Policy.ChannelOrder.Count;
        for (var sender = 0; sender < senders; sender++) request.Senders.Add(Sender(sender, known));
        if (candidates == 1) request.Content = new Types.V1.Content { Engagement = new Types.V1.Engagement { Channel = Channel.ProfileView } };
        return request;
    }

    /// <summary>The same as an item of a stream.</summary>
    public static RouteManyRequest Item(int candidates) => new() { CorrelationId = CorrelationId, Route = Of(candidates) };

    /// <summary>In the rules' own words.</summary>
    public static RouteQuestion Asked(int candidates, bool known = true) => Router.Wire.Question(Of(candidates, known));

    /// <summary>What the router answers.</summary>
    public static Types.V1.Decision Answer(RouteRequest request)
    {
        var question = Router.Wire.Question(request);
        return Router.Wire.Answer(Routing.Route.Decide(question, Policy), question.Prospect);
    }

    public static RouteManyResponse AnswerToItem(RouteManyRequest item) => new() { CorrelationId = item.CorrelationId, Decision = Answer(item.Route) };

    private static Router.V1.Sender Sender(int number, bool known)
    {
        var sender = new Router.V1.Sender
        {
            AccountId = $"account-{number:00}",
            Tier = Types.V1.Tier.SalesNavigator,
            State = Types.V1.AccountState.Ok,
            Credits = new Router.V1.SenderCredits
            {
                PoolId = $"pool-{number:00}",
                Product = Types.V1.Product.SalesNavigator,
                Available = 20 + number,
                Held = 1,
                QueuedDemand = 3,
                RenewTime = Renewal,
                PriceMicros = 10_000_000,
                Currency = "USD",
                ObserveTime = Seen,
                Budget = 50,
            },
            OpenProfileRemaining = 800,
            OpenProfileResetTime = Renewal,
        };
        if (!known) return sender;
        sender.NetworkDistance = new ObservedDistance { Value = Types.V1.NetworkDistance.ThirdDegree, ObserveTime = Seen };
        sender.OpenProfile = new Observed { Value = false, ObserveTime = Seen };
        sender.CanSendInmail = new Observed { Value = true, ObserveTime = Seen };
        sender.Invitation = new Router.V1.Invitation { State = Types.V1.InvitationState.None, ObserveTime = Seen };
        return sender;
    }
}
