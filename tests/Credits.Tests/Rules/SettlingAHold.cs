using Pennypost.Ledger;

namespace Pennypost.Credits.Tests.Rules;

/// <summary>F5: capture is a fact, release a claim.</summary>
public sealed class SettlingAHold
{
    [Fact]
    public void A_capture_spends_the_credit_once()
    {
        var books = Books.Open();
        books.Place();
        var first = books.Capture();
        Assert.Equal(first, books.Capture(sentAt: books.Now.AddDays(-3)));
        Assert.Equal((49L, 0L, 1L), (books.Pool.Available, books.Pool.Held, books.Pool.Totals.Spent));
    }

    [Fact]
    public void A_release_gives_it_back_once()
    {
        var books = Books.Open();
        books.Place();
        var first = books.Release();
        Assert.Equal(first, books.Release());
        Assert.Equal((50L, 0L), (books.Pool.Available, books.Pool.Held));
    }

    [Fact]
    public void A_release_of_an_unknown_id_refuses_that_id_for_good()
    {
        var books = Books.Open();
        Assert.Equal(new Answer.Released(null), books.Release("late"));
        Assert.Equal(new Answer.HoldRefused(new HoldRefusal.ReleasedBeforePlaced()), books.Place("late"));
        Assert.Equal(new Answer.Released(null), books.Release("late"));
        Assert.Equal(50, books.Pool.Available);
    }

    [Fact]
    public void A_release_after_a_capture_is_refused()
    {
        var books = Books.Open();
        books.Place();
        books.Capture();
        Assert.IsType<Answer.AlreadyCaptured>(books.Release());
        Assert.Equal(49, books.Pool.Available);
    }

    [Fact]
    public void A_release_into_a_lot_that_has_ended_expires_the_credit()
    {
        var books = Books.Open(balance: 1, rules: terms => terms with { MonthlyGrant = 0 });
        books.Place();
        books.At("2026-06-01T00:00:00Z");
        books.Release();
        Assert.Equal((0L, 0L, 1L), (books.Pool.Available, books.Pool.Held, books.Pool.Totals.Expired));
    }

    [Fact]
    public void A_capture_of_an_ended_lots_hold_spends_it()
    {
        var books = Books.Open(balance: 1, rules: terms => terms with { MonthlyGrant = 0 });
        books.Place();
        books.At("2026-06-01T00:00:00Z");
        books.Capture();
        Assert.Equal((0L, 1L, 0L), (books.Pool.Held, books.Pool.Totals.Spent, books.Pool.Totals.Expired));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_capture_after_the_hold_ended_takes_another_credit(bool timedOut)
    {
        var books = Books.Open(balance: 2);
        books.Place(ttl: timedOut ? TimeSpan.FromMinutes(1) : null);
        if (!timedOut)
        {
            books.Release();
        }

        books.At("2026-01-01T01:00:00Z");
        Assert.IsType<Answer.Captured>(books.Capture());
        Assert.Equal((1L, 1L, 0L, false), (books.Pool.Available, books.Pool.Totals.Spent, books.Pool.Totals.Adjusted, books.Hold().Drifted));
    }

    [Fact]
    public void A_capture_after_a_time_out_with_nothing_available_adjusts_spends_and_flags_drift()
    {
        var books = Books.Open(balance: 1);
        books.Place(ttl: TimeSpan.FromMinutes(1));
        books.At("2026-01-01T01:00:00Z");
        books.Spend(1, "other");
        Assert.IsType<Answer.Captured>(books.Capture());
        Assert.Equal((0L, 2L, 1L, true), (books.Pool.Available, books.Pool.Totals.Spent, books.Pool.Totals.Adjusted, books.Hold().Drifted));
        Assert.Contains(books.Journal, line => line.Kind == EntryKind.Drifted);
    }

    [Fact]
    public void An_unknown_hold_is_not_found()
    {
        var books = Books.Open();
        Assert.IsType<Answer.NoSuchHold>(books.Capture("none"));
        Assert.IsType<Answer.NoSuchHold>(books.Refund("none"));
        Assert.Equal(2, books.Journal.Count);
    }

    [Fact]
    public void Without_a_pool_every_command_says_so() =>
        Assert.IsType<Answer.NoSuchPool>(LedgerRules.Decide(null, null, new Command.ReleaseHold("h") { Now = Books.Time("2026-01-01T00:00:00Z") }).Answer);
}
