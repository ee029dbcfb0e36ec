using System.Diagnostics;
using Pennypost.Hosting;
using Pennypost.Ledger;
using Pennypost.Store;
using Pennypost.Transport;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Credits;

/// <summary>Tells on the event topic what the journal says of pools. Single holds are nobody's news, unless one puts a credit back or takes the last.</summary>
internal sealed class PoolEvents(IEventTopic topic, Drift drift, CrashPoint crash) : IJournalSink
{
    // By far the most lines, and never news: they are passed over unread.
    private static readonly string Held = EntryDocument.TypeOf(EntryKind.Held);

    /// <summary>Whether the topic will be told of it.</summary>
    public static bool IsNews(Entry entry) => Name(entry.Kind) is not null && (entry.Kind is not EntryKind.Captured || Exhausts(entry));

    public async Task PublishAsync(IReadOnlyList<JournaledEntry> entries, CancellationToken ct)
    {
        var events = new List<EventEnvelope>();
        foreach (var line in entries)
            if (line.Type != Held && line.Partition.Kind == PoolBook.Kind && EntryDocument.Read(line) is { } entry && Of(entry, line) is { } told) events.Add(told);
        if (events.Count == 0) return;
        await topic.PublishAsync(events, ct);
        crash.Reach(CrashPoints.AfterPublish);
    }

    private EventEnvelope? Of(Entry entry, JournaledEntry line)
    {
        if (!IsNews(entry) || Name(entry.Kind) is not { } name) return null;
        var told = new Shown.PoolEvent { PoolId = line.Partition.Id, Entry = Wire.Entry(entry, line.Number), Exhausted = Exhausts(entry), Alarm = entry.Kind is EntryKind.Reconciled && drift.IsAlarming(entry.Credits) };
        return new EventEnvelope
        {
            EventId = $"{line.Partition.Key}:{Wire.Number(line.Number)}",
            Tenant = line.Partition.Tenant,
            Type = name,
            Subject = line.Partition.Id,
            Sequence = line.Number,
            Time = entry.DueAt,
            Data = told,
        };
    }

    /// <summary>After it nothing is available and nothing is held that could come back.</summary>
    internal static bool Exhausts(Entry entry) =>
        entry is { Kind: EntryKind.Captured or EntryKind.Expired or EntryKind.Forfeited or EntryKind.Adjusted, Available: 0, Held: 0 };

    /// <summary>What an entry is called as an event; null for one that never is.</summary>
    internal static string? Name(EntryKind kind) => kind switch
    {
        EntryKind.Created => "pool.created",
        EntryKind.Granted => "pool.granted",
        EntryKind.ToppedUp => "pool.topped_up",
        EntryKind.Captured => "pool.exhausted",
        EntryKind.Released => "pool.released",
        EntryKind.TimedOut => "pool.timed_out",
        EntryKind.Refunded => "pool.refunded",
        EntryKind.Expired => "pool.expired",
        EntryKind.Forfeited => "pool.forfeited",
        EntryKind.Adjusted => "pool.adjusted",
        EntryKind.Reconciled => "pool.reconciled",
        EntryKind.Drifted => "pool.drifted",
        EntryKind.Voided => "pool.voided",
        EntryKind.PlanChanged => "pool.plan_changed",
        EntryKind.TermsChanged => "pool.terms_changed",
        EntryKind.Imported => "pool.send_imported",
        EntryKind.ForfeitAnnounced => "pool.forfeit_announced",
        EntryKind.ExpiryAnnounced => "pool.expiry_announced",
        EntryKind.LimitChanged => "pool.limit_changed",
        EntryKind.Held or EntryKind.Refused => null,
        _ => throw new UnreachableException($"An entry of kind {kind} has no name."),
    };
}
