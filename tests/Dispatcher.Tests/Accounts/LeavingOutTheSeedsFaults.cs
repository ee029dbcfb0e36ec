using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;

namespace Dispatcher.Tests.Accounts;

/// <summary>
/// The breaker that the seeds describe (WarmySender's) has faults that its own text shows. One test for each, at the account's own gates: none of them is ours.
/// </summary>
public sealed class LeavingOutTheSeedsFaults
{
    private static readonly DateTimeOffset Armed = new(2026, 5, 24, 9, 0, 0, TimeSpan.Zero);
    private static readonly Account Exhausted = Given.Account().With(Given.Open(Armed));

    /// <summary>It holds every InMail back; here a send that costs no credit goes out (F33).</summary>
    [Theory]
    [InlineData(Channel.OpenProfileInmail, true)]
    [InlineData(Channel.DirectMessage, true)]
    [InlineData(Channel.RepliedThread, true)]
    [InlineData(Channel.ConnectionRequest, true)]
    [InlineData(Channel.Inmail, false)]
    public void Fault_every_InMail_is_held_back_also_one_that_costs_nothing(Channel channel, bool passes) =>
        Assert.Equal(passes, Exhausted.Decide(Given.Ask(channel, Armed.AddHours(1))).Answer is PermitAnswer.Granted);

    /// <summary>Any success clears it; here only one that took a credit is evidence (F35).</summary>
    [Theory]
    [InlineData(Channel.OpenProfileInmail)]
    [InlineData(Channel.DirectMessage)]
    [InlineData(Channel.ConnectionRequest)]
    public void Fault_a_free_success_clears_it(Channel channel)
    {
        var account = Exhausted.Send(channel, Armed.AddHours(1), "free");

        Assert.Equal(BreakerState.Open, account.BreakerOf(Product.SalesNavigator).State);
        Assert.Equal(Reason.AccountInmailCreditsExhausted, account.Decide(Given.Ask(Channel.Inmail, Armed.AddHours(2), "paid")).Refused().Reason);
    }

    /// <summary>Once armed, its own test send is refused too, so that its evidence can never come about; here one send tries, alone, and clears it by itself (F36).</summary>
    [Fact]
    public void Fault_its_own_test_send_is_refused()
    {
        var after = Given.Renewal + Breakers.ReadFirst;
        var probe = Exhausted.Decide(Given.Ask(Channel.Inmail, after, "probe"));
        var others = Enumerable.Range(0, 20).Select(n => probe.Account.Decide(Given.Ask(Channel.Inmail, after.AddMinutes(1), $"m{n}")).Refused().Reason);

        Assert.Equal(Enumerable.Repeat(Reason.BreakerOpen, 20), others);
        var settled = Permits.Settle(probe.Account, probe.Granted(), SendResult.Sent, after, after.AddMinutes(1));
        Assert.Equal((BreakerState.Closed, BreakerCause.RecentSuccess), (settled.Account.BreakerOf(Product.SalesNavigator).State, Assert.Single(settled.Events).Cause));
    }

    /// <summary>It clears on the first of the month, UTC, for everybody; here on the pool's own day (F37).</summary>
    [Theory]
    [InlineData("2026-05-31T22:00:00Z")]
    [InlineData("2026-06-01T00:00:00Z")]
    [InlineData("2026-06-17T22:00:00Z")]
    public void Fault_it_clears_on_the_first_of_the_month_whatever_the_plan(string renewal)
    {
        var day = DateTimeOffset.Parse(renewal, System.Globalization.CultureInfo.InvariantCulture);
        var account = Given.Account().With(Given.Open(Armed, day));

        Assert.Equal((Reason.AccountInmailCreditsExhausted, (DateTimeOffset?)day), account.Decide(Given.Ask(Channel.Inmail, day.AddMilliseconds(-1))).Refused() is var refused ? (refused.Reason, refused.WaitUntil) : default);
        Assert.IsType<PermitAnswer.Granted>(account.Decide(Given.Ask(Channel.Inmail, day + Breakers.ReadFirst)).Answer);
    }

    /// <summary>A reply's refund in the middle of the month never clears it; here it does as soon as the balance shows it (F35, F57).</summary>
    [Fact]
    public void Fault_a_refund_in_the_middle_of_the_month_never_clears_it()
    {
        var refunded = Breakers.Refunded(Exhausted.BreakerOf(Product.SalesNavigator), Armed.AddDays(2), Armed.AddDays(2)).Breaker;
        var posted = Breakers.BalanceRead(refunded, 1, Armed.AddDays(2), Given.Renewal, Armed.AddDays(2)).Breaker;

        Assert.IsType<PermitAnswer.Granted>(Exhausted.With(posted).Decide(Given.Ask(Channel.Inmail, Armed.AddDays(2))).Answer);
    }

    /// <summary>Everybody who waited is let go at once on the first; here as many as there are credits, the important first, a while apart (F37).</summary>
    [Fact]
    public void Fault_everybody_who_waits_is_released_at_once()
    {
        var demand = Enumerable.Range(0, 200).Aggregate(Demand.None, (waiting, n) => waiting.Wait($"m{n:000}", n % 10 == 0 ? Priority.High : Priority.Normal, Armed.AddSeconds(n)));

        var (after, wakes) = demand.CreditsArrived(50, Given.Renewal, 0.5, Given.Renewal);

        Assert.Equal((50, 200), (wakes.Length, after.Waiting.Length));
        Assert.Equal(Enumerable.Range(0, 20).Select(n => $"m{n * 10:000}"), wakes.Take(20).Select(wake => wake.MessageId));
        Assert.All(wakes.Zip(wakes.Skip(1)), pair => Assert.True(pair.Second.At - pair.First.At >= Demand.Pace * 0.5));
    }

    /// <summary>One error whose words have "credit" in them arms it; here the balance is read first, and credits that are left mean that the recipient refuses (F34).</summary>
    [Theory]
    [InlineData(1L, BreakerState.Closed)]
    [InlineData(0L, BreakerState.Open)]
    public void Fault_one_error_arms_it_whatever_the_balance(long balance, BreakerState state) =>
        Assert.Equal(state, Breakers.CreditError(Breaker.Closed(Product.SalesNavigator), balance, Given.Renewal, "m1", Armed).Change.Breaker.State);
}
