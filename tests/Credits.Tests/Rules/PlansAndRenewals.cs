using Pennypost.Ledger;
using static Pennypost.Credits.Tests.Rules.Books;

namespace Pennypost.Credits.Tests.Rules;

/// <summary>F1, F2.</summary>
public sealed class PlansAndRenewals
{
    [Theory]
    [InlineData("free", Product.Premium, 0, 0, RenewalKind.Never, false)]
    [InlineData("premium_career", Product.Premium, 5, 15, RenewalKind.BillingAnchor, true)]
    [InlineData("premium_business", Product.Premium, 15, 45, RenewalKind.BillingAnchor, true)]
    [InlineData("sales_navigator_core", Product.SalesNavigator, 50, 150, RenewalKind.CalendarMonth, false)]
    [InlineData("sales_navigator_advanced", Product.SalesNavigator, 50, 150, RenewalKind.CalendarMonth, false)]
    [InlineData("sales_navigator_advanced_plus", Product.SalesNavigator, 50, 150, RenewalKind.CalendarMonth, false)]
    [InlineData("recruiter_lite", Product.Recruiter, 30, 120, RenewalKind.BillingAnchor, true)]
    [InlineData("recruiter_professional_services", Product.Recruiter, 100, 400, RenewalKind.BillingAnchor, true)]
    [InlineData("recruiter_corporate", Product.Recruiter, 150, 600, RenewalKind.BillingAnchor, true)]
    public void F1_The_catalogue_has_what_LinkedIn_sells(string id, Product product, long grant, long cap, RenewalKind renewal, bool topUp)
    {
        var plan = PlanCatalog.Find(id)!;
        Assert.Equal((product, grant, cap, renewal, topUp), (plan.Product, plan.Terms.MonthlyGrant, plan.Terms.Cap, plan.Terms.Renewal, plan.Terms.TopUpAllowed));
        Assert.Equal((TimeSpan.FromDays(90), TimeSpan.FromDays(90)), (plan.Terms.LotAge, plan.Terms.RefundWindow));
        Assert.NotEmpty(plan.Source);
    }

    [Fact]
    public void F1_The_catalogue_has_nine_plans_and_no_other() => Assert.Equal((9, null), (PlanCatalog.Plans.Length, PlanCatalog.Find("sales_navigator")));

    [Theory]
    [InlineData("2026-01-31T23:59:59.999Z", "2026-02-01T00:00:00Z")]
    [InlineData("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")]
    [InlineData("2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00Z")]
    [InlineData("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z")]
    [InlineData("2028-02-29T12:00:00Z", "2028-03-01T00:00:00Z")]
    [InlineData("2026-01-31T23:30:00-05:00", "2026-03-01T00:00:00Z")] // already February in UTC, which alone counts
    public void F2_A_calendar_month_begins_at_midnight_UTC_on_the_1st(string after, string next) =>
        Assert.Equal(Time(next), new Renewal.CalendarMonth().NextAfter(Time(after)));

    [Theory]
    // Short months take their last day, and the month after goes back to the day itself.
    [InlineData(31, "UTC", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z")]
    [InlineData(31, "UTC", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z")]
    [InlineData(31, "UTC", "2026-03-31T00:00:00Z", "2026-04-30T00:00:00Z")]
    [InlineData(31, "UTC", "2028-01-31T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData(30, "UTC", "2026-02-28T00:00:00Z", "2026-03-30T00:00:00Z")]
    [InlineData(29, "UTC", "2027-01-29T00:00:00Z", "2027-02-28T00:00:00Z")]
    [InlineData(29, "UTC", "2028-01-29T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData(15, "UTC", "2026-12-15T00:00:00Z", "2027-01-15T00:00:00Z")]
    [InlineData(1, "UTC", "2026-01-31T23:59:59.999Z", "2026-02-01T00:00:00Z")]
    // The zone's midnight counts: the same moment is another day elsewhere.
    [InlineData(1, "America/New_York", "2026-01-31T23:59:59.999Z", "2026-02-01T05:00:00Z")]
    [InlineData(1, "Asia/Tokyo", "2026-01-31T14:59:59.999Z", "2026-01-31T15:00:00Z")]
    [InlineData(31, "Pacific/Auckland", "2026-12-30T11:00:00Z", "2027-01-30T11:00:00Z")]
    // Daylight saving: the offset of the day itself.
    [InlineData(8, "America/New_York", "2026-02-08T05:00:00Z", "2026-03-08T05:00:00Z")] // springs forward at 02:00 that day
    [InlineData(9, "America/New_York", "2026-02-09T05:00:00Z", "2026-03-09T04:00:00Z")]
    [InlineData(29, "Europe/Berlin", "2026-02-28T23:00:00Z", "2026-03-28T23:00:00Z")] // springs forward at 02:00 that day
    [InlineData(25, "Europe/Berlin", "2026-09-24T22:00:00Z", "2026-10-24T22:00:00Z")]
    [InlineData(26, "Europe/Berlin", "2026-09-25T22:00:00Z", "2026-10-25T23:00:00Z")]
    // Clocks that spring over midnight, and midnights that come twice.
    [InlineData(4, "America/Sao_Paulo", "2018-10-04T03:00:00Z", "2018-11-04T03:00:00Z")]
    [InlineData(24, "Africa/Cairo", "2026-03-23T22:00:00Z", "2026-04-23T22:00:00Z")]
    [InlineData(1, "America/Havana", "2026-10-01T04:00:00Z", "2026-11-01T04:00:00Z")]
    public void F2_A_billing_day_begins_at_the_zones_midnight_and_is_clamped(int day, string zone, string after, string next) =>
        Assert.Equal(Time(next), new Renewal.BillingAnchor(day, TimeZoneInfo.FindSystemTimeZoneById(zone)).NextAfter(Time(after)));

    [Fact]
    public void F2_A_billing_day_of_31_grants_twelve_times_a_year_and_never_drifts()
    {
        var books = Open("2027-12-31T10:00:00Z", "premium_career", new Renewal.BillingAnchor(31, TimeZoneInfo.Utc));
        books.At("2028-12-31T00:00:00Z");
        Assert.Equal(
            ["12-31", "01-31", "02-29", "03-31", "04-30", "05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30", "12-31"],
            books.Journal.Where(line => line.Kind == EntryKind.Granted).Select(line => line.DueAt.ToString("MM-dd")));
    }

    [Fact]
    public void The_last_millisecond_of_the_month_is_not_yet_the_next()
    {
        var books = Open("2026-01-15T00:00:00Z");
        books.At("2026-01-31T23:59:59.999Z");
        Assert.Equal(50, books.Pool.Available);
        books.At("2026-02-01T00:00:00Z");
        Assert.Equal(100, books.Pool.Available);
    }

    [Fact]
    public void A_free_plan_grants_nothing_ever()
    {
        var books = Open(plan: "free");
        books.At("2030-01-01T00:00:00Z");
        Assert.Equal((0L, null, 1), (books.Pool.Available, books.Pool.NextDueAt, books.Journal.Count));
    }
}
