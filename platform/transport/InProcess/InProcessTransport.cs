using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Pennypost.Transport;

/// <summary>
/// A topic inside one process. What it holds is lost with the process; it comes again from the journal, which is the outbox.
/// Shared by all hosts of a standalone process: create it once and register the same object in each. A group that listens in order has each event before its publisher goes on.
/// </summary>
/// <param name="limits">How much it holds.</param>
/// <param name="time">The clock of its errors.</param>
/// <param name="log">Says what was given up on.</param>
/// <param name="awaited">Groups that listen in order and must not miss anything: as long as one of them does not listen, publishers wait.</param>
public sealed class InProcessEventTopic(TransportLimits limits, TimeProvider time, ILogger<InProcessEventTopic> log, params IReadOnlyList<EventGroup> awaited) : IEventTopic
{
    private readonly Dictionary<EventGroup, OrderedListener> ordered = awaited.ToDictionary(group => group, _ => new OrderedListener());
    private readonly Lock sync = new();
    private readonly Dictionary<EventGroup, (Channel<EventEnvelope> Events, int Subscribers)> groups = [];
    private readonly ErrorShelf errors = new(limits.MaxParked, log);

    /// <summary>What listeners gave up on, oldest first.</summary>
    public IReadOnlyList<ParkedError> ParkedErrors => errors.All;

    /// <inheritdoc />
    public async Task PublishAsync(IReadOnlyList<EventEnvelope> events, CancellationToken cancellationToken)
    {
        (EventGroup Group, OrderedListener Listener)[] inOrder;
        lock (sync) inOrder = [.. ordered.Where(group => awaited.Contains(group.Key) || group.Value.IsThere).Select(group => (group.Key, group.Value))];
        foreach (var (group, listener) in inOrder)
            if (events.Where(happened => group.Hears(happened.Type)).ToList() is { Count: > 0 } heard) await listener.TellAsync(heard, cancellationToken);
        (EventGroup Group, ChannelWriter<EventEnvelope> Writer)[] listening;
        lock (sync) listening = [.. groups.Select(group => (group.Key, group.Value.Events.Writer))];
        foreach (var (group, writer) in listening)
            foreach (var happened in events)
            {
                if (!group.Hears(happened.Type)) continue;
                try
                {
                    await writer.WriteAsync(happened, cancellationToken);
                }
                catch (ChannelClosedException)
                {
                    // The group's last consumer left meanwhile: nobody to tell.
                    break;
                }
            }
    }

    /// <inheritdoc />
    public IAsyncDisposable Subscribe(EventGroup group, Func<EventEnvelope, CancellationToken, Task> handler)
    {
        Channel<EventEnvelope> events;
        lock (sync)
        {
            var known = groups.GetValueOrDefault(group);
            events = known.Events ?? Channel.CreateBounded<EventEnvelope>(new BoundedChannelOptions(limits.Capacity) { FullMode = BoundedChannelFullMode.Wait });
            groups[group] = (events, known.Subscribers + 1);
        }
        // One at a time: events of one key stay in order.
        return new Delivery<EventEnvelope>(events.Reader, 1, handler, limits, Park, () => Leave(group));

        void Park(EventEnvelope happened, int attempts, Exception exception) =>
            errors.Park(new ParkedError(group.Name, happened.EventId, happened.Tenant, happened.Type, attempts, exception.GetType().Name, time.GetUtcNow()), exception);
    }

    /// <inheritdoc />
    public IAsyncDisposable SubscribeInOrder(EventGroup group, int most, Func<IReadOnlyList<EventEnvelope>, CancellationToken, Task> handler)
    {
        lock (sync)
        {
            if (!ordered.TryGetValue(group, out var listener)) ordered[group] = listener = new OrderedListener();
            return listener.Listen(most, handler);
        }
    }

    private void Leave(EventGroup group)
    {
        lock (sync)
        {
            var (events, subscribers) = groups[group];
            if (subscribers > 1)
            {
                groups[group] = (events, subscribers - 1);
                return;
            }
            groups.Remove(group);
            events.Writer.Complete();
        }
    }
}

/// <summary>A work queue inside one process; what it holds is lost with the process and comes back through the due index.</summary>
public sealed class InProcessWorkQueue(TransportLimits limits, TimeProvider time, ILogger<InProcessWorkQueue> log) : IWorkQueue
{
    private readonly Channel<WorkItem> queue = Channel.CreateBounded<WorkItem>(new BoundedChannelOptions(limits.Capacity) { FullMode = BoundedChannelFullMode.Wait });
    private readonly ErrorShelf errors = new(limits.MaxParked, log);

    /// <summary>What handlers gave up on, oldest first.</summary>
    public IReadOnlyList<ParkedError> ParkedErrors => errors.All;

    /// <inheritdoc />
    public ValueTask<int?> CountWaitingAsync(CancellationToken cancellationToken) => ValueTask.FromResult<int?>(queue.Reader.Count);

    /// <inheritdoc />
    public async Task EnqueueAsync(IReadOnlyList<WorkItem> items, CancellationToken cancellationToken)
    {
        foreach (var item in items) await queue.Writer.WriteAsync(item, cancellationToken);
    }

    /// <inheritdoc />
    public IAsyncDisposable Consume(int concurrency, Func<WorkItem, CancellationToken, Task> handler) =>
        new Delivery<WorkItem>(queue.Reader, concurrency, handler, limits, Park);

    private void Park(WorkItem item, int attempts, Exception exception) =>
        errors.Park(new ParkedError("work", item.WorkId, item.Tenant, item.Kind, attempts, exception.GetType().Name, time.GetUtcNow()), exception);
}
