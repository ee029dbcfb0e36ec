using Pennypost.Ledger;

namespace Pennypost.Credits.Tests.Rules;

/// <summary>F3, F4.</summary>
public sealed class LettingTimePass
{
    private static readonly Func<Terms, Terms> Forever = terms => terms with { LotAge = null };

    [Fact]
    public void F4_Books_each_forfeit_and_expiry_with_the_time_it_was_due()
    {
        var books = Books.Open("2026-01-01T00:00:00Z");
        books.At("2026-05-03T00:00:00Z");
        Assert.Equal(
            [
                "2026-01-01 00:00 Created 0",
                "2026-01-01 00:00 Granted 50",
                "2026-02-01 00:00 Granted 50",
                "2026-03-01 00:00 Granted 50",
                "2026-03-25 00:00 ExpiryAnnounced 50",
                // January's lot is 90 days old on the very moment of April's grant: it makes room first.
                "2026-04-01 00:00 Expired 50",
                "2026-04-01 00:00 Granted 50",
                "2026-04-24 00:00 ForfeitAnnounced 50",
                "2026-04-25 00:00 ExpiryAnnounced 50",
                // February's has a day to go when May comes: the pool is at its cap.
                "2026-05-01 00:00 Granted 50",
                "2026-05-01 00:00 Forfeited 50",
                "2026-05-02 00:00 Expired 50",
            ],
            books.Lines());
        Assert.Equal(100, books.Pool.Available);
    }

    [Fact]
    public void A_pool_left_alone_for_14_months_reads_as_one_looked_at_every_day()
    {
        var alone = Books.Open("2026-01-10T08:00:00Z");
        var watched = Books.Open("2026-01-10T08:00:00Z");
        for (var day = 0; day < 425; day++)
        {
            watched.Now = watched.Now.AddDays(1);
            watched.Do(new Command.LetTimePass { Now = watched.Now });
        }

        alone.Now = watched.Now;
        alone.Do(new Command.LetTimePass { Now = alone.Now });
        Assert.Equal(watched.Journal, alone.Journal);
        Assert.Equal(watched.Pool.Lots.AsEnumerable(), alone.Pool.Lots.AsEnumerable());
        Assert.Equal(14, alone.Journal.Count(line => line.Kind == EntryKind.Granted) - 1);
    }

    [Theory]
    [InlineData(OverflowRule.ForfeitNew, "4:50")] // the newest gives way, all of it
    [InlineData(OverflowRule.EvictOldest, "1:50")]
    public void F3_The_overflow_rule_says_which_credits_give_way(OverflowRule rule, string forfeited)
    {
        var books = Books.Open(rules: terms => Forever(terms) with { Overflow = rule });
        books.At("2026-04-01T00:00:00Z");
        Assert.Equal(150, books.Pool.Available);
        Assert.Equal([forfeited], books.Journal.Where(line => line.Kind == EntryKind.Forfeited).Select(line => $"{line.Lot}:{line.Credits}"));
    }

    [Fact]
    public void F3_A_grant_fills_up_to_the_cap_and_forfeits_only_the_rest()
    {
        var books = Books.Open(rules: Forever);
        books.At("2026-03-15T00:00:00Z");
        books.Spend(20);
        books.At("2026-04-01T00:00:00Z");
        Assert.Equal((150L, 30L), (books.Pool.Available, books.Pool.Totals.Forfeited));
    }

    [Fact]
    public void Held_credits_count_toward_the_cap()
    {
        var books = Books.Open(rules: Forever);
        books.At("2026-03-15T00:00:00Z");
        books.Place();
        books.At("2026-04-01T00:00:00Z");
        Assert.Equal((149L, 1L, 50L), (books.Pool.Available, books.Pool.Held, books.Pool.Totals.Forfeited));
    }

    [Fact]
    public void Held_credits_cannot_be_evicted_and_bought_ones_never_are()
    {
        var books = Books.Open("2026-01-01T00:00:00Z", "premium_career", new Renewal.CalendarMonth(), balance: 1, rules: terms => Forever(terms) with { Overflow = OverflowRule.EvictOldest });
        books.Place();
        books.TopUp(credits: 20);
        books.At("2026-02-01T00:00:00Z");
        Assert.Equal((20L, 1L, 5L), (books.Pool.Available, books.Pool.Held, books.Pool.Totals.Forfeited));
    }

    [Fact]
    public void F3_Spends_the_credits_that_end_soonest()
    {
        var books = Books.Open("2026-01-01T00:00:00Z", "premium_career", new Renewal.CalendarMonth());
        books.TopUp("late", 1, Books.Time("2026-12-01T00:00:00Z"));
        books.TopUp("soon", 1, Books.Time("2026-01-20T00:00:00Z"));
        books.Place("first");
        books.Place("second");
        Assert.Equal((3, 1), (books.Hold("first").Lot, books.Hold("second").Lot));
    }

    [Fact]
    public void F3_A_lot_ends_at_its_last_moment_and_not_before()
    {
        var books = Books.Open("2026-01-05T09:30:00Z", "premium_career", new Renewal.CalendarMonth(), balance: 3, rules: terms => terms with { MonthlyGrant = 0 });
        books.At("2026-04-05T09:29:59.999Z");
        Assert.Equal(3, books.Pool.Available);
        books.At("2026-04-05T09:30:00Z");
        Assert.Equal((0L, 3L), (books.Pool.Available, books.Pool.Totals.Expired));
    }

    [Fact]
    public void Looking_ahead_tells_what_will_be_forfeited_and_changes_nothing()
    {
        var books = Books.Open(rules: Forever);
        books.At("2026-03-15T00:00:00Z");
        var ahead = LedgerRules.At(books.Pool, books.Pool.NextRenewalAt!.Value);
        Assert.Equal(50, ahead.Entries.Single(line => line.Kind == EntryKind.Forfeited).Credits);
        Assert.Equal(150, books.Pool.Available);
    }

    [Fact]
    public void An_earlier_time_than_the_pool_has_seen_counts_as_that()
    {
        var books = Books.Open();
        books.At("2026-02-01T00:00:00Z");
        books.At("2026-01-15T00:00:00Z");
        Assert.Equal((100L, Books.Time("2026-02-01T00:00:00Z")), (books.Pool.Available, books.Pool.AsOf));
    }
}
