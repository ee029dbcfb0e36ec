using Google.Protobuf;
using Pennypost.Credits.Stored;
using Pennypost.Ledger;
using Pennypost.Store;
using static Pennypost.Credits.PoolDocument;

namespace Pennypost.Credits;

/// <summary>A line of a pool's journal as it is stored, and back.</summary>
internal static class EntryDocument
{
    /// <summary>What the ledger's lines are called in the journal; others there are the store's own.</summary>
    public const string Prefix = "credits.";

    private static readonly string[] Types = [.. Enumerable.Range(0, (int)EntryKind.LimitChanged + 1).Select(kind => Prefix + (EntryKind)kind)];

    /// <summary>What a line of this kind is called in the journal.</summary>
    public static string TypeOf(EntryKind kind) => Types[(int)kind];

    public static JournalEntry Write(Entry entry)
    {
        var stored = new StoredEntry
        {
            Kind = (int)entry.Kind,
            DueMs = Ms(entry.DueAt),
            Credits = entry.Credits,
            Lot = entry.Lot,
            NewLot = (int)(entry.NewLot ?? 0),
            HoldId = entry.HoldId,
            CauseId = entry.CauseId == entry.HoldId ? "" : entry.CauseId,
            Owed = entry.Owed,
            Available = entry.Available,
            Held = entry.Held,
            UnitCostMicros = entry.UnitCostMicros,
            Currency = entry.Currency,
            Plan = entry.Plan is { } plan ? TermsDocument.Write(plan) : null,
            Awaited = entry.Awaited,
            Opening = entry.Opening is { } opening ? TermsDocument.Write(opening) : null,
        };
        if (entry.HoldExpiresAt is { } timeOut) stored.HoldTtlMs = Ms(timeOut - entry.DueAt);
        if (entry.ReadAt is { } read) stored.ReadMs = Ms(read);
        if (entry.At is { } at) stored.AtMs = Ms(at);
        if (entry.LotExpiresAt is { } end) stored.LotExpiresMs = Ms(end);
        return new JournalEntry(TypeOf(entry.Kind), stored.ToByteArray()) { IsNews = PoolEvents.IsNews(entry) };
    }

    /// <summary>Whether it is a line of the ledger.</summary>
    public static bool IsLedgers(JournaledEntry journaled) => journaled.Type.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The ledger's line, or null for one of the store's own.</summary>
    public static Entry? Read(JournaledEntry journaled)
    {
        if (!IsLedgers(journaled)) return null;
        var stored = StoredEntry.Parser.ParseFrom(journaled.Payload.Span);
        var kind = (EntryKind)stored.Kind;
        return new Entry
        {
            Kind = kind,
            DueAt = Time(stored.DueMs),
            Credits = stored.Credits,
            Lot = stored.Lot,
            NewLot = stored.NewLot == 0 ? null : (LotSource)stored.NewLot,
            LotExpiresAt = stored.HasLotExpiresMs ? Time(stored.LotExpiresMs) : null,
            HoldId = stored.HoldId,
            // Only time ends a hold without being asked.
            CauseId = stored.CauseId.Length == 0 && kind != EntryKind.TimedOut ? stored.HoldId : stored.CauseId,
            Owed = stored.Owed,
            Available = stored.Available,
            Held = stored.Held,
            UnitCostMicros = stored.UnitCostMicros,
            Currency = stored.Currency,
            At = stored.HasAtMs ? Time(stored.AtMs) : null,
            Plan = stored.Plan is { } plan ? TermsDocument.Read(plan) : null,
            HoldExpiresAt = stored.HasHoldTtlMs ? Time(stored.DueMs + stored.HoldTtlMs) : null,
            ReadAt = stored.HasReadMs ? Time(stored.ReadMs) : null,
            Awaited = stored.Awaited,
            Opening = stored.Opening is { } opening ? TermsDocument.Read(opening) : null,
        };
    }
}
