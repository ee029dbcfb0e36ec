using Pennypost.Ledger;

namespace Pennypost.Credits.Tests.Rules;

/// <summary>F10: another plan, or none. Nothing transfers (LinkedIn Help 75, 1584).</summary>
public sealed class ChangingAPlan
{
    [Fact]
    public void F10_Unused_credits_are_lost_and_the_new_plan_begins_with_its_grant()
    {
        var books = Books.Open("2026-01-10T08:00:00Z", "premium_career", new Renewal.BillingAnchor(10, TimeZoneInfo.Utc));
        books.Spend(2);
        books.Now = Books.Time("2026-01-20T09:00:00Z");
        Assert.IsType<Answer.PlanChanged>(books.ChangePlan("premium_business", renewal: new Renewal.BillingAnchor(20, TimeZoneInfo.Utc)));
        Assert.Equal(["2026-01-20 09:00 Forfeited 3", "2026-01-20 09:00 PlanChanged 0", "2026-01-20 09:00 Granted 15"], books.Lines().TakeLast(3));
        Assert.Equal(("premium_business", 15L, 45L), (books.Pool.Plan.Id, books.Pool.Available, books.Pool.Terms.Cap));
        Assert.Equal(Books.Time("2026-02-20T00:00:00Z"), books.Pool.NextRenewalAt);
    }

    [Fact]
    public void F10_The_balance_of_the_new_seat_can_be_told()
    {
        var books = Books.Open();
        books.ChangePlan("sales_navigator_advanced", balance: 7);
        Assert.Equal((7L, LotSource.Opening), (books.Pool.Available, Assert.Single(books.Pool.Lots).Source));
    }

    [Fact]
    public void F9_A_plan_of_another_product_is_refused_for_good()
    {
        var books = Books.Open();
        var refused = new Answer.PlanChangeRefused(PlanChangeRefusal.OtherProduct);
        Assert.Equal(refused, books.ChangePlan("premium_business", renewal: new Renewal.BillingAnchor(1, TimeZoneInfo.Utc)));
        Assert.Equal(refused, books.ChangePlan("premium_business", renewal: new Renewal.BillingAnchor(1, TimeZoneInfo.Utc)));
        Assert.Equal(50, books.Pool.Available);
    }

    [Fact]
    public void F6_The_same_id_again_changes_nothing_and_another_content_is_named()
    {
        var books = Books.Open();
        books.ChangePlan("sales_navigator_advanced", balance: 7);
        var pool = books.Pool;
        Assert.IsType<Answer.PlanChanged>(books.ChangePlan("sales_navigator_advanced", balance: 7));
        Assert.Equal(new Answer.CommandIdReused("opening_balance"), books.ChangePlan("sales_navigator_advanced", balance: 8));
        Assert.Equal(new Answer.CommandIdReused("terms"), books.ChangePlan("sales_navigator_advanced", balance: 7, terms: new TermsOverride { Floor = 1 }));
        Assert.Equal(new Answer.CommandIdReused("plan_id"), books.CancelPlan());
        Assert.Equal((pool.Lines, 7L), (books.Pool.Lines, books.Pool.Available));
    }

    [Fact]
    public void F10_An_open_hold_can_still_be_captured_and_spends_the_credit_that_was_set_aside()
    {
        var books = Books.Open();
        books.Place();
        books.CancelPlan();
        Assert.Equal((0L, 1L), (books.Pool.Available, books.Pool.Held));
        books.Capture();
        Assert.Equal((0L, 0L, 1L, 49L), (books.Pool.Available, books.Pool.Held, books.Pool.Totals.Spent, books.Pool.Totals.Forfeited));
    }

    [Theory]
    [InlineData("release")]
    [InlineData("time-out")]
    public void F10_An_open_hold_that_comes_back_finds_its_lot_ended(string how)
    {
        var books = Books.Open();
        books.Place(ttl: how == "time-out" ? TimeSpan.FromDays(1) : null);
        books.ChangePlan("sales_navigator_advanced");
        if (how == "release")
        {
            books.Release();
        }
        else
        {
            books.At("2026-01-02T00:00:00Z");
        }

        Assert.Equal((50L, 0L, 1L), (books.Pool.Available, books.Pool.Held, books.Pool.Totals.Expired));
    }

    [Fact]
    public void F55_A_refund_after_the_cancellation_is_booked_and_forfeited()
    {
        var books = Books.Open();
        books.Spend(1);
        books.CancelPlan();
        Assert.IsType<Answer.Refunded>(books.Refund("s0"));
        Assert.Equal((0L, 1L, 50L, 0L), (books.Pool.Available, books.Pool.Totals.Refunded, books.Pool.Totals.Forfeited, books.Pool.Provisional));
        Assert.IsType<Answer.AlreadyRefunded>(books.Refund("s0"));
    }

