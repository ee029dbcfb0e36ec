using System.Collections.Immutable;

namespace Pennypost.Ledger;

/// <summary>
/// The plans that LinkedIn sells, as data. Grants, caps and renewal: LinkedIn help answers 75 (Premium), 57013 (Sales Navigator) and a412114 (Recruiter); the
/// Recruiter tiers' grants of 100 and 150 are in the trade's guides only. Price of a bought credit: "roughly $8-$12, most commonly around $10" (Quicklead).
/// </summary>
public static class PlanCatalog
{
    /// <summary>Raised whenever a row changes; pools keep the version they were opened with.</summary>
    public const int Version = 2;

    private const long TenDollars = 10_000_000;

    /// <summary>Every plan, in the order of the price list.</summary>
    public static ImmutableArray<Plan> Plans { get; } =
    [
        // A free seat cannot send paid InMail. It counts as Premium, which is what upgrading it would give.
        new("free", "Free", Product.Premium, Rules(0, 0, RenewalKind.Never), "no InMail without a subscription (LinkedIn Help 75)"),

        // Premium renews on the first day of the billing cycle. Credits could be bought, says the older of LinkedIn's pages.
        new("premium_career", "Premium Career", Product.Premium, Rules(5, 3, RenewalKind.BillingAnchor, topUp: true), "LinkedIn Help 75"),
        new("premium_business", "Premium Business", Product.Premium, Rules(15, 3, RenewalKind.BillingAnchor, topUp: true), "LinkedIn Help 75"),

        // Sales Navigator renews on the 1st, UTC, whatever the sign-up day, and sells no further credits. All three tiers have 50.
        new("sales_navigator_core", "Sales Navigator Core", Product.SalesNavigator, SalesNavigator, "LinkedIn Help 57013, a101030"),
        new("sales_navigator_advanced", "Sales Navigator Advanced", Product.SalesNavigator, SalesNavigator, "LinkedIn Help 57013, a101030"),
        new("sales_navigator_advanced_plus", "Sales Navigator Advanced Plus", Product.SalesNavigator, SalesNavigator, "LinkedIn Help 57013, a101030"),

        // Recruiter accumulates four months, the excess expires, and renews on the contract's day. Credits are bought for the contract.
        new("recruiter_lite", "Recruiter Lite", Product.Recruiter, Rules(30, 4, RenewalKind.BillingAnchor, topUp: true), "LinkedIn Help a412114"),
        new("recruiter_professional_services", "Recruiter Professional Services", Product.Recruiter, Rules(100, 4, RenewalKind.BillingAnchor, topUp: true), "cap and renewal LinkedIn Help a412114; grant Quicklead"),
        new("recruiter_corporate", "Recruiter Corporate", Product.Recruiter, Rules(150, 4, RenewalKind.BillingAnchor, topUp: true), "cap and renewal LinkedIn Help a412114; grant Quicklead, Kondo"),
    ];

    private static Terms SalesNavigator => Rules(50, 3, RenewalKind.CalendarMonth) with { SecondInMailAllowed = true };

    /// <summary>The plan of that id, or null.</summary>
    public static Plan? Find(string id)
    {
        foreach (var plan in Plans)
        {
            if (plan.Id == id)
            {
                return plan;
            }
        }

        return null;
    }

    private static Terms Rules(long grant, long capMultiple, RenewalKind renewal, bool topUp = false) => new()
    {
        MonthlyGrant = grant,
        Cap = grant * capMultiple,
        Renewal = renewal,
        TopUpAllowed = topUp,
        UnitPriceMicros = TenDollars,
    };
}
