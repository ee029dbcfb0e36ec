using Pennypost.Ledger;

namespace Pennypost.Credits.Tests.Rules;

/// <summary>F52, F53, F55.</summary>
public sealed class RefundingAHold
{
    private static readonly DateTimeOffset Sent = Books.Time("2026-01-10T12:00:00Z");

    [Theory]
    [InlineData("2026-01-10T12:00:00Z", true)]
    [InlineData("2026-04-10T12:00:00Z", true)] // the last moment of the 90 days
    [InlineData("2026-04-10T12:00:00.001Z", false)]
    [InlineData("2026-04-11T12:00:00Z", false)] // day 91
    public void F52_F55_A_reply_counts_within_90_days_of_the_send(string repliedAt, bool refunded)
    {
        var books = Sending();
        books.At("2026-05-01T00:00:00Z");
        var answer = books.Refund(repliedAt: Books.Time(repliedAt));
        Assert.Equal(refunded, answer is Answer.Refunded);
        Assert.Equal(refunded ? 1 : 0, books.Pool.Totals.Refunded);
    }

    [Fact]
    public void F52_Gives_the_credit_back_exactly_once()
    {
        var books = Sending();
        books.At("2026-01-12T00:00:00Z");
        Assert.IsType<Answer.Refunded>(books.Refund());
        Assert.IsType<Answer.AlreadyRefunded>(books.Refund());
        books.At("2026-01-13T00:00:00Z");
        Assert.IsType<Answer.AlreadyRefunded>(books.Refund());
        Assert.Equal((50L, 1L, 1L), (books.Pool.Available, books.Pool.Totals.Spent, books.Pool.Totals.Refunded));
    }

    [Fact]
    public void A_reply_to_a_held_hold_captures_it_first()
    {
        var books = Books.Open();
        books.Place();
        Assert.IsType<Answer.Refunded>(books.Refund());
        Assert.Equal((50L, 0L, 1L, 1L), (books.Pool.Available, books.Pool.Held, books.Pool.Totals.Spent, books.Pool.Totals.Refunded));
    }

    [Fact]
    public void A_reply_proves_that_a_timed_out_hold_was_sent()
    {
        var books = Books.Open(balance: 1);
        books.Place(ttl: TimeSpan.FromMinutes(1));
        books.At("2026-01-02T00:00:00Z");
        Assert.IsType<Answer.Refunded>(books.Refund());
        Assert.Equal((1L, 1L, 1L), (books.Pool.Available, books.Pool.Totals.Spent, books.Pool.Totals.Refunded));
    }

    [Fact]
    public void A_released_hold_spent_nothing_until_a_capture_says_otherwise()
    {
        var books = Books.Open();
        books.Place();
        books.Release();
        Assert.IsType<Answer.NothingSpent>(books.Refund());
        Assert.Equal(0, books.Pool.Totals.Refunded);
        books.Capture();
        Assert.Equal((50L, 1L, 1L), (books.Pool.Available, books.Pool.Totals.Spent, books.Pool.Totals.Refunded));
    }

    [Fact]
    public void A_reply_that_seemed_late_counts_once_the_capture_tells_a_later_send()
    {
        var books = Books.Open("2026-01-10T00:00:00Z");
        books.Place();
        books.At("2026-04-20T00:00:00Z");
        Assert.IsType<Answer.RepliedTooLate>(books.Refund(repliedAt: Books.Time("2026-04-12T00:00:00Z")));
        books.Capture(sentAt: Books.Time("2026-01-20T00:00:00Z"));
        Assert.NotNull(books.Hold().RefundedAt);
    }

    [Fact]
    public void Of_two_replies_the_earlier_counts_though_it_is_told_later()
    {
        var books = Sending();
        books.At("2026-05-01T00:00:00Z");
        Assert.IsType<Answer.RepliedTooLate>(books.Refund(repliedAt: Sent.AddDays(95)));
        Assert.IsType<Answer.Refunded>(books.Refund(repliedAt: Sent.AddDays(80)));
    }

    [Theory]
    [InlineData(RefundLife.AsNew, 1, 0)]
    [InlineData(RefundLife.AsSpent, 0, 1)]
    public void F55_A_refund_of_an_ended_lot_follows_the_rule(RefundLife life, long available, long expired)
    {
        var books = Books.Open("2026-01-01T00:00:00Z", balance: 1, rules: terms => terms with { MonthlyGrant = 0, LotAge = TimeSpan.FromDays(30), RefundLife = life });
        books.Place();
        books.Capture();
        books.At("2026-02-15T00:00:00Z");
        Assert.IsType<Answer.Refunded>(books.Refund());
        Assert.Equal((available, expired), (books.Pool.Available, books.Pool.Totals.Expired));
    }

    [Theory]
    [InlineData(true, 150, 1)]
    [InlineData(false, 151, 0)]
    public void A_refund_at_the_cap_follows_the_rule(bool countsTowardCap, long available, long forfeited)
    {
        var books = Books.Open("2026-01-01T00:00:00Z", rules: terms => terms with { LotAge = null, RefundCountsTowardCap = countsTowardCap });
        books.Place();
        books.Capture();
        books.At("2026-03-15T00:00:00Z");
        books.Do(new Command.Reconcile("fill", new ReconciliationContent(150, 0, books.Now)) { Now = books.Now });
        books.Refund();
        Assert.Equal((available, forfeited), (books.Pool.Available, books.Pool.Totals.Forfeited));
    }

    [Fact]
    public void F53_A_refund_is_provisional_until_its_delay_has_passed()
    {
        var books = Sending();
        books.At("2026-01-12T15:00:00Z");
        books.Refund();
        books.At("2026-01-15T23:59:59.999Z");
        Assert.Equal(1, books.Pool.Provisional);
        books.At("2026-01-16T00:00:00Z");
        Assert.Equal(0, books.Pool.Provisional);
    }

    [Fact]
    public void F53_A_refund_is_confirmed_by_a_balance_that_has_it()
    {
        var books = Sending();
        books.Refund();
        books.Now = books.Now.AddMinutes(1);
        books.Reconcile(49, "lags");
        Assert.Equal(1, books.Pool.Provisional);
        books.Now = books.Now.AddMinutes(1);
        books.Reconcile(50, "has it");
        Assert.Equal((0L, 50L), (books.Pool.Provisional, books.Pool.Available));
    }

    [Fact]
    public void Refunds_of_one_day_share_a_lot()
    {
        var books = Books.Open();
        books.Spend(20);
        for (var i = 0; i < 20; i++)
        {
            books.Refund($"s{i}");
        }

        Assert.Equal(2, books.Pool.Lots.Length);
    }

    private static Books Sending()
    {
        var books = Books.Open("2026-01-10T12:00:00Z");
        books.Place();
        books.Capture();
        return books;
    }
}
