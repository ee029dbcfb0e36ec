using Pennypost.Ledger;

namespace Pennypost.Credits.Tests.Rules;

/// <summary>F8, F11, F14.</summary>
public sealed class LimitingSeatsAndCampaigns
{
    [Fact]
    public void F8_A_seat_takes_no_more_than_its_limit_until_the_next_grant()
    {
        var books = Books.Open("2026-01-10T00:00:00Z");
        books.PutSeat("ann", perPeriod: 2);
        books.Place("a1", "ann");
        books.Capture("a1");
        books.Place("a2", "ann");
        Assert.Equal(
            new Answer.HoldRefused(new HoldRefusal.SeatLimitReached(LimitWindow.Period, 2, 2, Books.Time("2026-02-01T00:00:00Z"))), books.Place("a3", "ann"));
        Assert.IsType<Answer.Placed>(books.Place("b1", "ben"));
        books.Now = Books.Time("2026-02-01T00:00:00Z");
        Assert.IsType<Answer.Placed>(books.Place("a4", "ann"));
    }

    [Theory] // 11 January 2026 is a Sunday
    [InlineData("2026-01-11T23:59:59.999Z", false)]
    [InlineData("2026-01-12T00:00:00Z", true)]
    public void F14_A_weekly_budget_begins_anew_on_Monday_in_UTC(string again, bool placed)
    {
        var books = Books.Open("2026-01-05T00:00:00Z");
        books.PutSeat("ann", perWeek: 1);
        books.Place("a1", "ann");
        books.Now = Books.Time(again);
        Assert.Equal(placed, books.Place("a2", "ann") is Answer.Placed);
    }

