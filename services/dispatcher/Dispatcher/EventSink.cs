using System.Globalization;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Messages;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Pennypost.Dispatcher;

/// <summary>From the journal to events: what happened to messages and to breakers, in order, with the contract's own event as data.</summary>
internal sealed class EventSink(IEventTopic topic, CrashPoint crash) : IJournalSink
{
    /// <inheritdoc/>
    public async Task PublishAsync(IReadOnlyList<JournaledEntry> entries, CancellationToken ct)
    {
        var events = entries.Select(Envelope).OfType<EventEnvelope>().ToList();
        if (events.Count == 0)
            return;
        await topic.PublishAsync(events, ct);
        crash.Reach(CrashPoints.AfterPublish);
    }

    /// <summary>Null for an entry that is nobody's news.</summary>
    private static EventEnvelope? Envelope(JournaledEntry entry)
    {
        if (entry.Type == AccountBook.BreakerChanged)
            return OfBreaker(entry);
        return EventTypes.FamilyOf(entry.Type) == "message" ? OfMessage(entry) : null;
    }

    private static EventEnvelope OfMessage(JournaledEntry entry)
    {
        var (messageId, happened) = MessageStorage.Event(entry.Payload);
        return new EventEnvelope
        {
            EventId = string.Create(CultureInfo.InvariantCulture, $"{entry.Partition.Tenant}.{messageId}.{happened.Sequence}"),
            Tenant = entry.Partition.Tenant,
            Type = entry.Type,
            Subject = messageId,
            Sequence = happened.Sequence,
            Time = happened.Time,
            Data = ToWire.Event(happened),
        };
    }

    private static EventEnvelope OfBreaker(JournaledEntry entry)
    {
        var happened = BreakerEvent.Parser.ParseFrom(entry.Payload.Span);
        return new EventEnvelope
        {
            EventId = string.Create(CultureInfo.InvariantCulture, $"{entry.Partition.Key}:{entry.Number}"),
            Tenant = entry.Partition.Tenant,
            Type = entry.Type,
            Subject = entry.Partition.Id,
            Sequence = entry.Number,
            Time = happened.EventTime.ToDateTimeOffset(),
            Data = happened,
        };
    }
}
