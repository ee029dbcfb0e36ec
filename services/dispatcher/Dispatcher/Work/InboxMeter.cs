using System.Diagnostics.Metrics;

namespace Pennypost.Dispatcher.Work;

/// <summary>Counts what reading the provider found that its webhooks had not told, and how the looks went.</summary>
internal sealed class InboxMeter
{
    private readonly Counter<long> _found;
    private readonly Counter<long> _looks;

    public InboxMeter(IMeterFactory meters)
    {
        var meter = meters.Create(Telemetry.Name);
        _found = meter.CreateCounter<long>("pennypost.dispatcher.inbox_found", "{happening}", "Happenings found by reading the provider before a webhook told of them; kind reply, by_hand, relation or invitation.");
        _looks = meter.CreateCounter<long>("pennypost.dispatcher.inbox_looks", "{look}", "Looks at the provider for what webhooks did not tell; of messages, relations or invitations; result read or unreadable.");
    }

    public void Found(string kind, long count)
    {
        if (count > 0)
            _found.Add(count, new KeyValuePair<string, object?>("kind", kind));
    }

    public void Looked(string of, bool read) => _looks.Add(1, new("of", of), new KeyValuePair<string, object?>("result", read ? "read" : "unreadable"));
}
