using Pennypost.Ledger;

namespace Pennypost.Credits.Tests.Rules;

/// <summary>F84, F86.</summary>
public sealed class ImportingSends
{
    [Fact]
    public void F86_A_send_from_before_the_pool_moves_no_credits_and_its_reply_refunds()
    {
        var books = Books.Open("2026-03-10T00:00:00Z", balance: 7);
        Assert.IsType<Answer.SendImported>(books.Import("i1", Books.Time("2026-02-01T00:00:00Z")));
        Assert.Equal((7L, 1L, 1L), (books.Pool.Available, books.Pool.Totals.Spent, books.Pool.Totals.Adjusted));
        Assert.IsType<Answer.Refunded>(books.Refund("i1"));
        Assert.Equal((8L, 1L), (books.Pool.Available, books.Pool.Totals.Refunded));
    }

    [Theory]
    [InlineData(90, 0, true)]
    [InlineData(90, 1, false)]
    public void F86_The_refund_window_of_an_imported_send_is_counted_from_its_own_time(int days, int milliseconds, bool refunded)
    {
        var sentAt = Books.Time("2026-02-01T12:00:00Z");
        var books = Books.Open("2026-03-10T00:00:00Z", balance: 7);
        books.Import("i1", sentAt);
        books.Now = sentAt.AddDays(days).AddMilliseconds(milliseconds);
        Assert.Equal(refunded, books.Refund("i1") is Answer.Refunded);
    }

    [Fact]
    public void F84_A_send_by_hand_takes_the_credit_that_is_next_to_go()
    {
        var books = Books.Open("2026-03-10T00:00:00Z", balance: 7);
        books.Now = books.Now.AddHours(1);
        books.Import("by-hand", books.Now.AddMinutes(-5));
        Assert.Equal((6L, 1L, 0L), (books.Pool.Available, books.Pool.Totals.Spent, books.Pool.Totals.Adjusted));
    }

    [Fact]
    public void F84_A_send_by_hand_that_the_balance_showed_already_is_not_taken_twice()
    {
        var books = Books.Open("2026-03-10T00:00:00Z", balance: 7);
        books.Now = books.Now.AddHours(1);
        Assert.Equal(-1, books.Reconcile(6).Drift);
        books.Import("by-hand", books.Now.AddMinutes(-5));
        Assert.Equal((6L, 1L), (books.Pool.Available, books.Pool.Totals.Spent));
    }

    [Fact]
    public void F84_A_send_by_hand_that_finds_no_credit_shows_that_the_books_were_wrong()
    {
        var books = Books.Open("2026-03-10T00:00:00Z", balance: 0);
        books.Import();
        Assert.Equal((0L, 1L, 1L), (books.Pool.Available, books.Pool.Totals.Spent, books.Pool.Totals.Adjusted));
        Assert.Contains(books.Journal, line => line.Kind == EntryKind.Drifted);
    }

    [Fact]
    public void F6_The_same_send_again_is_booked_once_and_another_content_is_named()
    {
        var books = Books.Open(balance: 7);
        books.Import();
        var pool = books.Pool;
        Assert.IsType<Answer.SendImported>(books.Import());
        Assert.Equal(new Answer.HoldIdReused("send_time"), books.Import(sentAt: books.Now.AddDays(-1)));
        Assert.Equal(new Answer.HoldIdReused("hold_id"), books.Place("i1"));
        books.Place("h1");
        Assert.Equal(new Answer.HoldIdReused("hold_id"), books.Import("h1"));
        Assert.Equal(pool.Lines + 1, books.Pool.Lines);
    }
}
