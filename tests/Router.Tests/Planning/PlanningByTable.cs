using Pennypost.Router.Tests.Decide;
using Pennypost.Routing;
using Pennypost.Routing.Planning;
using static Pennypost.Router.Tests.Decide.Given;

namespace Pennypost.Router.Tests.Planning;

/// <summary>Plans that a reader checks by hand: one pool "p", senders who see only strangers who take InMail and were invited in vain.</summary>
public sealed class PlanningByTable
{
    private static readonly Sender InvitedInVain = Stranger with { Invitation = Seen(new Invitation(InvitationState.Pending, Now.AddDays(-20))), Credits = Given.Credits with { PoolId = "p" } };

    private static readonly PlanTerms Terms = new()
    {
        Senders = [new PlanSender { Sender = InvitedInVain }],
        Pools = [new PlanPool { PoolId = "p", Available = 2, PriceMicros = 10 }],
        Content = Texts with { Note = "" },
        Now = Now,
    };

    [Fact]
    public void Credits_go_to_those_who_are_worth_most_and_the_next_one_has_a_price_F29()
    {
        var plan = Plan(Terms, ("a", 100), ("b", 500), ("c", 300), ("d", 200));

        Assert.Equal(["b InMail", "c InMail"], Sends(plan));
        Assert.Equal(160, plan.ValueMicros);
        Assert.Equal(16, plan.CostMicros); // Two credits at ten, of which eight in ten stay spent.
        var pool = Assert.Single(plan.Capacities);
        Assert.Equal((2, 2, 32), (pool.Limit, pool.Used, pool.WorthOfOneMoreMicros)); // "d" brings 40 for 8.
    }

    [Fact]
    public void A_credit_that_costs_more_than_it_brings_is_not_spent() =>
        Assert.Equal(["b InMail"], Sends(Plan(Terms with { Pools = [Terms.Pools[0] with { PriceMicros = 1_000 }] }, ("a", 3_990), ("b", 4_010))));

    [Fact]
    public void Credits_that_would_be_forfeited_cost_nothing_F28()
    {
        var plan = Plan(Terms with { Pools = [Terms.Pools[0] with { ForfeitsAtRenewal = 1 }] }, ("a", 5), ("b", 10));

        Assert.Equal(["b InMail"], Sends(plan));
        Assert.Equal((0, 0), (plan.CostMicros, plan.Forfeited));
        Assert.Equal(1, Plan(Terms with { Pools = [Terms.Pools[0] with { ForfeitsAtRenewal = 1 }] }).Forfeited);
    }

    [Fact]
    public void Those_who_wait_go_first_and_take_what_would_be_forfeited() =>
        Assert.Empty(Sends(Plan(Terms with { Pools = [Terms.Pools[0] with { ForfeitsAtRenewal = 1, QueuedDemand = 1 }] }, ("a", 5))));

    [Fact]
    public void What_is_kept_is_for_high_priority_F11()
    {
        var kept = Terms with { Pools = [Terms.Pools[0] with { Floor = 1 }] };

        Assert.Equal(["b InMail"], Sends(Plan(kept, ("a", 300), ("b", 500))));
        Assert.Equal(["a InMail", "b InMail"], Sends(Plan(kept, Policy, ("a", 300, Priority.High), ("b", 500, Priority.Normal))));
        Assert.Equal(["b InMail"], Sends(Plan(Terms, Policy with { CreditFloor = 1 }, ("a", 300, Priority.Low), ("b", 500, Priority.Normal))));
    }

    [Fact]
    public void A_budget_is_kept_to_F14() => Assert.Equal(["b InMail"], Sends(Plan(Terms with { Pools = [Terms.Pools[0] with { Budget = 1 }] }, ("a", 300), ("b", 500))));

    [Fact]
    public void A_policy_that_asks_for_credits_is_told_how_many_there_are_F26()
    {
        var policy = Policy with { Conditions = [new ChannelCondition { Channel = Channel.InMail, MinCredits = 3 }] };

        Assert.Equal(Reason.TooFewCredits, Assert.IsType<Assignment.NotValid>(Plan(Terms, policy, ("a", 500, Priority.Normal)).Assignments[0]).Reason);
        Assert.Single(Sends(Plan(Terms with { Pools = [Terms.Pools[0] with { Available = 3 }] }, policy, ("a", 500, Priority.Normal))));
    }

    [Fact]
    public void Sends_are_spread_over_days_within_the_windows_those_who_are_worth_most_first_F43()
    {
        var plan = Plan(
            Terms with { Days = 3, Pools = [Terms.Pools[0] with { Available = 9 }], Senders = [Terms.Senders[0] with { Allowances = [new([Channel.InMail], [new(1, 2, 1), new(7, 5, 1)])] }] },
            ("a", 100), ("b", 500), ("c", 300), ("d", 200), ("e", 400));

        Assert.Equal(["b 0", "c 1", "d 2", "e 1"], plan.Assignments.OfType<Assignment.Send>().Select(send => $"{send.ProspectId} {send.Day}"));
        Assert.IsType<Assignment.CrowdedOut>(plan.Assignments[0]);
    }

