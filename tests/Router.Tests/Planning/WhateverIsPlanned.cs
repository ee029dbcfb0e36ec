using FsCheck;
using FsCheck.Fluent;
using Pennypost.Routing;
using Pennypost.Routing.Planning;

namespace Pennypost.Router.Tests.Planning;

/// <summary>What holds for every plan (F29), held against the same task in plainer words.</summary>
public sealed class WhateverIsPlanned
{
    [Fact]
    public void It_is_as_good_as_trying_everything_F29() => Holds(AnyPlan.Arbitrary, 3_000, any =>
    {
        var plan = any.Solve();
        return plan.GapMicros == 0 && plan.ProfitMicros == new PlainTask(any).ByTryingEverything();
    });

    [Fact]
    public void Where_limits_cross_it_is_within_the_gap_that_it_reports_F29() => Holds(AnyPlan.Crossing, 3_000, any =>
    {
        var plan = any.Solve();
        var best = new PlainTask(any).ByTryingEverything();
        return plan.ProfitMicros <= best && plan.ProfitMicros + plan.GapMicros >= best && plan.GapMicros <= best / 10;
    });

    [Fact]
    public void No_linear_program_knows_better_F29() => Holds(AnyPlan.Arbitrary, 1_000, any => Math.Abs((double)any.Solve().ProfitMicros - new PlainTask(any).ByLinearProgram()) < 1e-3);

    [Fact]
    public void Every_send_is_valid_and_no_limit_is_passed_F29()
    {
        Holds(AnyPlan.Arbitrary, 2_000, any => !new PlainTask(any).WrongWith(any.Solve(), any).Any());
        Holds(AnyPlan.Crossing, 2_000, any => !new PlainTask(any).WrongWith(any.Solve(), any).Any());
    }

    [Fact]
    public void No_credit_is_spent_on_who_can_be_written_to_for_free_unless_value_decides_F15() => Holds(AnyPlan.Arbitrary, 1_000, any =>
    {
        var cheapest = any with { Policy = any.Policy with { Choice = Choice.Cheapest } };
        var free = new PlainTask(cheapest).WrongWith(cheapest.Solve(), cheapest);
        return !free.Any();
    });

    [Fact]
    public void The_order_in_which_anything_comes_means_nothing() => Holds(AnyPlan.Arbitrary, 500, any =>
    {
        var turned = any with
        {
            Terms = any.Terms with { Senders = [.. any.Terms.Senders.Reverse()], Pools = [.. any.Terms.Pools.Reverse()] },
            Prospects = [.. any.Prospects.Reverse().Select(prospect => prospect with { Senders = [.. prospect.Senders.Reverse()] })],
        };
        return InOrder(any.Solve()).SequenceEqual(InOrder(turned.Solve()));

        static IEnumerable<string> InOrder(Plan plan) => plan.Assignments.OrderBy(one => one.ProspectId, StringComparer.Ordinal).Select(one => one.ToString()!);
    });

    [Fact]
    public void One_more_credit_brings_exactly_what_the_plan_said_it_would_F29() => Holds(AnyPlan.Arbitrary, 1_000, any =>
    {
        // Where nothing is kept a pool's limit is its credits, so that one more unit is one more credit.
        var plain = any with { Terms = any.Terms with { Pools = [.. any.Terms.Pools.Select(pool => pool with { Floor = 0, Budget = null, Available = pool.Available + pool.QueuedDemand })] } };
        var plan = plain.Solve();
        return plan.Capacities.Where(capacity => capacity.Kind == CapacityKind.Pool).All(capacity =>
        {
            var more = plain with { Terms = plain.Terms with { Pools = [.. plain.Terms.Pools.Select(pool => pool.PoolId == capacity.PoolId ? pool with { Available = pool.Available + 1 } : pool)] } };
            return more.Solve().ProfitMicros - plan.ProfitMicros == capacity.WorthOfOneMoreMicros;
        });
    });

    [Fact]
    public void More_credits_never_make_it_worse() => Holds(AnyPlan.Arbitrary, 1_000, any =>
    {
        var more = any with { Terms = any.Terms with { Pools = [.. any.Terms.Pools.Select(pool => pool with { Available = pool.Available + 2, Budget = pool.Budget + 2 })] } };
        return more.Solve().ProfitMicros >= any.Solve().ProfitMicros;
    });

    [Fact]
    public void It_is_never_worse_than_taking_channels_in_turn_F29() => Holds(AnyPlan.Arbitrary, 1_000, any =>
    {
        var plan = any.Solve();
        return plan.ProfitMicros >= plan.InTurn.ProfitMicros;
    });

    [Fact]
    public void Who_gets_a_send_brings_what_it_takes_from_others_and_who_gets_none_does_not_F29() => Holds(AnyPlan.Arbitrary, 1_000, any => any.Solve().Assignments.All(assignment => assignment switch
    {
        Assignment.Send send => send.ValueMicros >= send.ScarcityMicros && (send.Next is not { } next || send.ValueMicros - send.ScarcityMicros >= next.ValueMicros - next.ScarcityMicros),
        Assignment.CrowdedOut crowdedOut => crowdedOut.Closest.ValueMicros <= crowdedOut.Closest.ScarcityMicros,
        _ => true,
    }));

    private static void Holds(Arbitrary<AnyPlan> plans, int times, Func<AnyPlan, bool> property) =>
        Prop.ForAll(plans, property).Check(Config.QuickThrowOnFailure.WithMaxTest(times));
}
