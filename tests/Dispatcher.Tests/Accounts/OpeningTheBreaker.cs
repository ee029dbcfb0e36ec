using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;

namespace Dispatcher.Tests.Accounts;

/// <summary>F32 to F36: how the breaker opens, and every way in which it clears. The breaker of the seeds fails each test that names a flaw.</summary>
public sealed class OpeningTheBreaker
{
    private static readonly DateTimeOffset Armed = new(2026, 5, 24, 9, 0, 0, TimeSpan.Zero);
    private static readonly Breaker Closed = Breaker.Closed(Product.SalesNavigator);
    private static readonly Breaker Open = Given.Open(Armed);

    /// <summary>F34. Flaw of the seeds: one error arms it. Here the balance decides.</summary>
    [Fact]
    public void Stays_closed_when_credits_are_left()
    {
        var (change, refusal) = Breakers.CreditError(Closed, 7, Given.Renewal, "m1", Armed);
        Assert.Equal(BreakerState.Closed, change.Breaker.State);
        Assert.Equal([BreakerCause.RecipientRefuses], change.Events.Causes());
        Assert.Equal(new CreditRefusal.RecipientRefuses(Armed.AddDays(30)), refusal);
    }

    /// <summary>F32, F37.</summary>
    [Fact]
    public void Opens_until_the_pools_own_renewal_when_none_are()
    {
        var (change, refusal) = Breakers.CreditError(Closed, 0, Given.Renewal, "m1", Armed);
        Assert.Equal((BreakerState.Open, Given.Renewal, true), (change.Breaker.State, change.Breaker.ResumeTime, change.Breaker.Confirmed));
        Assert.Equal(new CreditRefusal.Exhausted(Given.Renewal), refusal);
        Assert.Equal([BreakerCause.CreditsExhausted], change.Events.Causes());
    }

    /// <summary>Flaw of the seeds: the 1st of the month for everybody. A billing day is another day.</summary>
    [Fact]
    public void Waits_for_the_billing_day_and_not_for_the_first()
    {
        var billing = new DateTimeOffset(2026, 6, 17, 22, 0, 0, TimeSpan.Zero);
        var breaker = Given.Open(Armed, billing);
        Assert.Equal(BreakerState.Open, Breakers.AsOf(breaker, Given.Renewal.AddDays(2)).Breaker.State);
        Assert.Equal(BreakerState.HalfOpen, Breakers.AsOf(breaker, billing).Breaker.State);
    }

    [Fact]
    public void Opens_for_an_hour_when_the_balance_cannot_be_read()
    {
        var (change, refusal) = Breakers.CreditError(Closed, null, Given.Renewal, "m1", Armed);
        Assert.Equal((BreakerState.Open, false), (change.Breaker.State, change.Breaker.Confirmed));
        Assert.Equal(new CreditRefusal.Unclear(Armed.AddHours(1)), refusal);
        Assert.Equal(BreakerState.Closed, Breakers.BalanceRead(change.Breaker, 3, Armed.AddMinutes(1), Given.Renewal, Armed.AddMinutes(1)).Breaker.State);
        Assert.Equal(Given.Renewal, Breakers.BalanceRead(change.Breaker, 0, Armed.AddMinutes(1), Given.Renewal, Armed.AddMinutes(1)).Breaker.ResumeTime);
    }

    /// <summary>Two refused calls that ran side by side open it once.</summary>
    [Fact]
    public void Opens_once()
    {
        var again = Breakers.CreditError(Open, 0, Given.Renewal, "m2", Armed.AddSeconds(1)).Change;
        Assert.Empty(again.Events);
        Assert.Equal(Open, again.Breaker);
    }

    [Theory]
    [InlineData(-1, BreakerState.Open)]
    [InlineData(0, BreakerState.HalfOpen)]
    public void Half_opens_at_its_resume_time(int milliseconds, BreakerState state) =>
        Assert.Equal(state, Breakers.AsOf(Open, Given.Renewal.AddMilliseconds(milliseconds)).Breaker.State);

