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
            Opening = TermsDocument.Bytes(pool.Opening),
            Plan = TermsDocument.Bytes(pool.Plan),
            OpenedMs = Ms(pool.OpenedAt),
            AsOfMs = Ms(pool.AsOf),
            NextLot = pool.NextLot,
            Totals = Write(pool.Totals),
            Lines = pool.Lines,
            Shortfall = pool.Shortfall,
            PeriodMs = Ms(pool.PeriodAt),
            Awaited = pool.Awaited,
            Ahead = pool.Ahead,
        };
        if (pool.RenewalAnnounced is { } renewal) stored.RenewalAnnouncedMs = Ms(renewal);
        if (pool.ExpiryAnnounced is { } expiry) stored.ExpiryAnnouncedMs = Ms(expiry);
        if (pool.NextRenewalAt is { } next) stored.NextRenewalMs = Ms(next);
        if (pool.ReadAt is { } read) stored.ReadMs = Ms(read);
        if (pool.LastSpentAt is { } spent) stored.LastSpentMs = Ms(spent);
        if (pool.LastAddedAt is { } added) stored.LastAddedMs = Ms(added);
        foreach (var lot in pool.Lots) stored.Lots.Add(Write(lot));
        foreach (var timer in pool.Timers) stored.Timers.Add(Write(timer));
        foreach (var seat in pool.Seats) stored.Seats.Add(Write(seat));
        foreach (var budget in pool.Budgets)
            stored.Budgets.Add(new StoredBudget { CampaignId = budget.CampaignId, Credits = budget.Credits, Used = budget.Used, SinceMs = Ms(budget.Since) });
        foreach (var day in pool.Unconfirmed) stored.Unconfirmed.Add(new StoredRefundDay { ConfirmedMs = Ms(day.ConfirmedAt), Credits = day.Credits });
        return stored;
    }

    public static Pool Read(StoredPool stored) => new()
    {
        Id = stored.PoolId,
        Opening = TermsDocument.Read(StoredOpening.Parser.ParseFrom(stored.Opening)),
        Plan = TermsDocument.Read(StoredPlan.Parser.ParseFrom(stored.Plan)),
        OpenedAt = Time(stored.OpenedMs),
        AsOf = Time(stored.AsOfMs),
        NextRenewalAt = stored.HasNextRenewalMs ? Time(stored.NextRenewalMs) : null,
        Lots = [.. stored.Lots.Select(Read)],
        NextLot = stored.NextLot,
        Timers = [.. stored.Timers.Select(timer => new HoldTimer(Time(timer.ExpiresMs), timer.HoldId, timer.Lot, Read(timer.Charge)))],
        Totals = Read(stored.Totals),
        Lines = stored.Lines,
        Shortfall = stored.Shortfall,
        Unconfirmed = [.. stored.Unconfirmed.Select(day => new ProvisionalRefunds(Time(day.ConfirmedMs), day.Credits))],
        ReadAt = stored.HasReadMs ? Time(stored.ReadMs) : null,
        LastSpentAt = stored.HasLastSpentMs ? Time(stored.LastSpentMs) : null,
        LastAddedAt = stored.HasLastAddedMs ? Time(stored.LastAddedMs) : null,
        PeriodAt = Time(stored.PeriodMs),
        Seats = [.. stored.Seats.Select(Read)],
        Budgets = [.. stored.Budgets.Select(budget => new Budget(budget.CampaignId, budget.Credits, budget.Used, Time(budget.SinceMs)))],
        RenewalAnnounced = stored.HasRenewalAnnouncedMs ? Time(stored.RenewalAnnouncedMs) : null,
        ExpiryAnnounced = stored.HasExpiryAnnouncedMs ? Time(stored.ExpiryAnnouncedMs) : null,
        Awaited = stored.Awaited,
        Ahead = stored.Ahead,
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

    private static StoredTimer Write(HoldTimer timer) => new()
    {
        ExpiresMs = Ms(timer.ExpiresAt),
        HoldId = timer.HoldId,
        Lot = timer.Lot,
        Charge = timer.Charge == default ? null : new StoredCharge { AccountId = timer.Charge.AccountId, CampaignId = timer.Charge.CampaignId, AtMs = Ms(timer.Charge.At) },
    };

    private static Charge Read(StoredCharge? stored) => stored is null ? default : new Charge(stored.AccountId, stored.CampaignId, Time(stored.AtMs));

    private static StoredSeat Write(Seat seat)
    {
        var stored = new StoredSeat
        {
            AccountId = seat.AccountId,
            PeriodSinceMs = Ms(seat.Period.Since),
            PeriodUsed = seat.Period.Credits,
            WeekSinceMs = Ms(seat.Week.Since),
            WeekUsed = seat.Week.Credits,
            SinceMs = Ms(seat.Since),
        };
        if (seat.PerPeriod is { } perPeriod) stored.PerPeriod = perPeriod;
        if (seat.PerWeek is { } perWeek) stored.PerWeek = perWeek;
        return stored;
    }

    private static Seat Read(StoredSeat stored) => new(
        stored.AccountId,
        stored.HasPerPeriod ? stored.PerPeriod : null,
        stored.HasPerWeek ? stored.PerWeek : null,
        new Use(Time(stored.PeriodSinceMs), stored.PeriodUsed),
        new Use(Time(stored.WeekSinceMs), stored.WeekUsed),
        Time(stored.SinceMs));

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
