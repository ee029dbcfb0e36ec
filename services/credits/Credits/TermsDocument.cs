using System.Runtime.CompilerServices;
using Google.Protobuf;
using Pennypost.Credits.Stored;
using Pennypost.Ledger;
using static Pennypost.Credits.PoolDocument;

namespace Pennypost.Credits;

/// <summary>Plans and their rules as they are stored, and back.</summary>
internal static class TermsDocument
{
    // They are values that never change, and go from one state of a pool to the next.
    private static readonly ConditionalWeakTable<PlanInForce, ByteString> Plans = [];
    private static readonly ConditionalWeakTable<Opening, ByteString> Openings = [];

    /// <summary>The bytes of a <see cref="StoredPlan"/>.</summary>
    public static ByteString Bytes(PlanInForce plan) => Plans.GetValue(plan, static written => Write(written).ToByteString());

    /// <summary>The bytes of a <see cref="StoredOpening"/>.</summary>
    public static ByteString Bytes(Opening opening) => Openings.GetValue(opening, static written => Write(written).ToByteString());

    public static StoredPlan Write(PlanInForce plan)
    {
        var stored = new StoredPlan
        {
            PlanId = plan.Id,
            Product = (int)plan.Product,
            CatalogVersion = plan.CatalogVersion,
            Terms = Write(Whole(plan.Terms)),
            Renewal = Write(plan.Renewal),
            SinceMs = Ms(plan.Since),
        };
        if (plan.CancelledAt is { } cancelled) stored.CancelledMs = Ms(cancelled);
        return stored;
    }

    public static PlanInForce Read(StoredPlan stored) => new(
        stored.PlanId,
        (Product)stored.Product,
        stored.CatalogVersion,
        // Every rule is stored: what stands here before they are laid on it does not matter.
        Read(stored.Terms).On(new Terms { MonthlyGrant = 0, Cap = 0, Renewal = RenewalKind.Never }),
        Read(stored.Renewal),
        Time(stored.SinceMs),
        stored.HasCancelledMs ? Time(stored.CancelledMs) : null);

    public static StoredOpening Write(Opening opening)
    {
        var stored = new StoredOpening
        {
            PlanId = opening.PlanId,
            CatalogVersion = opening.CatalogVersion,
            Renewal = opening.Renewal is { } named ? Write(named) : null,
            Terms = opening.Terms is { } terms ? Write(terms) : null,
        };
        if (opening.Balance is { } balance) stored.Balance = balance;
        return stored;
    }

    public static Opening Read(StoredOpening stored) => new(
        stored.PlanId,
        stored.CatalogVersion,
        stored.Renewal is { } named ? Read(named) : null,
        stored.HasBalance ? stored.Balance : null,
        stored.Terms is { } terms ? Read(terms) : null);

    public static StoredTerms Write(TermsOverride terms)
    {
        var stored = new StoredTerms();
        if (terms.MonthlyGrant is { } grant) stored.MonthlyGrant = grant;
        if (terms.Cap is { } cap) stored.Cap = cap;
        if (terms.Renewal is { } renewal) stored.RenewalKind = (int)renewal;
        if (terms.Overflow is { } overflow) stored.Overflow = (int)overflow;
        if (terms.BurnOrder is { } order) stored.BurnOrder = (int)order;
        if (terms.Floor is { } floor) stored.Floor = floor;
        if (terms.LotAge is { } age) stored.LotAgeMs = Ms(age);
        if (terms.RefundWindow is { } window) stored.RefundWindowMs = Ms(window);
        if (terms.RefundTriggers is { } triggers) stored.RefundTriggers = (int)triggers;
        if (terms.RefundLife is { } life) stored.RefundLife = (int)life;
        if (terms.RefundCountsTowardCap is { } counts) stored.RefundCountsTowardCap = counts;
        if (terms.RefundConfirmedAfter is { } after) stored.RefundConfirmedAfterMs = Ms(after);
        if (terms.TopUpAllowed is { } allowed) stored.TopUpAllowed = allowed;
        if (terms.UnitPriceMicros is { } price) stored.UnitPriceMicros = price;
        if (terms.Currency is { } currency) stored.Currency = currency;
        if (terms.SecondInMailAllowed is { } second) stored.SecondInmailAllowed = second;
        if (terms.AnnounceBefore is { } before) stored.AnnounceBeforeMs = Ms(before);
        return stored;
    }