    [Fact]
    public void Days_on_which_the_policy_is_closed_stay_empty()
    {
        // The 20th of November 2026 is a Friday: at ten there are fourteen hours of it left, then the weekend.
        var friday = Now.AddDays(2);
        var weekdays = Policy with { Hours = new PolicyHours { Days = [1, 2, 3, 4, 5] } };
        var terms = Terms with { Now = friday, Days = 4, Senders = [Terms.Senders[0] with { Allowances = [new([Channel.InMail], [new(1, 1, 0)])] }], Pools = [Terms.Pools[0] with { Available = 9 }] };

        var plan = Plan(terms, weekdays, ("a", 500, Priority.Normal), ("b", 400, Priority.Normal), ("c", 300, Priority.Normal), ("d", 200, Priority.Normal));

        // Day 1 begins on Saturday at ten and ends on Sunday; day 2 ends on Monday at ten.
        Assert.Equal([0, 2, 3], plan.Assignments.OfType<Assignment.Send>().Select(send => send.Day));
        Assert.Equal(Reason.OutsidePolicyHours, Assert.IsType<Assignment.NotValid>(Plan(terms with { Now = friday.AddDays(1), Days = 1 }, weekdays, ("a", 500, Priority.Normal)).Assignments[0]).Reason);
    }

    [Fact]
    public void A_prospect_whom_a_free_channel_reaches_costs_a_credit_only_where_value_decides_F15()
    {
        var terms = Terms with { Content = Texts, Senders = [Terms.Senders[0] with { Sender = InvitedInVain with { AccountId = "ada" } }, new PlanSender { Sender = Stranger with { AccountId = "bob", Credits = null } }] };
        var prospect = new PlanProspect { ProspectId = "x", ValueMicros = 1_000, Senders = [InvitedInVain with { AccountId = "ada" }, Stranger with { AccountId = "bob" }] };

        Assert.Equal(["x ConnectionRequest"], Sends(AnyPlan.Solve(terms, Policy, [prospect])));
        Assert.Equal(["x InMail"], Sends(AnyPlan.Solve(terms, Policy with { Choice = Choice.BestValue }, [prospect])));
    }

    [Fact]
    public void Who_gets_nothing_is_told_why()
    {
        var unknown = AnyPlan.Solve(Terms, Policy, [new PlanProspect { ProspectId = "x", ValueMicros = 500, Senders = [InvitedInVain with { OpenProfile = Fact<bool>.Unknown, Invitation = Fact<Invitation>.Unknown }] }]);
        var assignments = Plan(Terms with { Pools = [Terms.Pools[0] with { Available = 1 }] }, ("a", 100), ("b", 500), ("c", 0)).Assignments;

        Assert.True(Assert.IsType<Assignment.NotValid>(unknown.Assignments[0]).FactsCouldChange);
        Assert.Equal(
            [
                "Do not send: InMail from ada, expected to bring 20.00 for what is worth 20.00 comes closest, and others bring more by that.",
                "Send by InMail from ada: it is expected to bring 100.00, and what it takes is worth 20.00 to others; nothing else is valid.",
                "Do not send: a conversation with this prospect is worth nothing.",
            ],
            Plan(Terms with { Pools = [new PlanPool { PoolId = "p", Available = 1 }] }, ("a", 100_000_000), ("b", 500_000_000), ("c", 0)).Assignments.Select(PlanExplanation.Of));
        Assert.IsType<Assignment.WorthNothing>(assignments[2]);
    }

    [Fact]
    public void Early_days_get_what_the_windows_leave()
    {
        Assert.Equal([1, 3, 3, 0, 0], new Allowance([Channel.InMail], [new(1, 3, 2), new(5, 7, 0)]).PerDay([true, true, true, true, true]));
        Assert.Equal([0, 2, 0, 2], new Allowance([Channel.InMail], [new(2, 2, 0)]).PerDay([false, true, true, true]));
        Assert.Equal([0, 0, 4], new Allowance([Channel.InMail], [new(2, 4, 9)]).PerDay([true, true, true]));
    }

    [Fact]
    public void Twenty_thousand_prospects_and_twenty_senders_keep_to_every_limit_F29()
    {
        var any = LargePlan.Of(20_000, 20);
        var plan = any.Solve();

        Assert.Equal(0, plan.GapMicros);
        Assert.True(plan.ProfitMicros > plan.InTurn.ProfitMicros);
        Assert.Empty(new PlainTask(any).WrongWith(plan, any));
    }

    private static Plan Plan(PlanTerms terms, params (string Id, long Value)[] prospects) =>
        Plan(terms, Policy, [.. prospects.Select(one => (one.Id, one.Value, Priority.Normal))]);

    private static Plan Plan(PlanTerms terms, RoutingPolicy policy, params (string Id, long Value, Priority Priority)[] prospects) =>
        AnyPlan.Solve(terms, policy, prospects.Select(one => new PlanProspect { ProspectId = one.Id, ValueMicros = one.Value, Priority = one.Priority, Senders = [InvitedInVain] }));

    private static IEnumerable<string> Sends(Plan plan) => plan.Assignments.OfType<Assignment.Send>().Select(send => $"{send.ProspectId} {send.Channel}");
}
