namespace Pennypost.Hosting.Transport;

/// <summary>
/// Something that happened, told to whoever listens. Delivered at least once, in order within a partition key as far as the transport goes;
/// a handler sees repeats by <see cref="EventId"/> and gaps by <see cref="Sequence"/>.
/// </summary>
public sealed record EventEnvelope
{
    /// <summary>Unique; the same event told again has the same.</summary>
    public required string EventId { get; init; }

    /// <summary>Whose.</summary>
    public required string Tenant { get; init; }

    /// <summary>What happened: <c>pennypost.dispatcher.v1.MessageEvent</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What it happened to; events of one key come in order.</summary>
    public required string PartitionKey { get; init; }

    /// <summary>Position within the partition key, from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The event itself, protobuf. No personal data.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }
}

/// <summary>Events from their source to every group of consumers.</summary>
public interface IEventTopic
{
    /// <summary>Completes when every group has taken the events over; throws if that fails, and the caller publishes them again.</summary>
    Task PublishAsync(IReadOnlyList<EventEnvelope> events, CancellationToken cancellationToken);

    /// <summary>
    /// Hands each event to one consumer of the group. A handler that throws is called again with growing pauses; after its last attempt the
    /// event is parked where <see cref="ParkedErrors"/> shows it. Disposing ends the subscription after the handler under way.
    /// </summary>
    IAsyncDisposable Subscribe(string group, Func<EventEnvelope, CancellationToken, Task> handler);

    /// <summary>What consumers gave up on, oldest first.</summary>
    IReadOnlyList<ParkedError> ParkedErrors { get; }
}

/// <summary>A piece of work that is ready now. Lost work comes back through the due index of its owner.</summary>
/// <param name="WorkId">Unique per piece of work.</param>
/// <param name="Tenant">Whose.</param>
/// <param name="Kind">What is to be done.</param>
/// <param name="Payload">For the handler.</param>
public sealed record WorkItem(string WorkId, string Tenant, string Kind, ReadOnlyMemory<byte> Payload);

/// <summary>Ready work from whoever releases it to any one worker.</summary>
public interface IWorkQueue
{
    /// <summary>Completes when the queue has room and took the item.</summary>
    ValueTask EnqueueAsync(WorkItem item, CancellationToken cancellationToken);

    /// <summary>Hands work to the handler, at most <paramref name="concurrency"/> at once; failures as in <see cref="IEventTopic.Subscribe"/>.</summary>
    IAsyncDisposable Consume(int concurrency, Func<WorkItem, CancellationToken, Task> handler);

    /// <summary>Items that no handler has taken yet.</summary>
    int Waiting { get; }

    /// <summary>What handlers gave up on, oldest first.</summary>
    IReadOnlyList<ParkedError> ParkedErrors { get; }
}

/// <summary>Work or an event that its handler could not deal with.</summary>
/// <param name="Group">Whose handler.</param>
/// <param name="Id">The event's or the work's id.</param>
/// <param name="Tenant">Whose.</param>
/// <param name="Kind">Its type.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Error">The last exception's type; its text may hold what must not be shown.</param>
/// <param name="Time">When it was parked.</param>
public sealed record ParkedError(string Group, string Id, string Tenant, string Kind, int Attempts, string Error, DateTimeOffset Time);