    [Fact]
    public void F8_A_refund_goes_to_the_pool_and_lifts_no_limit()
    {
        var books = Books.Open();
        books.PutSeat("ann", perPeriod: 1, perWeek: 9);
        books.Place("a1", "ann");
        books.Capture("a1");
        books.Refund("a1");
        Assert.Equal(50, books.Pool.Available);
        Assert.IsType<HoldRefusal.SeatLimitReached>(Assert.IsType<Answer.HoldRefused>(books.Place("a2", "ann")).Refusal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void F8_A_hold_that_came_to_nothing_is_taken_off_the_count(bool byTime)
    {
        var books = Books.Open("2026-01-06T00:00:00Z");
        books.PutSeat("ann", perPeriod: 1, perWeek: 1);
        books.PutBudget("q1", 1);
        books.Place("a1", "ann", TimeSpan.FromDays(1), campaign: "q1");
        if (byTime)
        {
            books.Now = books.Now.AddDays(1);
        }
        else
        {
            books.Release("a1");
        }

        Assert.IsType<Answer.Placed>(books.Place("a2", "ann", campaign: "q1"));
    }

    [Fact]
    public void F8_A_hold_of_the_week_before_is_not_taken_off_this_weeks_count()
    {
        var books = Books.Open("2026-01-09T00:00:00Z");
        books.PutSeat("ann", perWeek: 1);
        books.Place("a1", "ann");
        books.Now = Books.Time("2026-01-12T00:00:00Z");
        books.Place("a2", "ann");
        books.Release("a1");
        Assert.IsType<Answer.HoldRefused>(books.Place("a3", "ann"));
    }

    [Fact]
    public void A_capture_after_the_time_out_is_a_fact_and_counts_past_the_limit()
    {
        var books = Books.Open();
        books.PutSeat("ann", perPeriod: 1);
        books.Place("a1", "ann", TimeSpan.FromHours(1));
        books.Now = books.Now.AddHours(2);
        books.Place("a2", "ann");
        Assert.IsType<Answer.Captured>(books.Capture("a1"));
        Assert.Equal(2, Assert.Single(books.Pool.Seats).Period.Credits);
    }

    [Fact]
    public void F14_A_campaign_has_its_slice_and_no_more_whoever_sends()
    {
        var books = Books.Open();
        books.PutBudget("q1", 2);
        books.Place("h1", "ann", campaign: "q1");
        books.Place("h2", "ben", campaign: "q1");
        Assert.Equal(new Answer.HoldRefused(new HoldRefusal.BudgetUsedUp(2, 2)), books.Place("h3", "cem", campaign: "q1"));
        Assert.IsType<Answer.Placed>(books.Place("h4", "cem", campaign: "q2"));
        books.PutBudget("q1", 3);
        Assert.IsType<Answer.Placed>(books.Place("h5", "cem", campaign: "q1"));
        Assert.Equal(3, Assert.Single(books.Pool.Budgets).Used);
    }

    [Fact]
    public void Limits_are_judged_after_the_pool_and_the_seat_before_the_campaign()
    {
        var books = Books.Open(balance: 1);
        books.PutSeat("ann", perPeriod: 0, perWeek: 0);
        books.PutBudget("q1", 0);
        Assert.Equal(LimitWindow.Period, ((HoldRefusal.SeatLimitReached)((Answer.HoldRefused)books.Place("h1", "ann", campaign: "q1")).Refusal).Window);
        books.PutSeat("ann", perWeek: 0);
        Assert.Equal(LimitWindow.Week, ((HoldRefusal.SeatLimitReached)((Answer.HoldRefused)books.Place("h2", "ann", campaign: "q1")).Refusal).Window);
        books.PutSeat("ann");
        Assert.IsType<HoldRefusal.BudgetUsedUp>(((Answer.HoldRefused)books.Place("h3", "ann", campaign: "q1")).Refusal);
        books.Spend(1);
        Assert.IsType<HoldRefusal.InsufficientCredits>(((Answer.HoldRefused)books.Place("h4", "ann", campaign: "q1")).Refusal);
    }

    [Fact]
    public void No_more_than_500_limits_are_kept()
    {
        var books = Books.Open();
        for (var i = 0; i < Pool.MaxLimits; i++)
        {
            books.Do(i % 2 == 0 ? new Command.PutSeat($"a{i}", 1, null) { Now = books.Now } : new Command.PutBudget($"b{i}", 1) { Now = books.Now });
        }

        Assert.IsType<Answer.TooManyLimits>(books.PutSeat("ann", 1));
        Assert.IsType<Answer.TooManyLimits>(books.PutBudget("q1", 1));
        Assert.IsType<Answer.RulesSet>(books.PutBudget("b1", null));
        Assert.IsType<Answer.RulesSet>(books.PutSeat("ann", 1));
    }

    [Theory]
    [InlineData(4, false, true)]
    [InlineData(3, false, false)]
    [InlineData(3, true, true)]
    [InlineData(1, true, true)]
    public void F11_The_last_credits_go_to_holds_of_high_value_only(long available, bool highValue, bool placed)
    {
        var books = Books.Open(balance: available, rules: terms => terms with { Floor = 3 });
        var answer = books.Place(highValue: highValue);
        Assert.Equal(placed, answer is Answer.Placed);
        if (!placed)
        {
            Assert.Equal(new Answer.HoldRefused(new HoldRefusal.CreditsReserved(available, 3)), answer);
        }
    }

    [Fact]
    public void F38_Credits_under_the_floor_are_only_held_if_a_release_could_lift_them_over_it()
    {
        var books = Books.Open(balance: 4, rules: terms => terms with { Floor = 2 });
        books.Place("h1");
        books.Place("h2");
        Assert.Equal(new Answer.HoldRefused(new HoldRefusal.CreditsHeld(2, 2)), books.Place("h3"));
        books.Capture("h1");
        books.Capture("h2");
        Assert.Equal(new Answer.HoldRefused(new HoldRefusal.CreditsReserved(2, 2)), books.Place("h4"));
    }

    [Fact]
    public void F8_A_refund_goes_to_the_pool_that_paid_wherever_the_account_is_now()
    {
        var (before, after) = (Books.Open(), Books.Open(balance: 0));
        before.PutSeat("ann", perPeriod: 5);
        before.Place("a1", "ann");
        before.Capture("a1");
        before.PutSeat("ann");
        after.PutSeat("ann", perPeriod: 5);
        Assert.IsType<Answer.Refunded>(before.Refund("a1"));
        Assert.Equal((50L, 0L), (before.Pool.Available, after.Pool.Available));
        Assert.IsType<Answer.NoSuchHold>(after.Refund("a1"));
    }
}
