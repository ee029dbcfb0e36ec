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
            Product = (Shown.Product)pool.Plan.Product,
            PlanId = pool.Plan.Id,
            Renewal = Renewal(pool.Renewal),
            Balance = Balance(pool),
            Cap = pool.Terms.Cap,
            RenewTime = Time(pool.NextRenewalAt),
            NextGrant = pool.NextRenewalAt is null ? 0 : pool.Terms.MonthlyGrant,
            ForfeitsAtRenewal = pool.ForfeitsAtRenewal,
            PriceMicros = pool.Terms.UnitPriceMicros,
            Currency = pool.Terms.Currency,
            Version = version,
            CreateTime = Time(pool.OpenedAt),
            Floor = pool.Terms.Floor,
            SecondInmailAllowed = pool.Terms.SecondInMailAllowed,
            CatalogVersion = Number(pool.Plan.CatalogVersion),
            PlanTime = Time(pool.Plan.Since),
            PeriodTime = Time(pool.PeriodAt),
            CancelTime = Time(pool.Plan.CancelledAt),
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
        RefundUntil = Time(hold.SentAt + hold.RefundWindow),
        CampaignId = hold.Content.CampaignId,
        Imported = hold.Imported,
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
        ForetoldTime = Time(entry.At),
        PlanId = entry.Plan?.Id ?? "",
    };

    /// <summary>Any line of a pool's journal; those that are not the ledger's tell of a trim, or of a rewind that was accepted.</summary>
    public static Shown.Entry Entry(JournaledEntry line) => EntryDocument.Read(line) is { } entry ? Entry(entry, line.Number) : new()
    {
        Sequence = line.Number,
        EntryTime = Time(line.Time),
        Kind = line.Type == Checkpoint.LineType ? Shown.EntryKind.JournalTrimmed : Shown.EntryKind.RewindAccepted,
    };

    public static Shown.Plan Plan(Plan plan, TermsOverride? own)
    {
        var wire = new Shown.Plan
        {
            PlanId = plan.Id,
            DisplayName = plan.Name,
            Product = plan.Terms.MonthlyGrant > 0 ? (Shown.Product)plan.Product : Shown.Product.Unspecified,
            Terms = Terms(own?.On(plan.Terms) ?? plan.Terms),
            Source = plan.Source,
            Overridden = own is not null,
        };
        wire.Allowances.AddRange(plan.Allowances.Select(allowance => new Shown.Cap
        {
            Action = (Shown.Action)allowance.Action,
            Window = (Shown.CapWindow)allowance.Window,
            Limit = allowance.Limit,
        }));
        return wire;
    }

    public static Shown.Terms Terms(Terms terms) => new()
    {
        MonthlyGrant = terms.MonthlyGrant,
        Cap = terms.Cap,
        RenewalRule = (Shown.RenewalRule)terms.Renewal,
        Overflow = (Shown.Overflow)terms.Overflow,
        BurnOrder = (Shown.BurnOrder)terms.BurnOrder,
        Floor = terms.Floor,
        LotAge = Duration.FromTimeSpan(terms.LotAge ?? TimeSpan.Zero),
        RefundWindow = Duration.FromTimeSpan(terms.RefundWindow),
        RefundTriggers = new Shown.RefundTriggers { Triggers = { System.Enum.GetValues<Shown.RefundTrigger>().Where(trigger => (Triggers(trigger) & terms.RefundTriggers) != 0) } },
        RefundLife = (Shown.RefundLife)terms.RefundLife,
        RefundsCountTowardCap = terms.RefundCountsTowardCap,
        RefundConfirmedAfter = Duration.FromTimeSpan(terms.RefundConfirmedAfter),
        TopUpAllowed = terms.TopUpAllowed,
        PriceMicros = terms.UnitPriceMicros,
        Currency = terms.Currency,
        SecondInmailAllowed = terms.SecondInMailAllowed,
        AnnounceBefore = Duration.FromTimeSpan(terms.AnnounceBefore ?? TimeSpan.Zero),
    };

    public static RefundTriggers Triggers(Shown.RefundTrigger trigger) => trigger switch
    {
        Shown.RefundTrigger.Reply => RefundTriggers.Reply,
        Shown.RefundTrigger.Accepted => RefundTriggers.Accepted,
        Shown.RefundTrigger.Declined => RefundTriggers.Declined,
        Shown.RefundTrigger.AutoReply => RefundTriggers.AutoReply,
        _ => RefundTriggers.None,
    };

    public static Shown.Seat Seat(Seat seat, Pool pool)
    {
        var wire = new Shown.Seat
        {
            AccountId = seat.AccountId,
            PeriodUsed = seat.Period.In(pool.PeriodAt),
            WeekUsed = seat.Week.In(Limits.WeekOf(pool.AsOf)),
        };
        if (seat.PerPeriod is { } perPeriod) wire.PeriodLimit = perPeriod;
        if (seat.PerWeek is { } perWeek) wire.WeekLimit = perWeek;
        return wire;
    }

    public static Shown.Budget Budget(Budget budget) => new() { CampaignId = budget.CampaignId, Credits = budget.Credits, Used = budget.Used };

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
        Awaited = Math.Min(pool.Awaited, pool.Provisional),
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

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string LotId(long lot) => lot == 0 ? "" : Number(lot);
}
