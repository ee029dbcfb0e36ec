using System.Globalization;
using Google.Protobuf;
using Pennypost.Dispatcher.Messages;
using Pennypost.Hosting.Transport;
using Pennypost.Store;

namespace Pennypost.Dispatcher;

/// <summary>From the journal to events: what happened to messages is told by message, in order, with the contract's own event as payload.</summary>
internal sealed class EventSink(IEventTopic topic) : IJournalSink
{
    /// <inheritdoc/>
    public Task PublishAsync(IReadOnlyList<JournaledEntry> entries, CancellationToken ct)
    {
        var events = entries.Where(entry => entry.Type.StartsWith("message.", StringComparison.Ordinal)).Select(Envelope).ToList();
        return events.Count == 0 ? Task.CompletedTask : topic.PublishAsync(events, ct);
    }

    private static EventEnvelope Envelope(JournaledEntry entry)
    {
        var (messageId, happened) = MessageStorage.Event(entry.Payload);
        return new EventEnvelope
        {
            EventId = string.Create(CultureInfo.InvariantCulture, $"{entry.Partition.Tenant}.{messageId}.{happened.Sequence}"),
            Tenant = entry.Partition.Tenant,
            Type = entry.Type,
            PartitionKey = messageId,
            Sequence = happened.Sequence,
            Time = happened.Time,
            Payload = ToWire.Event(happened).ToByteArray(),
        };
    }
}
