using System.Diagnostics.Metrics;

namespace Pennypost.Dispatcher.Work;

/// <summary>Counts what reading the provider found that its webhooks had not told, and how the looks went.</summary>
internal sealed class InboxMeter : IDisposable
{
    private readonly Meter _meter = new("Pennypost.Dispatcher");
    private readonly Counter<long> _found;
    private readonly Counter<long> _looks;

    public InboxMeter()
    {
        _found = _meter.CreateCounter<long>("pennypost.dispatcher.inbox_found", "{happening}", "Happenings found by reading the provider before a webhook told of them; kind reply, by_hand, relation or invitation.");
        _looks = _meter.CreateCounter<long>("pennypost.dispatcher.inbox_looks", "{look}", "Looks at the provider for what webhooks did not tell; of messages, relations or invitations; result read or unreadable.");
    }

    public void Found(string kind, long count)
    {
        if (count > 0)
            _found.Add(count, new KeyValuePair<string, object?>("kind", kind));
    }

    public void Looked(string of, bool read) => _looks.Add(1, new("of", of), new KeyValuePair<string, object?>("result", read ? "read" : "unreadable"));

    public void Dispose() => _meter.Dispose();
}
