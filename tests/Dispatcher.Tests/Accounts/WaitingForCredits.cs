using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;

namespace Dispatcher.Tests.Accounts;

/// <summary>F37, F57.</summary>
public sealed class WaitingForCredits
{
    private static readonly DateTimeOffset Now = Given.Noon;

    [Fact]
    public void Wakes_as_many_as_credits_came_by_priority_and_paced()
    {
        var demand = Demand.None
            .Wait("low", Priority.Low, Now)
            .Wait("normal2", Priority.Normal, Now.AddSeconds(2))
            .Wait("normal1", Priority.Unspecified, Now.AddSeconds(1))
            .Wait("high", Priority.High, Now.AddSeconds(3));
        var (after, wakes) = demand.CreditsArrived(3, Now.AddHours(1), 0.5, Now.AddHours(1));
        Assert.Equal(["high", "normal1", "normal2"], wakes.Select(wake => wake.MessageId));
        Assert.Equal([0, 2, 4], wakes.Select(wake => (int)(wake.At - Now.AddHours(1)).TotalSeconds));
        Assert.Equal(["low"], after.CreditsArrived(5, Now.AddHours(1), 0, Now.AddHours(1)).Wakes.Select(wake => wake.MessageId));
    }

    [Fact]
    public void Counts_who_goes_before()
    {
        var demand = Demand.None.Wait("n1", Priority.Normal, Now).Wait("h1", Priority.High, Now).Wait("n2", Priority.Normal, Now.AddSeconds(1));
        Assert.Equal((0, 1, 2), (demand.Ahead("h1", Priority.High), demand.Ahead("n1", Priority.Normal), demand.Ahead("n2", Priority.Normal)));
        Assert.Equal((1, 3, 3), (demand.Ahead("new", Priority.High), demand.Ahead("new", Priority.Normal), demand.Ahead("new", Priority.Low)));
    }

    [Fact]
    public void Keeps_the_place_of_one_that_asks_again()
    {
        var demand = Demand.None.Wait("a", Priority.Normal, Now).Wait("b", Priority.Normal, Now.AddSeconds(1)).Wait("a", Priority.Normal, Now.AddSeconds(2));
        Assert.Equal(["a", "b"], demand.Waiting.Select(waiting => waiting.MessageId));
        // Woken in vain, it waits again where it was.
        var woken = demand.CreditsArrived(1, Now.AddSeconds(3), 0, Now.AddSeconds(3)).Demand.Wait("a", Priority.Normal, Now.AddSeconds(4));
        Assert.Equal("a", Assert.Single(woken.CreditsArrived(1, Now.AddSeconds(5), 0, Now.AddSeconds(5)).Wakes).MessageId);
    }

    [Fact]
    public void Keeps_the_turn_of_one_that_waits_for_its_sender_F37()
    {
        var demand = Demand.None.Wait("a", Priority.Normal, Now).Wait("b", Priority.Normal, Now.AddSeconds(1)).Wait("c", Priority.Normal, Now.AddSeconds(2));
        var woken = demand.CreditsArrived(2, Now.AddSeconds(3), 0, Now.AddSeconds(3)).Demand.KeepTurn("b", Now.AddHours(20))!;
        Assert.Equal((1, 2), (woken.Ahead("b", Priority.Normal), woken.Ahead("c", Priority.Normal)));
        // It has its credit, and is still known when it comes back: the next credit is the next one's.
        Assert.Equal("c", Assert.Single(woken.CreditsArrived(1, Now.AddHours(19), 0, Now.AddHours(19)).Wakes).MessageId);
        Assert.Equal(["b", "c"], woken.Leave("a", spent: true, 0, Now.AddHours(19)).Demand.Waiting.Select(waiting => waiting.MessageId));
        // A day in all, however often it is put off; and nobody has a turn who was not woken.
        Assert.Null(woken.KeepTurn("b", Now.AddHours(25)));
        Assert.Null(woken.KeepTurn("c", Now.AddMinutes(1)));
        Assert.Null(woken.Wait("b", Priority.Normal, Now.AddHours(20)).KeepTurn("b", Now.AddHours(21)));
    }

    [Fact]
    public void Hands_on_the_credit_of_one_that_was_woken_and_did_not_take_it_F37()
    {
        var demand = Demand.None.Wait("a", Priority.Normal, Now).Wait("b", Priority.Normal, Now.AddSeconds(1)).Wait("c", Priority.Normal, Now.AddSeconds(2));
        var woken = demand.CreditsArrived(1, Now.AddSeconds(3), 0, Now.AddSeconds(3)).Demand;
        Assert.Equal("b", Assert.Single(woken.Leave("a", spent: false, 0, Now.AddSeconds(4)).Wakes).MessageId);
        Assert.Empty(woken.Leave("a", spent: true, 0, Now.AddSeconds(4)).Wakes);
        Assert.Empty(woken.Leave("b", spent: false, 0, Now.AddSeconds(4)).Wakes);
    }

    [Fact]
    public void Says_to_whoever_is_on_the_way_that_nothing_is_left_F34()
    {
        var demand = Demand.None.Exhausted(Now.AddDays(3), Now);
        Assert.Equal(Now.AddDays(3), demand.FoundEmptySince(Now.AddSeconds(-1), Now.AddSeconds(1)));
        // It began after that was known: its gates have looked, or an operator said otherwise.
        Assert.Null(demand.FoundEmptySince(Now.AddSeconds(1), Now.AddSeconds(1)));
        Assert.Null(demand.FoundEmptySince(Now.AddSeconds(-1), Now.AddDays(3)));
        Assert.Null(demand.CreditsArrived(1, Now.AddSeconds(1), 0, Now.AddSeconds(1)).Demand.FoundEmptySince(Now.AddSeconds(-1), Now.AddSeconds(1)));
        // The refused send gives its own credit back, which the provider does not have either.
        Assert.NotNull(demand.CreditReturned(0, Now.AddSeconds(1)).Demand.FoundEmptySince(Now.AddSeconds(-1), Now.AddSeconds(1)));
    }

    /// <summary>An event that was told late cleared a mark that was set after what it tells of, and woke everybody for credits that were gone.</summary>
    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void Stays_known_to_be_empty_whatever_came_before_that_was_found_out(int secondsAfterIt, bool clears)
    {
        var demand = Demand.None.Wait("a", Priority.Normal, Now).Exhausted(Now.AddDays(3), Now);

        var (after, wakes) = demand.CreditsArrived(5, Now.AddSeconds(secondsAfterIt), 0, Now.AddMinutes(1));

        Assert.Equal((clears, clears ? 1 : 0), (after.ExhaustedUntil is null, wakes.Length));
    }

    [Fact]
    public void Forgets_a_woken_message_that_is_not_heard_of()
    {
        var demand = Demand.None.Wait("gone", Priority.Normal, Now).CreditsArrived(1, Now, 0, Now).Demand;
        Assert.Equal(1, demand.Ahead("new", Priority.Normal));
        Assert.Empty(demand.CreditsArrived(1, Now.AddHours(2), 0, Now.AddHours(2)).Demand.Waiting);
    }

    [Fact]
    public void Is_bounded()
    {
        var demand = Enumerable.Range(0, Demand.Limit + 5).Aggregate(Demand.None, (current, n) => current.Wait($"m{n}", Priority.Normal, Now));
        Assert.Equal(Demand.Limit, demand.Waiting.Length);
        Assert.Equal(Demand.Limit - 1, demand.Leave("m3", spent: false, 0, Now).Demand.Waiting.Length);
        Assert.Same(demand, demand.Leave("unknown", spent: false, 0, Now).Demand);
    }
}
