using System.Diagnostics;
using Google.Protobuf;
using Pennypost.Credits.Stored;
using Pennypost.Ledger;
using static Pennypost.Credits.PoolDocument;

namespace Pennypost.Credits;

/// <summary>What a pool keeps under a caller's id, as it is stored, and back.</summary>
internal static class KeptDocument
{
    private static readonly TimeSpan UsualRefundWindow = TimeSpan.FromDays(90);

    /// <summary>Keys of the records in a pool's partition: the kind and the caller's id.</summary>
    public static string HoldKey(string id) => "hold/" + id;

    public static string TopUpKey(string id) => "topup/" + id;

    public static string PlanChangeKey(string id) => "plan/" + id;

    public static string ReconciliationKey(string id) => "reconcile/" + id;

    public static byte[] Write(Kept kept) => (kept switch
    {
        Kept.Hold hold => new StoredKept { Hold = Write(hold) },
        Kept.TopUp topUp => new StoredKept { TopUp = Write(topUp) },
        Kept.Reconciliation reconciliation => new StoredKept { Reconciliation = Write(reconciliation) },
        Kept.PlanChange change => new StoredKept { PlanChange = Write(change) },
        _ => throw new UnreachableException(),
    }).ToByteArray();

    public static Kept? Read(string key, byte[]? bytes)
    {
        if (bytes is null) return null;
        var id = key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..];
        var stored = StoredKept.Parser.ParseFrom(bytes);
        return stored.KeptCase switch
        {
            StoredKept.KeptOneofCase.Hold => Read(id, stored.Hold),
            StoredKept.KeptOneofCase.TopUp => Read(id, stored.TopUp),
            StoredKept.KeptOneofCase.Reconciliation => Read(id, stored.Reconciliation),
            StoredKept.KeptOneofCase.PlanChange => Read(id, stored.PlanChange),
            _ => throw new InvalidDataException($"The record '{key}' was written by a newer version."),
        };
    }

    private static StoredHold Write(Kept.Hold hold)
    {
        var stored = new StoredHold
        {
            State = (int)hold.State,
            AccountId = hold.Content.AccountId,
            Floor = hold.Content.Floor,
            PlacedMs = Ms(hold.PlacedAt),
            Lot = hold.Lot,
            SentKnown = hold.SentAtKnown,
            Drifted = hold.Drifted,
            HighValue = hold.Content.HighValue,
            CampaignId = hold.Content.CampaignId,
            SeatCharged = hold.SeatCharged,
            BudgetCharged = hold.BudgetCharged,
            Imported = hold.Imported,
            Refusal = hold.Refusal is { } refusal ? Write(refusal) : null,
        };
        if (hold.RefundTriggers != RefundTriggers.All) stored.RefundTriggers = (int)hold.RefundTriggers;
        if (hold.RefundWindow != UsualRefundWindow) stored.RefundWindowMs = Ms(hold.RefundWindow);
        if (hold.Content.Ttl is { } ttl) stored.TtlMs = Ms(ttl);
        if (hold.ExpiresAt is { } expires) stored.ExpiresMs = Ms(expires);
        if (hold.LotExpiresAt is { } end) stored.LotExpiresMs = Ms(end);
        if (hold.SentAt is { } sent) stored.SentMs = Ms(sent);
        if (hold.SettledAt is { } settled) stored.SettledMs = Ms(settled);
        if (hold.RepliedAt is { } replied) stored.RepliedMs = Ms(replied);
        if (hold.RefundedAt is { } refunded) stored.RefundedMs = Ms(refunded);
        return stored;
    }

    private static Kept.Hold Read(string id, StoredHold stored) => new()
    {
        Id = id,
        State = (HoldState)stored.State,
        Content = new HoldContent(stored.AccountId, stored.HasTtlMs ? TimeSpan.FromMilliseconds(stored.TtlMs) : null, stored.Floor, stored.HighValue, stored.CampaignId),
        PlacedAt = Time(stored.PlacedMs),
        ExpiresAt = stored.HasExpiresMs ? Time(stored.ExpiresMs) : null,
        Lot = stored.Lot,
        LotExpiresAt = stored.HasLotExpiresMs ? Time(stored.LotExpiresMs) : null,
        SentAt = stored.HasSentMs ? Time(stored.SentMs) : null,
        SentAtKnown = stored.SentKnown,
        Drifted = stored.Drifted,
        SeatCharged = stored.SeatCharged,
        BudgetCharged = stored.BudgetCharged,
        Imported = stored.Imported,
        RefundWindow = stored.HasRefundWindowMs ? TimeSpan.FromMilliseconds(stored.RefundWindowMs) : UsualRefundWindow,
        RefundTriggers = stored.HasRefundTriggers ? (RefundTriggers)stored.RefundTriggers : RefundTriggers.All,
        SettledAt = stored.HasSettledMs ? Time(stored.SettledMs) : null,
        RepliedAt = stored.HasRepliedMs ? Time(stored.RepliedMs) : null,
        RefundedAt = stored.HasRefundedMs ? Time(stored.RefundedMs) : null,
        Refusal = stored.Refusal is { } refusal ? Read(refusal) : null,
    };

    private static StoredHoldRefusal Write(HoldRefusal refusal)
    {
        switch (refusal)
        {
            case HoldRefusal.InsufficientCredits insufficient:
                var stored = new StoredHoldRefusal { Kind = 1, Available = insufficient.Available, Held = insufficient.Held };
                if (insufficient.NextRenewalAt is { } next) stored.NextRenewalMs = Ms(next);
                return stored;
            case HoldRefusal.CreditsHeld held:
                return new StoredHoldRefusal { Kind = 2, Available = held.Available, Held = held.Held };
            case HoldRefusal.ReleasedBeforePlaced:
                return new StoredHoldRefusal { Kind = 3 };
            case HoldRefusal.TooManyTimedHolds:
                return new StoredHoldRefusal { Kind = 4 };
            case HoldRefusal.CreditsReserved reserved:
                return new StoredHoldRefusal { Kind = 5, Available = reserved.Available, Limit = reserved.Floor };
            case HoldRefusal.SeatLimitReached reached:
                var limited = new StoredHoldRefusal { Kind = reached.Window == LimitWindow.Period ? 6 : 7, Limit = reached.Limit, Used = reached.Used };
                if (reached.ResetsAt is { } resets) limited.NextRenewalMs = Ms(resets);
                return limited;
            case HoldRefusal.BudgetUsedUp budget:
                return new StoredHoldRefusal { Kind = 8, Limit = budget.Credits, Used = budget.Used };
            default:
                throw new UnreachableException();
        }
    }

    private static HoldRefusal Read(StoredHoldRefusal stored) => stored.Kind switch
    {
        1 => new HoldRefusal.InsufficientCredits(stored.Available, stored.Held, stored.HasNextRenewalMs ? Time(stored.NextRenewalMs) : null),
        2 => new HoldRefusal.CreditsHeld(stored.Available, stored.Held),
        3 => new HoldRefusal.ReleasedBeforePlaced(),
        4 => new HoldRefusal.TooManyTimedHolds(),
        5 => new HoldRefusal.CreditsReserved(stored.Available, stored.Limit),
        6 or 7 => new HoldRefusal.SeatLimitReached(
            stored.Kind == 6 ? LimitWindow.Period : LimitWindow.Week, stored.Limit, stored.Used, stored.HasNextRenewalMs ? Time(stored.NextRenewalMs) : null),
        8 => new HoldRefusal.BudgetUsedUp(stored.Limit, stored.Used),
        _ => throw new InvalidDataException("A hold's refusal was written by a newer version."),
    };

    private static StoredTopUp Write(Kept.TopUp topUp)
    {
        var stored = new StoredTopUp
        {
            Credits = topUp.Content.Credits,
            UnitCostMicros = topUp.Content.UnitCostMicros,
            Currency = topUp.Content.Currency,
            BookedMs = Ms(topUp.BookedAt),
            Lot = topUp.Lot,
            Refusal = (int)(topUp.Refusal ?? 0),
        };
        if (topUp.Content.ExpiresAt is { } expires) stored.ExpiresMs = Ms(expires);
        return stored;
    }

    private static Kept.TopUp Read(string id, StoredTopUp stored) => new()
    {
        Id = id,
        Content = new TopUpContent(stored.Credits, stored.UnitCostMicros, stored.Currency, stored.HasExpiresMs ? Time(stored.ExpiresMs) : null),
        BookedAt = Time(stored.BookedMs),
        Lot = stored.Lot,
        Refusal = stored.Refusal == 0 ? null : (TopUpRefusal)stored.Refusal,
    };

    private static StoredPlanChange Write(Kept.PlanChange change) => new()
    {
        Content = change.Content is { } content ? TermsDocument.Write(content) : null,
        Refusal = (int)(change.Refusal ?? 0),
    };

    private static Kept.PlanChange Read(string id, StoredPlanChange stored) => new()
    {
        Id = id,
        Content = stored.Content is { } content ? TermsDocument.Read(content) : null,
        Refusal = stored.Refusal == 0 ? null : (PlanChangeRefusal)stored.Refusal,
    };

    private static StoredReconciliation Write(Kept.Reconciliation kept) => new()
    {
        Observed = kept.Content.Observed,
        UnknownSends = kept.Content.UnknownSends,
        ObservedMs = Ms(kept.Content.ObservedAt),
        Drift = kept.Finding.Drift,
        Adjusted = kept.Finding.Adjusted,
        Owed = kept.Finding.Owed,
        Applied = kept.Finding.Applied,
    };

    private static Kept.Reconciliation Read(string id, StoredReconciliation stored) => new()
    {
        Id = id,
        Content = new ReconciliationContent(stored.Observed, stored.UnknownSends, Time(stored.ObservedMs)),
        Finding = new Finding(stored.Drift, stored.Adjusted, stored.Owed, stored.Applied),
    };
}
