using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Ledger;
using Pennypost.Store;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Credits;

/// <summary>The ledger's values as callers see them.</summary>
internal static class Wire
{
    public static Shown.Pool Pool(Pool pool, long version)
    {
        var wire = new Shown.Pool
        {
            PoolId = pool.Id,
            Product = PlanCatalog.Find(pool.Opening.PlanId) is { } plan ? (Shown.Product)plan.Product : Shown.Product.Unspecified,
            PlanId = pool.Opening.PlanId,
            Renewal = Renewal(pool.Renewal),
            Balance = Balance(pool),
            Cap = pool.Terms.Cap,
            RenewTime = Time(pool.NextRenewalAt),
            NextGrant = pool.NextRenewalAt is null ? 0 : pool.Terms.MonthlyGrant,
            ForfeitsAtRenewal = ForfeitsAtRenewal(pool),
            PriceMicros = pool.Terms.UnitPriceMicros,
            Currency = pool.Terms.Currency,
            Version = version,
            CreateTime = Time(pool.OpenedAt),
        };
        wire.Lots.AddRange(pool.Lots.Select(Lot));

        // Lots stand in the order in which they end.
        if (pool.Lots.FirstOrDefault(lot => lot.Available > 0)?.ExpiresAt is { } next)
        {
            wire.NextExpireTime = Time(next);
            wire.NextExpireCredits = pool.Lots.Where(lot => lot.ExpiresAt == next).Sum(lot => lot.Available);
        }

        return wire;
    }

    /// <summary>A hold as its caller sees it; null for an id that was refused, which is no hold.</summary>
    public static Shown.Hold? Hold(Kept.Hold? hold, Pool pool) => hold is null or { State: HoldState.Refused } ? null : new Shown.Hold
    {
        HoldId = hold.Id,
        PoolId = pool.Id,
        AccountId = hold.Content.AccountId,
        State = hold.RefundedAt is not null ? Shown.HoldState.Refunded : (Shown.HoldState)hold.State,
        LotId = LotId(hold.Lot),
        CreateTime = Time(hold.PlacedAt),
        ExpireTime = Time(hold.ExpiresAt),
        SendTime = Time(hold.SentAt),
        SettleTime = Time(hold.RefundedAt ?? hold.SettledAt),
        RefundUntil = Time(hold.SentAt + pool.Terms.RefundWindow),
    };

    public static Shown.Entry Entry(Entry entry, long sequence) => new()
    {
        Sequence = sequence,
        EntryTime = Time(entry.DueAt),
        Kind = (Shown.EntryKind)entry.Kind,
        Credits = entry.Credits,
        LotId = LotId(entry.Lot),
        HoldId = entry.HoldId,
        CauseId = entry.CauseId,
        Available = entry.Available,
        Held = entry.Held,
    };

    public static Shown.Entry RewindAccepted(JournaledEntry line) =>
        new() { Sequence = line.Number, EntryTime = Time(line.Time), Kind = Shown.EntryKind.RewindAccepted };

    public static V1.Plan Plan(Plan plan) => new()
    {
        PlanId = plan.Id,
        DisplayName = plan.Name,
        Product = plan.Terms.MonthlyGrant > 0 ? (Shown.Product)plan.Product : Shown.Product.Unspecified,
        MonthlyGrant = plan.Terms.MonthlyGrant,
        Cap = plan.Terms.Cap,
        RenewsByCalendarMonth = plan.Terms.Renewal == RenewalKind.CalendarMonth,
        Overflow = (V1.Overflow)plan.Terms.Overflow,
        LotAge = plan.Terms.LotAge is { } age ? Duration.FromTimeSpan(age) : null,
        RefundWindow = Duration.FromTimeSpan(plan.Terms.RefundWindow),
        TopUpAllowed = plan.Terms.TopUpAllowed,
        PriceMicros = plan.Terms.UnitPriceMicros,
        Currency = plan.Terms.Currency,
        SecondInmailAllowed = plan.Terms.SecondInMailAllowed,
        Source = plan.Source,
    };

    public static Timestamp? Time(DateTimeOffset? time) => time is { } known ? Timestamp.FromDateTimeOffset(known) : null;

    private static Shown.Balance Balance(Pool pool) => new()
    {
        Available = pool.Available,
        Held = pool.Held,
        Spent = pool.Totals.Spent,
        Granted = pool.Totals.Granted,
        ToppedUp = pool.Totals.ToppedUp,
        Refunded = pool.Totals.Refunded,
        Adjusted = pool.Totals.Adjusted,
        Expired = pool.Totals.Expired,
        Forfeited = pool.Totals.Forfeited,
        Voided = pool.Totals.Voided,
        Shortfall = pool.Shortfall,
        Provisional = pool.Provisional,
    };

    private static Shown.Lot Lot(Lot lot) => new()
    {
        LotId = LotId(lot.Number),
        Source = lot.Source switch
        {
            LotSource.Grant => Shown.LotSource.Grant,
            LotSource.TopUp => Shown.LotSource.TopUp,
            LotSource.Refund => Shown.LotSource.Refund,
            LotSource.Opening => Shown.LotSource.Opening,
            _ => Shown.LotSource.Adjust,
        },
        Available = lot.Available,
        Held = lot.Held,
        EffectiveTime = Time(lot.EffectiveAt),
        ExpireTime = Time(lot.ExpiresAt),
        UnitCostMicros = lot.UnitCostMicros,
        Currency = lot.Currency,
    };

    private static Shown.Renewal? Renewal(Renewal renewal) => renewal switch
    {
        Ledger.Renewal.CalendarMonth => new Shown.Renewal { CalendarMonth = new Shown.CalendarMonth() },
        Ledger.Renewal.BillingAnchor anchor => new Shown.Renewal { BillingAnchor = new Shown.BillingAnchor { Day = anchor.Day, TimeZone = anchor.Zone.Id } },
        _ => null,
    };

    // What the ledger would book if nothing else happened until then.
    private static long ForfeitsAtRenewal(Pool pool) => pool.NextRenewalAt is not { } renewal ? 0 :
        LedgerRules.At(pool, renewal).Entries.Where(entry => entry.Kind == EntryKind.Forfeited).Sum(entry => entry.Credits);

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string LotId(long lot) => lot == 0 ? "" : Number(lot);
}
