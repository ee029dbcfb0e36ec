using Pennypost.Routing;
using Pennypost.Routing.Planning;

namespace Pennypost.Bench.Planning;

/// <summary>
/// A campaign of some size: each sender has a pool of 50 credits, ten of which would be lost, and a month's allowances; a tenth of the prospects
/// are connected to one sender, 15 % have an open profile, a third left everybody's invitation unanswered.
/// </summary>
internal sealed class PlanScene(int prospects, int senders, bool crossing)
{
    private const int SeatsOfAPool = 5;
    private static readonly DateTimeOffset _now = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);
    private readonly Random random = new(1);

    public PlanDraft Draft() => new(
        new PlanTerms
        {
            Senders = [.. Enumerable.Range(0, senders).Select(Sender)],
            Pools = [.. Enumerable.Range(0, senders).Select(PoolOf).Distinct().Select(pool => new PlanPool { PoolId = pool, Available = crossing ? 50 * SeatsOfAPool : 50, Floor = crossing ? 60 : 0, ForfeitsAtRenewal = 10, PriceMicros = 10_000_000 })],
            Content = new Content { Subject = "A question", Body = "May I ask you one?", Note = "Shall we meet?" },
            Now = _now,
            Days = 30,
        },
        RoutingPolicy.Default with { Choice = Choice.BestValue });

    /// <summary>One by one, so that they are not all there at once, as they are not in a stream.</summary>
    public IEnumerable<PlanProspect> Prospects(PlanDraft draft)
    {
        for (var number = 0; number < prospects; number++)
            yield return Prospect(number, draft);
    }

    private PlanProspect Prospect(int number, PlanDraft draft)
    {
        var (open, connected) = (random.NextDouble() < 0.15, random.NextDouble() < 0.1 ? random.Next(senders) : -1);
        return new PlanProspect
        {
            ProspectId = $"x{number:000000}",
            Priority = random.NextDouble() < 0.3 ? Priority.High : Priority.Normal,
            ValueMicros = (long)(Math.Exp(3 * random.NextDouble()) * 50_000_000),
            Senders =
            [
                .. draft.Senders.Select((sender, i) => sender with
                {
                    NetworkDistance = Fact.Known(i == connected ? NetworkDistance.FirstDegree : NetworkDistance.SecondDegree, _now),
                    OpenProfile = Fact.Known(open, _now),
                    CanSendInMail = Fact.Known(random.NextDouble() < 0.9, _now),
                    Invitation = Fact.Known(new Invitation(random.NextDouble() < 1 / 3.0 ? InvitationState.Pending : InvitationState.None, _now.AddDays(-20)), _now),
                }),
            ],
        };
    }

    private PlanSender Sender(int number) => new()
    {
        Sender = new Sender { AccountId = $"s{number:000}", Tier = Tier.SalesNavigator, Credits = new SenderCredits { PoolId = PoolOf(number), Available = 0, ObservedAt = _now } },
        CreditsLeft = crossing ? 60 : null,
        Allowances =
        [
            new([Channel.DirectMessage, Channel.RepliedThread], [new(7, 150, 0)]),
            new([Channel.ConnectionRequest], [new(1, 80, 0), new(7, 200, 20)]),
            new([Channel.OpenProfileInMail], [new(30, 800, 10)]),
            new([Channel.InMail], [new(1, 30, 0)]),
        ],
    };

    private string PoolOf(int sender) => $"p{(crossing ? sender / SeatsOfAPool : sender):000}";
}