    /// <summary>F36. Flaw of the seeds: once armed, its own test send is refused, so its evidence can never come about.</summary>
    [Fact]
    public void Lets_exactly_one_send_try_when_half_open()
    {
        var after = Given.Renewal.AddMinutes(3);
        var account = Given.Account().With(Open);
        var probe = account.Decide(Given.Ask(Channel.Inmail, after, "probe"));
        Assert.Equal(new Probe("probe", 1), probe.Account.BreakerOf(Product.SalesNavigator).Probe);
        var unknown = Permits.Settle(probe.Account, probe.Granted(), SendResult.Unknown, null, after).Account;
        Assert.Equal(Reason.BreakerOpen, unknown.Decide(Given.Ask(Channel.Inmail, after.AddMinutes(1), "m2")).Refused().Reason);

        var sent = Permits.Settle(unknown, probe.Granted(), SendResult.Sent, after, after.AddMinutes(1));
        Assert.Equal(BreakerState.Closed, sent.Account.BreakerOf(Product.SalesNavigator).State);
        Assert.Equal([BreakerCause.RecentSuccess], sent.Events.Causes());
        var notSent = Permits.Settle(unknown, probe.Granted(), SendResult.NotSent, null, after.AddMinutes(1));
        Assert.IsType<PermitAnswer.Granted>(notSent.Account.Decide(Given.Ask(Channel.Inmail, after.AddMinutes(2), "m2")).Answer);
    }

    /// <summary>F35: the balance is read before a send tries.</summary>
    [Fact]
    public void Reads_the_balance_before_a_send_may_try()
    {
        var account = Given.Account().With(Open);
        var refused = account.Decide(Given.Ask(Channel.Inmail, Given.Renewal)).Refused();
        Assert.Equal((Reason.BreakerOpen, (DateTimeOffset?)Given.Renewal.AddMinutes(2)), (refused.Reason, refused.WaitUntil));
        var halfOpen = Breakers.AsOf(Open, Given.Renewal).Breaker;
        var unreadable = Breakers.BalanceRead(halfOpen, null, Given.Renewal, null, Given.Renewal).Breaker;
        Assert.IsType<PermitAnswer.Granted>(account.With(unreadable).Decide(Given.Ask(Channel.Inmail, Given.Renewal)).Answer);
    }

    /// <summary>F35: a grant that is late is looked for every hour for two days, then at the next renewal.</summary>
    [Fact]
    public void Looks_hourly_for_a_grant_that_is_late()
    {
        var (breaker, now, looks) = (Open, Given.Renewal, 0);
        var next = Given.Renewal.AddMonths(1);
        for (; now < Given.Renewal.AddHours(60) && breaker.ResumeTime <= now; looks++)
        {
            breaker = Breakers.BalanceRead(Breakers.AsOf(breaker, now).Breaker, 0, now, next, now).Breaker;
            Assert.Equal(BreakerState.Open, breaker.State);
            now = breaker.ResumeTime!.Value;
        }

        Assert.Equal((49, next), (looks, now));
    }

    /// <summary>F35: the books grant on the day, so that a send goes out and is the first to hear that the provider has not.</summary>
    [Fact]
    public void Looks_hourly_for_a_grant_that_the_books_have_and_the_provider_has_not()
    {
        var (renewal, next) = (Given.Renewal, Given.Renewal.AddMonths(1));
        var (change, refusal) = Breakers.CreditError(Closed, 0, next, "m1", renewal.AddMinutes(1), renewedTime: renewal);
        Assert.Equal(renewal.AddMinutes(61), Assert.IsType<CreditRefusal.Exhausted>(refusal).ResumeTime);
        var (breaker, now) = (change.Breaker, renewal.AddMinutes(1));
        while (breaker.ResumeTime < next)
        {
            now = breaker.ResumeTime!.Value;
            breaker = Breakers.BalanceRead(Breakers.AsOf(breaker, now).Breaker, 0, now, next, now).Breaker;
        }

        Assert.InRange(now, renewal.AddHours(48), renewal.AddHours(49));
        // Two days after a renewal nothing is late any more.
        Assert.Equal(next, Breakers.CreditError(Closed, 0, next, "m1", renewal.AddHours(48), renewal).Change.Breaker.ResumeTime);
    }

    [Fact]
    public void Clears_when_the_balance_is_seen_above_zero()
    {
        var change = Breakers.BalanceRead(Open, 1, Armed.AddHours(1), Given.Renewal, Armed.AddHours(1));
        Assert.Equal((BreakerState.Closed, BreakerCause.BalanceObserved), (change.Breaker.State, change.Events.Single().Cause));
    }

    [Fact]
    public void Does_not_believe_a_balance_from_before_it_opened() =>
        Assert.Equal(Open, Breakers.BalanceRead(Open, 5, Armed.AddMinutes(-1), Given.Renewal, Armed.AddMinutes(1)).Breaker);

    [Theory]
    [InlineData(-1, BreakerState.Open)]
    [InlineData(1, BreakerState.Closed)]
    public void Clears_on_a_top_up_that_came_after_it_opened(int minutes, BreakerState state) =>
        Assert.Equal(state, Breakers.ToppedUp(Open, Armed.AddMinutes(minutes), Armed.AddHours(1)).Breaker.State);

