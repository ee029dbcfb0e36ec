using System.Diagnostics;
using Google.Protobuf;
using Pennypost.Credits.Stored;
using Pennypost.Ledger;
using static Pennypost.Credits.PoolDocument;

namespace Pennypost.Credits;

/// <summary>What a pool keeps under a caller's id, as it is stored, and back.</summary>
internal static class KeptDocument
{
    /// <summary>Keys of the records in a pool's partition: the kind and the caller's id.</summary>
    public static string HoldKey(string id) => "hold/" + id;

    public static string TopUpKey(string id) => "topup/" + id;

    public static string ReconciliationKey(string id) => "reconcile/" + id;

    public static byte[] Write(Kept kept) => (kept switch
    {
        Kept.Hold hold => new StoredKept { Hold = Write(hold) },
        Kept.TopUp topUp => new StoredKept { TopUp = Write(topUp) },
        Kept.Reconciliation reconciliation => new StoredKept { Reconciliation = Write(reconciliation) },
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
            Refusal = hold.Refusal is { } refusal ? Write(refusal) : null,
        };
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
        Content = new HoldContent(stored.AccountId, stored.HasTtlMs ? TimeSpan.FromMilliseconds(stored.TtlMs) : null, stored.Floor),
        PlacedAt = Time(stored.PlacedMs),
        ExpiresAt = stored.HasExpiresMs ? Time(stored.ExpiresMs) : null,
        Lot = stored.Lot,
        LotExpiresAt = stored.HasLotExpiresMs ? Time(stored.LotExpiresMs) : null,
        SentAt = stored.HasSentMs ? Time(stored.SentMs) : null,
        SentAtKnown = stored.SentKnown,
        Drifted = stored.Drifted,
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
