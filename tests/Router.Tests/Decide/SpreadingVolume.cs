using FsCheck;
using FsCheck.Fluent;
using Pennypost.Routing;
using static Pennypost.Router.Tests.Decide.Given;

namespace Pennypost.Router.Tests.Decide;

/// <summary>
/// F80: a list of messages that any of several seats may send, each at the cost of a credit, one after the other. Whatever their budgets and whatever they begin with: when a seat takes its last credit, no other
/// has more left than its budget is larger, budget of the one over budget of the other.
/// </summary>
public sealed class SpreadingVolume
{
    private static readonly Gen<(long Budget, long Left)[]> Seats =
        from count in Gen.Choose(2, 6)
        from seats in (from budget in Gen.Choose(1, 60) from left in Gen.Choose(0, 90) select ((long)budget, (long)left)).ListOf(count)
        select seats.ToArray();

    [Fact]
    public void F80_No_seat_runs_out_while_another_has_more_than_its_budget_is_larger() => Prop.ForAll(Seats.ToArbitrary(), seats =>
    {
        var left = seats.Select(seat => seat.Left).ToArray();
        while (left.Any(credits => credits > 0))
        {
            var chosen = Choose(seats.Select((seat, n) => Seat(n, seat.Budget, left[n])));
            left[chosen]--;
            if (left[chosen] > 0)
                continue;
            for (var other = 0; other < seats.Length; other++)
                Assert.True(left[other] * seats[chosen].Budget <= seats[other].Budget, $"s{chosen} of {seats[chosen].Budget} is empty, s{other} of {seats[other].Budget} has {left[other]}");
        }
    }).QuickCheckThrowOnFailure();

    /// <summary>The same with equal budgets: the last credits of all go within one round.</summary>
    [Fact]
    public void F80_Of_equal_budgets_none_has_more_than_one_credit_when_one_runs_out() => Prop.ForAll(Gen.Choose(0, 90).ArrayOf(5).ToArbitrary(), begin =>
    {
        var left = begin.Select(credits => (long)credits).ToArray();
        while (left.Any(credits => credits > 0))
        {
            var chosen = Choose(left.Select((credits, n) => Seat(n, 50, credits)));
            left[chosen]--;
            Assert.True(left[chosen] > 0 || left.Max() <= 1, string.Join(" ", left));
        }
    }).QuickCheckThrowOnFailure();

    /// <summary>Seats of one pool, each with a limit of its own.</summary>
    [Fact]
    public void F80_Seats_of_one_pool_by_their_own_limits()
    {
        var (used, limits) = (new long[3], new long[] { 30, 15, 60 });
        for (var sent = 0; sent < 105; sent++)
        {
            var chosen = Choose(limits.Select((limit, n) => Seat(n, limit, 150 - sent).With(credits => credits with { BudgetLeft = limit - used[n] })));
            used[chosen]++;
            Assert.True(used[chosen] <= limits[chosen]);
        }

        Assert.Equal(limits, used);
    }

    /// <summary>Each seat's number stands in its id, and they come in any order.</summary>
    private static int Choose(IEnumerable<Sender> seats)
    {
        var question = Question([.. seats.Reverse()]) with { Priority = Priority.High, Content = Texts with { Note = "" } };
        return int.Parse(Assert.IsType<Decision.Send>(question.Decide()).Chosen.Sender.AccountId[1..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static Sender Seat(int number, long budget, long left) =>
        Stranger with { AccountId = $"s{number}", Credits = Given.Credits with { PoolId = $"p{number}", Available = left, Budget = budget } };
}
