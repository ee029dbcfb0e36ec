using Google.Protobuf;
using Pennypost.Hosting.Transport;
using Pennypost.Ledger;
using Pennypost.Store;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Credits;

/// <summary>Tells on the event topic what the journal says of pools. Single holds are nobody's news, unless one puts a credit back or takes the last.</summary>
internal sealed class PoolEvents(IEventTopic topic) : IJournalSink
{
    /// <summary>The type of the events.</summary>
    public const string Type = "pennypost.types.v1.PoolEvent";

    // By far the most lines, and never news: they are passed over unread.
    private static readonly string Held = EntryDocument.TypeOf(EntryKind.Held);

    public async Task PublishAsync(IReadOnlyList<JournaledEntry> entries, CancellationToken ct)
    {
        var events = new List<EventEnvelope>();
        foreach (var line in entries)
            if (line.Type != Held && line.Partition.Kind == PoolBook.Kind && EntryDocument.Read(line) is { } entry && Of(entry, line) is { } told) events.Add(told);
        if (events.Count > 0) await topic.PublishAsync(events, ct);
    }

    private static EventEnvelope? Of(Entry entry, JournaledEntry line)
    {
        var exhausted = entry is { Kind: EntryKind.Captured or EntryKind.Expired or EntryKind.Forfeited or EntryKind.Adjusted, Available: 0, Held: 0 };
        if (entry.Kind is EntryKind.Held or EntryKind.Refused || (entry.Kind is EntryKind.Captured && !exhausted)) return null;
        var told = new Shown.PoolEvent { PoolId = line.Partition.Id, Entry = Wire.Entry(entry, line.Number), Exhausted = exhausted };
        return new EventEnvelope
        {
            EventId = $"{line.Partition.Key}:{Wire.Number(line.Number)}",
            Tenant = line.Partition.Tenant,
            Type = Type,
            PartitionKey = line.Partition.Id,
            Sequence = line.Number,
            Time = entry.DueAt,
            Payload = told.ToByteArray(),
        };
    }
}