    [Fact]
    public void F55_A_refund_after_a_change_comes_to_the_new_plan()
    {
        var books = Books.Open();
        books.Spend(1);
        books.ChangePlan("sales_navigator_advanced");
        Assert.IsType<Answer.Refunded>(books.Refund("s0"));
        Assert.Equal(51, books.Pool.Available);
    }

    /// <summary>The window of the plan under which the credit was set aside counts, not that of the plan at the reply.</summary>
    [Fact]
    public void F55_A_send_keeps_the_refund_window_that_it_was_made_under()
    {
        var books = Books.Open(rules: terms => terms with { RefundWindow = TimeSpan.FromDays(30) });
        books.Spend(1);
        books.ChangePlan("sales_navigator_advanced");
        books.Spend(1, "n");
        books.Now = books.Now.AddDays(31);
        Assert.IsType<Answer.RepliedTooLate>(books.Refund("s0"));
        Assert.IsType<Answer.Refunded>(books.Refund("n0"));
    }

    /// <summary>An automatic answer that refunded nothing did so once the rules were changed, when it was told again.</summary>
    [Fact]
    public void F53_A_send_keeps_the_triggers_that_it_was_made_under()
    {
        var books = Books.Open(rules: terms => terms with { RefundTriggers = RefundTriggers.Reply });
        books.Spend(1);
        Assert.IsType<Answer.NotATrigger>(books.Refund("s0", trigger: RefundTriggers.AutoReply));
        books.Do(new Command.ChangeTerms(books.Pool.Terms with { RefundTriggers = RefundTriggers.All }) { Now = books.Now });
        Assert.IsType<Answer.NotATrigger>(books.Refund("s0", trigger: RefundTriggers.AutoReply));
    }

    [Fact]
    public void F10_After_the_cancellation_nothing_is_granted_held_or_bought()
    {
        var books = Books.Open("2026-01-10T08:00:00Z", "premium_career", new Renewal.BillingAnchor(10, TimeZoneInfo.Utc));
        books.CancelPlan();
        books.At("2026-06-01T00:00:00Z");
        Assert.Equal(new Answer.HoldRefused(new HoldRefusal.InsufficientCredits(0, 0, null)), books.Place());
        Assert.Equal(new Answer.TopUpRefused(TopUpRefusal.PlanCancelled), books.TopUp());
        Assert.Equal(new Answer.PlanChangeRefused(PlanChangeRefusal.Cancelled), books.CancelPlan("c2"));
        Assert.Equal(5, books.Pool.Totals.Granted);
    }

    [Fact]
    public void F10_A_cancelled_pool_is_taken_up_again_by_a_change()
    {
        var books = Books.Open();
        books.CancelPlan();
        books.Now = books.Now.AddDays(40);
        books.ChangePlan("sales_navigator_core", "c2");
        Assert.Equal((50L, null, Books.Time("2026-03-01T00:00:00Z")), (books.Pool.Available, books.Pool.Plan.CancelledAt, books.Pool.NextRenewalAt));
    }

    [Fact]
    public void What_the_old_plan_owed_is_not_taken_from_the_new_one()
    {
        var books = Books.Open();
        for (var i = 0; i < 50; i++)
        {
            books.Place($"h{i}");
        }

        books.Reconcile(40);
        Assert.Equal(10, books.Pool.Shortfall);
        books.ChangePlan("sales_navigator_advanced");
        Assert.Equal((50L, 0L), (books.Pool.Available, books.Pool.Shortfall));
    }

    [Fact]
    public void F1_Other_rules_hold_from_now_on_and_the_balance_stays()
    {
        var books = Books.Open();
        var terms = new TermsOverride { MonthlyGrant = 60, Cap = 70, Floor = 5 }.On(books.Pool.Terms);
        Assert.IsType<Answer.RulesSet>(books.Do(new Command.ChangeTerms(terms) { Now = books.Now }));
        Assert.Equal(50, books.Pool.Available);
        var lines = books.Pool.Lines;
        books.Do(new Command.ChangeTerms(terms) { Now = books.Now });
        Assert.Equal(lines, books.Pool.Lines);
        books.At("2026-02-01T00:00:00Z");
        Assert.Equal((70L, 40L), (books.Pool.Available, books.Pool.Totals.Forfeited));
    }

    [Fact]
    public void F1_A_rule_that_is_not_named_stays_as_the_plan_has_it()
    {
        var core = PlanCatalog.Find("sales_navigator_core")!.Terms;
        Assert.Equal(core, new TermsOverride().On(core));
        Assert.Equal(core with { LotAge = null, AnnounceBefore = null }, new TermsOverride { LotAge = TimeSpan.Zero, AnnounceBefore = TimeSpan.Zero }.On(core));
    }
}
