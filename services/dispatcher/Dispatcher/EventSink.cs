using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.Rates;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Pennypost.Dispatcher;

/// <summary>From the journal to events: what happened to messages, accounts, breakers and alerts, and what operators did, in order, with the contract's own event as data; and to the counts of what messages came to.</summary>
internal sealed class EventSink(IEventTopic topic, RateCounts counts, CrashPoint crash) : IJournalSink
{
    /// <inheritdoc/>
    public async Task PublishAsync(IReadOnlyList<JournaledEntry> entries, CancellationToken ct)
    {
        var events = entries.Select(Envelope).OfType<EventEnvelope>().ToList();
        if (events.Count == 0)
            return;
        await topic.PublishAsync(events, ct);
        if (events.Exists(one => EventTypes.FamilyOf(one.Type) == "message"))
            crash.Reach(CrashPoints.AfterPublish);
        // Last: nobody waits for counts. Should this fail, all of it comes again, and listeners know an event by its id.
        if (await counts.CountAsync(entries, ct))
            crash.Reach(CrashPoints.AfterCount);
    }

    /// <summary>Null for an entry that is nobody's news.</summary>
    private static EventEnvelope? Envelope(JournaledEntry entry)
    {
        if (entry.Type == AccountBook.BreakerChanged)
        {
            var breaker = BreakerEvent.Parser.ParseFrom(entry.Payload.Span);
            return Of(entry, breaker, breaker.EventTime);
        }

        if (entry.Type is AlertMessages.AlertRaised or AlertMessages.AlertCleared)
        {
            var alert = AlertEvent.Parser.ParseFrom(entry.Payload.Span);
            return Of(entry, alert, alert.EventTime);
        }

        if (entry.Type == AccountStateMessages.StateChanged)
        {
            var changed = AccountStateMessages.Event(entry);
            return Of(entry, changed, changed.EventTime);
        }

        if (entry.Type is OperatorActs.Begun or OperatorActs.Ended)
        {
            var act = OperatorAct.Parser.ParseFrom(entry.Payload.Span);
            return Of(entry, act, act.EndTime ?? act.ActTime);
        }

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

    /// <summary>Of an account, a pool or an operator: the entry is the contract's own event.</summary>
    private static EventEnvelope Of(JournaledEntry entry, IMessage happened, Timestamp time) => new()
    {
        EventId = string.Create(CultureInfo.InvariantCulture, $"{entry.Partition.Key}:{entry.Number}"),
        Tenant = entry.Partition.Tenant,
        Type = entry.Type,
        Subject = entry.Partition.Id,
        Sequence = entry.Number,
        Time = time.ToDateTimeOffset(),
        Data = happened,
    };
}
