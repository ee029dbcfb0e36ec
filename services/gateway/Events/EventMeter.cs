using System.Diagnostics.Metrics;
using Pennypost.Transport;

namespace Pennypost.Gateway.Events;

/// <summary>Counts what came into timelines, and what became of deliveries.</summary>
internal sealed class EventMeter
{
    public const string Name = "Pennypost.Gateway";
    private readonly Counter<long> events;
    private readonly Counter<long> repeated;
    private readonly Counter<long> missed;

    public EventMeter(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        events = meter.CreateCounter<long>("pennypost.gateway.events", "{event}", "Events that came into timelines, by family.");
        repeated = meter.CreateCounter<long>("pennypost.gateway.events_repeated", "{event}", "Events that were told again, and were there already.");
        missed = meter.CreateCounter<long>("pennypost.gateway.events_missed", "{event}", "Events of messages that never came, by the gaps in their numbers, and events that a damaged timeline could not take.");
    }

    public void NotKept(int events) => missed.Add(events);

    public void Appended(Appending.Appended appended)
    {
        foreach (var happened in appended.Fresh) events.Add(1, new KeyValuePair<string, object?>("family", EventTypes.FamilyOf(happened.Type)));
        if (appended.Repeated > 0) repeated.Add(appended.Repeated);
        if (appended.Missed > 0) missed.Add(appended.Missed);
    }
}