    /// <summary>F35, F57. Flaw of the seeds: a refund in the middle of the month never clears it.</summary>
    [Fact]
    public void Clears_on_a_refund_once_the_balance_shows_it()
    {
        var expected = Breakers.Refunded(Open, Armed.AddDays(1), Armed.AddDays(1));
        Assert.Equal((BreakerState.HalfOpen, BreakerCause.Refund), (expected.Breaker.State, expected.Events.Single().Cause));
        // LinkedIn has not posted it yet: it is looked for again in an hour.
        var notYet = Breakers.BalanceRead(expected.Breaker, 0, Armed.AddDays(1), Given.Renewal, Armed.AddDays(1)).Breaker;
        Assert.Equal((BreakerState.Open, Armed.AddDays(1).AddHours(1)), (notYet.State, notYet.ResumeTime));
        var posted = Breakers.BalanceRead(notYet, 1, Armed.AddDays(1).AddHours(1), Given.Renewal, Armed.AddDays(1).AddHours(1));
        Assert.Equal((BreakerState.Closed, BreakerCause.Refund), (posted.Breaker.State, posted.Events.Single().Cause));
    }

    [Theory]
    [InlineData(-1, BreakerState.Open)]
    [InlineData(0, BreakerState.Open)]
    [InlineData(1, BreakerState.Closed)]
    public void Clears_on_a_success_that_is_newer_than_the_opening(int seconds, BreakerState state) =>
        Assert.Equal(state, Breakers.Succeeded(Open, Armed.AddSeconds(seconds), "m1", Armed.AddMinutes(1)).Breaker.State);

    /// <summary>F35. Flaw of the seeds: any InMail counts as evidence, a free one too.</summary>
    [Theory]
    [InlineData(Channel.OpenProfileInmail)]
    [InlineData(Channel.DirectMessage)]
    [InlineData(Channel.ConnectionRequest)]
    public void Never_clears_on_a_free_send(Channel channel)
    {
        var account = Given.Account().With(Open).Send(channel, Armed.AddHours(1), "free");
        Assert.Equal(BreakerState.Open, account.BreakerOf(Product.SalesNavigator).State);
    }

    [Fact]
    public void Clears_on_an_operators_word_and_remembers_whose()
    {
        var change = Breakers.Reset(Open, "ops@example.com", Armed.AddHours(1));
        var happened = Assert.Single(change.Events);
        Assert.Equal((BreakerState.Closed, BreakerCause.Operator, "ops@example.com"), (change.Breaker.State, happened.Cause, happened.Actor));
        Assert.Empty(Breakers.Reset(change.Breaker, "again", Armed.AddHours(2)).Events);
    }

    /// <summary>F9: one product's exhaustion says nothing about another's.</summary>
    [Fact]
    public void Keeps_products_apart()
    {
        var account = Given.Account().With(Given.Open(Armed) with { Product = Product.Premium });
        Assert.IsType<PermitAnswer.Granted>(account.Decide(Given.Ask(Channel.Inmail, Armed.AddHours(1))).Answer);
    }

    /// <summary>F62.</summary>
    [Fact]
    public void Says_in_one_line_when_it_resumes()
    {
        Assert.Equal("credits exhausted, resumes 2026-06-01T00:00:00Z", Given.Account().With(Open).StatusText(Armed));
        Assert.Equal("ok", Given.Account().StatusText(Armed));
        // Where the books have none, nobody tries, and no breaker opens.
        Assert.Equal("credits exhausted, resumes 2026-06-01T00:00:00Z", Given.Account().StatusText(Armed, new EmptyPool(Given.Renewal)));
        Assert.Equal("credits exhausted", Given.Account().StatusText(Armed, new EmptyPool(null)));
        Assert.Equal("paused", (Given.Account() with { Paused = true }).With(Open).StatusText(Armed));
    }

    /// <summary>F63: the history keeps when it opened, whatever met it afterwards.</summary>
    [Fact]
    public void Forgets_skips_before_openings()
    {
        var history = BreakerHistory.With([], [new(Armed, Product.SalesNavigator, BreakerState.Open, BreakerCause.CreditsExhausted, "m0", "")]);
        for (var skip = 0; skip < 1_000; skip++)
            history = BreakerHistory.With(history, Breakers.Skip(Open, "m" + skip, Armed.AddSeconds(skip)).Events);
        Assert.Equal(BreakerHistory.Limit, history.Length);
        Assert.Equal((BreakerCause.CreditsExhausted, "m999"), (history[0].Cause, history[^1].MessageId));
    }
}
