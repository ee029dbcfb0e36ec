using Google.Protobuf.WellKnownTypes;
using Pennypost.Router.V1;
using Pennypost.Types.V1;

namespace Pennypost.Router.Tests.Calls;

/// <summary>Requests as a caller writes them.</summary>
internal static class Requests
{
    public static readonly Timestamp Now = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 11, 18, 10, 0, 0, TimeSpan.Zero));

    public static readonly Timestamp Renewal = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>A stranger with a closed profile who takes InMail, and was not invited.</summary>
    public static RouteRequest Stranger() => new()
    {
        Prospect = new ProspectState(),
        Senders =
        {
            new Sender
            {
                AccountId = "ada",
                Tier = Tier.SalesNavigator,
                State = AccountState.Ok,
                NetworkDistance = new ObservedDistance { Value = NetworkDistance.ThirdDegree, ObserveTime = Now },
                OpenProfile = new Observed { Value = false, ObserveTime = Now },
                CanSendInmail = new Observed { Value = true, ObserveTime = Now },
                Invitation = new Invitation { State = InvitationState.None, ObserveTime = Now },
                Credits = new SenderCredits
                {
                    PoolId = "acme-navigator",
                    Product = Product.SalesNavigator,
                    Available = 3,
                    Held = 1,
                    RenewTime = Renewal,
                    PriceMicros = 10_000_000,
                    Currency = "USD",
                    ObserveTime = Now,
                },
                OpenProfileRemaining = 800,
            },
        },
        Content = new Content { Subject = "A question", Body = "May I ask you one?", Note = "Shall we meet, you and I?" },
        Now = Now,
    };

    public static RouteRequest With(this RouteRequest request, Action<RouteRequest> change)
    {
        change(request);
        return request;
    }
}
