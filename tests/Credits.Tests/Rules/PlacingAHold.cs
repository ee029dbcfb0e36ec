using Pennypost.Ledger;

namespace Pennypost.Credits.Tests.Rules;

/// <summary>F5, F6.</summary>
public sealed class PlacingAHold
{
    [Fact]
    public void Sets_a_credit_aside()
    {
        var books = Books.Open();
        Assert.IsType<Answer.Placed>(books.Place());
        Assert.Equal((49L, 1L), (books.Pool.Available, books.Pool.Held));
    }

    [Fact]
    public void F6_Answers_a_replay_as_the_first_time_and_writes_nothing()
    {
        var books = Books.Open();
        var first = books.Place();
        var lines = books.Journal.Count;
        Assert.Equal(first, books.Place());
        Assert.Equal((49L, lines), (books.Pool.Available, books.Journal.Count));
    }

    [Theory]
    [InlineData("other", null, 0, "account_id")]
    [InlineData("acc", 60, 0, "ttl")]
    [InlineData("acc", null, 1, "floor")]
    [InlineData("other", 60, 1, "account_id")]
    public void F6_Refuses_a_reused_id_and_names_the_field(string account, int? ttl, long floor, string field)
    {
        var books = Books.Open();
        books.Place();
        Assert.Equal(new Answer.HoldIdReused(field), books.Place("h1", account, ttl is { } s ? TimeSpan.FromSeconds(s) : null, floor));
    }

    [Fact]
    public void F6_Stays_refused_after_a_top_up()
    {
        var books = Books.Open(plan: "premium_career", balance: 0);
        var first = books.Place();
        Assert.IsType<HoldRefusal.InsufficientCredits>(Assert.IsType<Answer.HoldRefused>(first).Refusal);
        books.TopUp();
        Assert.Equal(first, books.Place());
        Assert.IsType<Answer.Placed>(books.Place("h2"));
    }

    [Fact]
    public void Refused_only_because_of_open_holds_is_told_apart_from_exhaustion()
    {
        var books = Books.Open(balance: 1);
        books.Place("h1");
        Assert.Equal(new Answer.HoldRefused(new HoldRefusal.CreditsHeld(0, 1)), books.Place("h2"));
        books.Capture("h1");
        Assert.Equal(new Answer.HoldRefused(new HoldRefusal.InsufficientCredits(0, 0, Books.Time("2026-02-01T00:00:00Z"))), books.Place("h3"));
    }

    [Theory]
    [InlineData(3, 2, true)]
    [InlineData(3, 3, false)]
    [InlineData(1, 0, true)]
    [InlineData(0, 0, false)]
    public void Leaves_the_floor_untouched(long balance, long floor, bool placed)
    {
        var books = Books.Open(balance: balance);
        Assert.Equal(placed, books.Place(floor: floor) is Answer.Placed);
    }

    [Fact]
    public void F5_Times_out_at_its_moment_and_gives_the_credit_back()
    {
        var books = Books.Open();
        books.Place(ttl: TimeSpan.FromMinutes(1));
        books.At("2026-01-01T00:00:59.999Z");
        Assert.Equal((49L, HoldState.Held), (books.Pool.Available, books.Hold().State));
        books.At("2026-01-01T00:01:00Z");
        Assert.Equal((50L, HoldState.TimedOut), (books.Pool.Available, books.Hold().State));
        Assert.Empty(books.Pool.Timers);
    }

    [Fact]
    public void A_hold_that_times_out_with_its_lot_expires_the_credit()
    {
        var books = Books.Open(balance: 1, rules: terms => terms with { MonthlyGrant = 0, LotAge = TimeSpan.FromDays(1) });
        books.Place(ttl: TimeSpan.FromDays(2));
        books.At("2026-02-01T00:00:00Z");
        Assert.Equal((0L, 1L), (books.Pool.Available, books.Pool.Totals.Expired));
        Assert.Equal(["2026-01-03 00:00 TimedOut 1", "2026-01-03 00:00 Expired 1"], books.Lines(EntryKind.TimedOut, EntryKind.Expired));
    }

    [Fact]
    public void Open_holds_with_a_time_out_are_limited()
    {
        var books = Books.Open(balance: Pool.MaxTimedHolds + 2, rules: terms => terms with { LotAge = null });
        var pool = books.Pool;
        for (var i = 0; i < Pool.MaxTimedHolds; i++)
        {
            pool = LedgerRules.Decide(pool, null, new Command.PlaceHold($"t{i}", new HoldContent("acc", TimeSpan.FromHours(1), 0)) { Now = books.Now }).Pool!;
        }

        var next = LedgerRules.Decide(pool, null, new Command.PlaceHold("more", new HoldContent("acc", TimeSpan.FromHours(1), 0)) { Now = books.Now });
        Assert.Equal(new Answer.HoldRefused(new HoldRefusal.TooManyTimedHolds()), next.Answer);
        var untimed = LedgerRules.Decide(pool, null, new Command.PlaceHold("untimed", new HoldContent("acc", null, 0)) { Now = books.Now });
        Assert.IsType<Answer.Placed>(untimed.Answer);
    }
}
