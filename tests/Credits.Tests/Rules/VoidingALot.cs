using Pennypost.Ledger;

namespace Pennypost.Credits.Tests.Rules;

/// <summary>F7.</summary>
public sealed class VoidingALot
{
    private static Books Bought()
    {
        var books = Books.Open("2026-01-10T00:00:00Z", "premium_career", new Renewal.BillingAnchor(10, TimeZoneInfo.Utc), balance: 0);
        books.TopUp(credits: 10);
        return books;
    }

    [Fact]
    public void F7_Takes_what_is_left_of_it_once()
    {
        var books = Bought();
        books.Spend(2);
        Assert.Equal(new Answer.LotVoided(8), books.Void(1));
        Assert.Equal(new Answer.LotVoided(0), books.Void(1));
        Assert.Equal((0L, 8L), (books.Pool.Available, books.Pool.Totals.Voided));
        Assert.IsType<HoldRefusal.InsufficientCredits>(((Answer.HoldRefused)books.Place()).Refusal);
    }

    [Fact]
    public void F7_A_held_credit_of_it_can_be_spent_or_expires_if_it_comes_back()
    {
        var books = Bought();
        books.Place("h1");
        books.Place("h2");
        books.Void(1);
        books.Capture("h1");
        books.Release("h2");
        Assert.Equal((0L, 0L, 1L, 1L, 8L), (books.Pool.Available, books.Pool.Held, books.Pool.Totals.Spent, books.Pool.Totals.Expired, books.Pool.Totals.Voided));
    }

    [Fact]
    public void A_lot_that_never_was_is_said_to_be_none()
    {
        var books = Bought();
        Assert.IsType<Answer.NoSuchLot>(books.Void(2));
        Assert.Equal(10, books.Pool.Available);
    }

    [Fact]
    public void F3_Bought_credits_can_be_kept_for_last()
    {
        var books = Books.Open("2026-01-10T00:00:00Z", "premium_career", new Renewal.BillingAnchor(10, TimeZoneInfo.Utc), rules: terms => terms with { BurnOrder = BurnOrder.BoughtLast });
        books.TopUp(credits: 1, expiresAt: books.Now.AddDays(1));
        books.Spend(5);
        Assert.Equal(LotSource.TopUp, Assert.Single(books.Pool.Lots).Source);
        books.Spend(1, "last");
        Assert.Equal(0, books.Pool.Available);
    }
}
