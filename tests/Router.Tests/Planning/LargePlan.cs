using Pennypost.Router.Tests.Decide;
using Pennypost.Routing;
using Pennypost.Routing.Planning;
using static Pennypost.Router.Tests.Decide.Given;

namespace Pennypost.Router.Tests.Planning;

/// <summary>A plan as large as a campaign: a tenth of the prospects connected to one of the senders, a sixth with an open profile, a third invited in vain.</summary>
internal static class LargePlan
{
    public static AnyPlan Of(int prospects, int senders)
    {
        var random = new Random(1);
        return new AnyPlan(
            new PlanTerms
            {
                Senders =
                [
                    .. Enumerable.Range(0, senders).Select(i => new PlanSender
                    {
                        Sender = Stranger with { AccountId = $"s{i:00}", Credits = Given.Credits with { PoolId = $"p{i:00}" } },
                        Allowances =
                        [
                            new([Channel.DirectMessage, Channel.RepliedThread], [new(7, 150, 0)]),
                            new([Channel.ConnectionRequest], [new(1, 30, 0), new(7, 100, 20)]),
                            new([Channel.OpenProfileInMail], [new(30, 800, 780)]),
                            new([Channel.InMail], [new(1, 30, 0)]),
                        ],
                    }),
                ],
                Pools = [.. Enumerable.Range(0, senders).Select(i => new PlanPool { PoolId = $"p{i:00}", Available = 50, Floor = 5, ForfeitsAtRenewal = 10, PriceMicros = 10_000_000 })],
                Content = Texts with { Email = "" },
                Now = Now,
                Days = 10,
            },
            Policy with { Choice = Choice.BestValue },
            [.. Enumerable.Range(0, prospects).Select(i => Prospect(i, senders, random))]);
    }

    private static PlanProspect Prospect(int number, int senders, Random random)
    {
        var (open, connected) = (random.NextDouble() < 1 / 6.0, random.NextDouble() < 0.1 ? random.Next(senders) : -1);
        return new PlanProspect
        {
            ProspectId = $"x{number:000000}",
            Priority = random.NextDouble() < 0.2 ? Priority.High : Priority.Normal,
            ValueMicros = (long)(Math.Exp(3 * random.NextDouble()) * 50_000_000),
            Senders =
            [
                .. Enumerable.Range(0, senders).Select(i => Stranger with
                {
                    AccountId = $"s{i:00}",
                    NetworkDistance = Seen(i == connected ? NetworkDistance.FirstDegree : NetworkDistance.SecondDegree),
                    OpenProfile = Seen(open),
                    CanSendInMail = Seen(random.NextDouble() < 0.9),
                    Invitation = Seen(random.NextDouble() < 1 / 3.0 ? new Invitation(InvitationState.Pending, Now.AddDays(-20)) : new Invitation(InvitationState.None)),
                }),
            ],
        };
    }
}
