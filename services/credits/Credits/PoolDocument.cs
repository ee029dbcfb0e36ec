using Pennypost.Credits.Stored;
using Pennypost.Ledger;
using Pennypost.Store;

namespace Pennypost.Credits;

/// <summary>A pool as it is stored, and back.</summary>
internal static class PoolDocument
{
    public static HeadCodec<Pool> Codec { get; } = HeadCodec.Mapped(StoredPool.Parser, Read, Write);

    public static StoredPool Write(Pool pool)
    {
        var stored = new StoredPool
        {
            PoolId = pool.Id,
            Opening = new StoredOpening
            {
                PlanId = pool.Opening.PlanId,
                CatalogVersion = pool.Opening.CatalogVersion,
                Renewal = pool.Opening.Renewal is { } named ? Write(named) : null,
            },
            Terms = Write(pool.Terms),
            Renewal = Write(pool.Renewal),
            OpenedMs = Ms(pool.OpenedAt),
            AsOfMs = Ms(pool.AsOf),
            NextLot = pool.NextLot,
            Totals = Write(pool.Totals),
            Lines = pool.Lines,
            Shortfall = pool.Shortfall,
        };
        if (pool.Opening.Balance is { } balance) stored.Opening.Balance = balance;
        if (pool.NextRenewalAt is { } next) stored.NextRenewalMs = Ms(next);
        if (pool.ReadAt is { } read) stored.ReadMs = Ms(read);
        if (pool.LastSpentAt is { } spent) stored.LastSpentMs = Ms(spent);
        if (pool.LastAddedAt is { } added) stored.LastAddedMs = Ms(added);
        foreach (var lot in pool.Lots) stored.Lots.Add(Write(lot));
        foreach (var timer in pool.Timers) stored.Timers.Add(new StoredTimer { ExpiresMs = Ms(timer.ExpiresAt), HoldId = timer.HoldId, Lot = timer.Lot });
        foreach (var day in pool.Unconfirmed) stored.Unconfirmed.Add(new StoredRefundDay { ConfirmedMs = Ms(day.ConfirmedAt), Credits = day.Credits });
        return stored;
    }

    public static Pool Read(StoredPool stored) => new()
    {
        Id = stored.PoolId,
        Opening = new Opening(
            stored.Opening.PlanId,
            stored.Opening.CatalogVersion,
            stored.Opening.Renewal is { } named ? Read(named) : null,
            stored.Opening.HasBalance ? stored.Opening.Balance : null),
        Terms = Read(stored.Terms),
        Renewal = Read(stored.Renewal),
        OpenedAt = Time(stored.OpenedMs),
        AsOf = Time(stored.AsOfMs),
        NextRenewalAt = stored.HasNextRenewalMs ? Time(stored.NextRenewalMs) : null,
        Lots = [.. stored.Lots.Select(Read)],
        NextLot = stored.NextLot,
        Timers = [.. stored.Timers.Select(timer => new HoldTimer(Time(timer.ExpiresMs), timer.HoldId, timer.Lot))],
        Totals = Read(stored.Totals),
        Lines = stored.Lines,
        Shortfall = stored.Shortfall,
        Unconfirmed = [.. stored.Unconfirmed.Select(day => new ProvisionalRefunds(Time(day.ConfirmedMs), day.Credits))],
        ReadAt = stored.HasReadMs ? Time(stored.ReadMs) : null,
        LastSpentAt = stored.HasLastSpentMs ? Time(stored.LastSpentMs) : null,
        LastAddedAt = stored.HasLastAddedMs ? Time(stored.LastAddedMs) : null,
    };

    private static StoredTerms Write(Terms terms)
    {
        var stored = new StoredTerms
        {
            MonthlyGrant = terms.MonthlyGrant,
            Cap = terms.Cap,
            RenewalKind = (int)terms.Renewal,
            Overflow = (int)terms.Overflow,
            RefundWindowMs = Ms(terms.RefundWindow),
            RefundLife = (int)terms.RefundLife,
            RefundCountsTowardCap = terms.RefundCountsTowardCap,
            RefundConfirmedAfterMs = Ms(terms.RefundConfirmedAfter),
            TopUpAllowed = terms.TopUpAllowed,
            UnitPriceMicros = terms.UnitPriceMicros,
            Currency = terms.Currency,
            SecondInmailAllowed = terms.SecondInMailAllowed,
        };
        if (terms.LotAge is { } age) stored.LotAgeMs = Ms(age);
        return stored;
    }

    private static Terms Read(StoredTerms stored) => new()
    {
        MonthlyGrant = stored.MonthlyGrant,
        Cap = stored.Cap,
        Renewal = (RenewalKind)stored.RenewalKind,
        Overflow = (OverflowRule)stored.Overflow,
        LotAge = stored.HasLotAgeMs ? TimeSpan.FromMilliseconds(stored.LotAgeMs) : null,
        RefundWindow = TimeSpan.FromMilliseconds(stored.RefundWindowMs),
        RefundLife = (RefundLife)stored.RefundLife,
        RefundCountsTowardCap = stored.RefundCountsTowardCap,
        RefundConfirmedAfter = TimeSpan.FromMilliseconds(stored.RefundConfirmedAfterMs),
        TopUpAllowed = stored.TopUpAllowed,
        UnitPriceMicros = stored.UnitPriceMicros,
        Currency = stored.Currency,
        SecondInMailAllowed = stored.SecondInmailAllowed,
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

    private static StoredLot Write(Lot lot)
    {
        var stored = new StoredLot
        {
            Number = lot.Number,
            Source = (int)lot.Source,
            EffectiveMs = Ms(lot.EffectiveAt),
            UnitCostMicros = lot.UnitCostMicros,
            Currency = lot.Currency,
            Available = lot.Available,
            Held = lot.Held,
        };
        if (lot.ExpiresAt is { } end) stored.ExpiresMs = Ms(end);
        return stored;
    }

    private static Lot Read(StoredLot stored) => new()
    {
        Number = stored.Number,
        Source = (LotSource)stored.Source,
        EffectiveAt = Time(stored.EffectiveMs),
        ExpiresAt = stored.HasExpiresMs ? Time(stored.ExpiresMs) : null,
        UnitCostMicros = stored.UnitCostMicros,
        Currency = stored.Currency,
        Available = stored.Available,
        Held = stored.Held,
    };

    private static StoredTotals Write(Totals totals) => new()
    {
        Granted = totals.Granted,
        ToppedUp = totals.ToppedUp,
        Refunded = totals.Refunded,
        Adjusted = totals.Adjusted,
        Spent = totals.Spent,
        Expired = totals.Expired,
        Forfeited = totals.Forfeited,
        Voided = totals.Voided,
    };

    private static Totals Read(StoredTotals stored) => new(
        stored.Granted, stored.ToppedUp, stored.Refunded, stored.Adjusted, stored.Spent, stored.Expired, stored.Forfeited, stored.Voided);

    /// <summary>Times are stored in whole milliseconds, and come in no finer (<see cref="Requests"/>).</summary>
    internal static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    internal static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    internal static long Ms(TimeSpan span) => (long)span.TotalMilliseconds;
}
