using FsCheck;
using FsCheck.Fluent;
using Pennypost.Router.Tests.Decide;
using Pennypost.Routing;
using Pennypost.Routing.Planning;
using static Pennypost.Router.Tests.Decide.Given;

namespace Pennypost.Router.Tests.Planning;

/// <summary>A small plan: few senders, pools and prospects, and too little of everything, so that all of it matters.</summary>
internal sealed record AnyPlan(PlanTerms Terms, RoutingPolicy Policy, IReadOnlyList<PlanProspect> Prospects)
{
    public static Arbitrary<AnyPlan> Arbitrary { get; } = Plans(5).ToArbitrary();

    /// <summary>
    /// Plans of one pool whose seats have limits of their own, with prospects of whom some may have what is kept from the others, and who take
    /// nothing but InMail: limits that cross.
    /// </summary>
    public static Arbitrary<AnyPlan> Crossing { get; } = CrossingPlans().ToArbitrary();

    public Plan Solve() => Solve(Terms, Policy, Prospects);

    public static Plan Solve(PlanTerms terms, RoutingPolicy policy, IEnumerable<PlanProspect> prospects)
    {
        var draft = new PlanDraft(terms, policy);
        foreach (var prospect in prospects)
            draft.Add(prospect with { Senders = [.. draft.Senders.Select(sender => Facts(sender, prospect.Senders.Single(seen => seen.AccountId == sender.AccountId)))] });
        return draft.Solve(CancellationToken.None);
    }

    /// <summary>A sender as a draft judges it, with what it knows of a prospect.</summary>
    public static Sender Facts(Sender judged, Sender seen) => seen with
    {
        Credits = judged.Credits,
        OpenProfileRemaining = judged.OpenProfileRemaining,
        OpenProfileResetsAt = judged.OpenProfileResetsAt,
    };

    private static Gen<AnyPlan> Plans(int most) =>
        from pools in Pools().ListOf(2)
        from count in Gen.Choose(1, 3)
        from senders in PlanSenders(2).ListOf(count)
        from choice in Gen.Elements(Enum.GetValues<Choice>())
        from people in Gen.Choose(1, most)
        from prospects in People(count).ListOf(people)
        from days in Gen.Choose(1, 3)
        select new AnyPlan(
            new PlanTerms
            {
                Senders = [.. senders.Select((sender, i) => sender with { Sender = sender.Sender with { AccountId = $"s{i}" } })],
                Pools = [.. pools.Select((pool, i) => pool with { PoolId = $"p{i}" })],
                Content = Texts,
                Now = Now,
                Days = days,
            },
            RoutingPolicy.Default with { Choice = choice },
            [.. prospects.Select((prospect, i) => prospect with { ProspectId = $"x{i}", Senders = [.. prospect.Senders.Select((sender, s) => sender with { AccountId = $"s{s}" })] })]);

    private static Gen<AnyPlan> CrossingPlans() =>
        from any in Plans(7)
        from available in Gen.Choose(2, 5)
        from floor in Gen.Choose(1, 3)
        from left in Gen.Elements<long?>(1, 1, 2).ListOf(3)
        select any with
        {
            Policy = any.Policy with { Choice = Choice.BestValue },
            Terms = any.Terms with
            {
                Senders = [.. any.Terms.Senders.Select((sender, i) => sender with { CreditsLeft = left[i], Allowances = [], Sender = sender.Sender with { HasMailbox = false, Credits = Given.Credits with { PoolId = "p0" } } })],
                Pools = [any.Terms.Pools[0] with { Available = available, QueuedDemand = 0, Floor = floor, Budget = null }],
                Content = Texts with { Note = "" },
            },
            Prospects = [.. any.Prospects.Select(prospect => prospect with { Senders = [.. prospect.Senders.Select(seen => seen with { RepliedThread = false, NetworkDistance = Seen(seen.NetworkDistance.LastSeen == NetworkDistance.FirstDegree ? NetworkDistance.SecondDegree : NetworkDistance.ThirdDegree), OpenProfile = Seen(false), Invitation = Seen(new Invitation(InvitationState.Pending, Now.AddDays(-20))) })] })],
        };

    private static Gen<PlanPool> Pools() =>
        from available in Gen.Choose(0, 4)
        from queued in Gen.Elements(0, 0, 1)
        from floor in Gen.Elements(0, 1, 2)
        from budget in Gen.Elements<long?>(null, null, 1, 2)
        from losing in Gen.Elements(0, 1, 3)
        from price in Gen.Elements(0, 3, 10)
        select new PlanPool { PoolId = "", Available = available, QueuedDemand = queued, Floor = floor, Budget = budget, ForfeitsAtRenewal = losing, PriceMicros = price };

    private static Gen<PlanSender> PlanSenders(int pools) =>
        from pool in Gen.Choose(0, pools)
        from left in Gen.Elements<long?>(null, 0, 1, 2)
        from messages in Windows()
        from paid in Windows()
        from invitations in Windows()
        from mailbox in Gen.Elements(false, true)
        select new PlanSender
        {
            Sender = Stranger with { HasMailbox = mailbox, Credits = pool < pools ? Given.Credits with { PoolId = $"p{pool}" } : null },
            CreditsLeft = left,
            Allowances =
            [
                new([Channel.DirectMessage, Channel.RepliedThread], messages),
                .. paid.Count == 0 ? Array.Empty<Allowance>() : [new([Channel.InMail], paid)],
                new([Channel.ConnectionRequest], invitations),
            ],
        };

    private static Gen<List<AllowanceWindow>> Windows() =>
        from count in Gen.Choose(0, 2)
        from windows in (
            from days in Gen.Elements(1, 2, 7)
            from limit in Gen.Choose(0, 2)
            from used in Gen.Elements(0, 0, 1)
            select new AllowanceWindow(days, limit, used)).ListOf(count)
        select windows.ToList();

    private static Gen<PlanProspect> People(int senders) =>
        from priority in Gen.Elements(Enum.GetValues<Priority>())
        from value in Gen.Choose(0, 200)
        from open in Gen.Frequency((1, Gen.Constant(true)), (3, Gen.Constant(false)))
        from mail in Gen.Elements(false, true)
        from seen in Views(open).ListOf(senders)
        select new PlanProspect { ProspectId = "", Priority = priority, ValueMicros = value, State = new() { EmailKnown = mail }, Senders = [.. seen] };

    private static Gen<Sender> Views(bool open) =>
        from distance in Gen.Elements(NetworkDistance.FirstDegree, NetworkDistance.SecondDegree, NetworkDistance.ThirdDegree)
        from invitation in Gen.Elements(new Invitation(InvitationState.None), new Invitation(InvitationState.Pending, Now.AddDays(-20)), new Invitation(InvitationState.Withdrawn, Now.AddDays(-30), Now.AddDays(-2)))
        from replied in Gen.Elements(false, false, true)
        from refuses in Gen.Elements(false, false, true)
        select Stranger with
        {
            NetworkDistance = Seen(distance),
            OpenProfile = Seen(open),
            Invitation = Seen(invitation),
            RepliedThread = replied,
            CanSendInMail = Seen(!refuses),
        };
}
