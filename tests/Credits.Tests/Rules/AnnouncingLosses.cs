using Pennypost.Ledger;

namespace Pennypost.Credits.Tests.Rules;

/// <summary>F4: forfeits and expiries are announced, how many and when, before they happen.</summary>
public sealed class AnnouncingLosses
{
    [Fact]
    public void F4_A_forfeit_is_announced_a_week_ahead_with_its_number_and_time()
    {
        var books = Books.Open(rules: terms => terms with { LotAge = null });
        books.At("2026-04-01T00:00:00Z");
        var announced = Assert.Single(books.Journal, line => line.Kind == EntryKind.ForfeitAnnounced);
        Assert.Equal((Books.Time("2026-03-25T00:00:00Z"), 50L, Books.Time("2026-04-01T00:00:00Z")), (announced.DueAt, announced.Credits, announced.At));
        Assert.Equal(announced.Credits, books.Pool.Totals.Forfeited);
    }

    [Fact]
    public void F4_No_loss_no_announcement()
    {
        var books = Books.Open();
        books.Spend(50);
        books.At("2026-02-10T00:00:00Z");
        Assert.DoesNotContain(books.Journal, line => line.Kind is EntryKind.ForfeitAnnounced or EntryKind.ExpiryAnnounced);
    }

    [Fact]
    public void F4_An_expiry_counts_all_lots_that_end_together_and_not_what_was_spent_of_them()
    {
        var books = Books.Open("2026-01-10T00:00:00Z", "premium_career", new Renewal.BillingAnchor(1, TimeZoneInfo.Utc), balance: 4);
        books.Spend(1);
        books.TopUp(credits: 2);
        books.At("2026-04-05T00:00:00Z");
        var announced = books.Journal.First(line => line.Kind == EntryKind.ExpiryAnnounced);
        Assert.Equal((Books.Time("2026-04-03T00:00:00Z"), 5L, Books.Time("2026-04-10T00:00:00Z")), (announced.DueAt, announced.Credits, announced.At));
    }

    [Fact]
    public void F4_What_comes_with_less_than_a_week_to_live_is_announced_as_it_comes()
    {
        var books = Books.Open("2026-01-10T00:00:00Z", "premium_career", new Renewal.BillingAnchor(9, TimeZoneInfo.Utc), balance: 0);
        books.TopUp(credits: 2, expiresAt: books.Now.AddDays(1));
        Assert.Equal("2026-01-10 00:00 ExpiryAnnounced 2", books.Lines().Last());
    }

    [Fact]
    public void F4_How_long_before_is_a_rule_of_the_pool_and_never_is_one_too()
    {
        var early = Books.Open(rules: terms => terms with { AnnounceBefore = TimeSpan.FromDays(30) });
        var never = Books.Open(rules: terms => terms with { AnnounceBefore = null });
        foreach (var books in new[] { early, never })
        {
            books.At("2026-04-02T00:00:00Z");
        }

        Assert.Equal("2026-03-02 00:00 ExpiryAnnounced 50", early.Lines(EntryKind.ExpiryAnnounced).First());
        Assert.Empty(never.Lines(EntryKind.ExpiryAnnounced, EntryKind.ForfeitAnnounced));
    }

    [Fact]
    public void The_sweep_is_due_for_an_announcement()
    {
        var books = Books.Open();
        Assert.Equal(Books.Time("2026-01-25T00:00:00Z"), books.Pool.NextDueAt);
    }
}