    public static TermsOverride Read(StoredTerms stored) => new()
    {
        MonthlyGrant = stored.HasMonthlyGrant ? stored.MonthlyGrant : null,
        Cap = stored.HasCap ? stored.Cap : null,
        Renewal = stored.HasRenewalKind ? (RenewalKind)stored.RenewalKind : null,
        Overflow = stored.HasOverflow ? (OverflowRule)stored.Overflow : null,
        BurnOrder = stored.HasBurnOrder ? (BurnOrder)stored.BurnOrder : null,
        Floor = stored.HasFloor ? stored.Floor : null,
        LotAge = stored.HasLotAgeMs ? TimeSpan.FromMilliseconds(stored.LotAgeMs) : null,
        RefundWindow = stored.HasRefundWindowMs ? TimeSpan.FromMilliseconds(stored.RefundWindowMs) : null,
        RefundTriggers = stored.HasRefundTriggers ? (RefundTriggers)stored.RefundTriggers : null,
        RefundLife = stored.HasRefundLife ? (RefundLife)stored.RefundLife : null,
        RefundCountsTowardCap = stored.HasRefundCountsTowardCap ? stored.RefundCountsTowardCap : null,
        RefundConfirmedAfter = stored.HasRefundConfirmedAfterMs ? TimeSpan.FromMilliseconds(stored.RefundConfirmedAfterMs) : null,
        TopUpAllowed = stored.HasTopUpAllowed ? stored.TopUpAllowed : null,
        UnitPriceMicros = stored.HasUnitPriceMicros ? stored.UnitPriceMicros : null,
        Currency = stored.HasCurrency ? stored.Currency : null,
        SecondInMailAllowed = stored.HasSecondInmailAllowed ? stored.SecondInmailAllowed : null,
        AnnounceBefore = stored.HasAnnounceBeforeMs ? TimeSpan.FromMilliseconds(stored.AnnounceBeforeMs) : null,
    };

    /// <summary>All of a plan's rules, as an override that leaves nothing out.</summary>
    public static TermsOverride Whole(Terms terms) => new()
    {
        MonthlyGrant = terms.MonthlyGrant,
        Cap = terms.Cap,
        Renewal = terms.Renewal,
        Overflow = terms.Overflow,
        BurnOrder = terms.BurnOrder,
        Floor = terms.Floor,
        LotAge = terms.LotAge ?? TimeSpan.Zero,
        RefundWindow = terms.RefundWindow,
        RefundTriggers = terms.RefundTriggers,
        RefundLife = terms.RefundLife,
        RefundCountsTowardCap = terms.RefundCountsTowardCap,
        RefundConfirmedAfter = terms.RefundConfirmedAfter,
        TopUpAllowed = terms.TopUpAllowed,
        UnitPriceMicros = terms.UnitPriceMicros,
        Currency = terms.Currency,
        SecondInMailAllowed = terms.SecondInMailAllowed,
        AnnounceBefore = terms.AnnounceBefore ?? TimeSpan.Zero,
    };

    private static StoredRenewal Write(Renewal renewal) => renewal switch
    {
        Renewal.BillingAnchor anchor => new StoredRenewal { Kind = 3, Day = anchor.Day, ZoneId = anchor.Zone.Id },
        Renewal.CalendarMonth => new StoredRenewal { Kind = 2 },
        _ => new StoredRenewal { Kind = 1 },
    };

    private static Renewal Read(StoredRenewal stored) => stored.Kind switch
    {
        3 => new Renewal.BillingAnchor(stored.Day, TimeZoneInfo.FindSystemTimeZoneById(stored.ZoneId)),
        2 => new Renewal.CalendarMonth(),
        _ => new Renewal.Never(),
    };
}
