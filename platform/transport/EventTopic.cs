using Google.Protobuf;

namespace Pennypost.Transport;

/// <summary>
/// Something that happened, told to whoever listens. Delivered at least once, in order within a subject as far as the transport goes; a handler sees repeats by <see cref="EventId"/> and gaps by
/// <see cref="Sequence"/>. Every event is documented with an example in docs/queues.md.
/// </summary>
public sealed record EventEnvelope
{
    /// <summary>Unique; the same event told again has the same.</summary>
    public required string EventId { get; init; }

    /// <summary>Whose.</summary>
    public required string Tenant { get; init; }

    /// <summary>What happened, such as <c>message.sent</c>; the first word says which contract <see cref="Data"/> is of (<see cref="EventTypes"/>).</summary>
    public required string Type { get; init; }

    /// <summary>What it happened to: the id of the message, pool or account. Events of one subject come in order.</summary>
    public required string Subject { get; init; }

    /// <summary>Position among what happened to the subject, growing; without gaps for messages.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The event itself. No personal data. Shared by all who hear it: it must not be changed.</summary>
    public required IMessage Data { get; init; }
}

/// <summary>Those who listen, of which each hears every event that it asks for once, whatever the number of its instances.</summary>
/// <param name="Name">Of the service.</param>
/// <param name="Family">The first word of the events that it hears; <see cref="EveryFamily"/> for all.</param>
public sealed record EventGroup(string Name, string Family)
{
    /// <summary>Instead of a family: whatever happens.</summary>
    public const string EveryFamily = "*";

    /// <summary>The dispatcher hears of pools: credits that come wake messages and clear breakers.</summary>
    public static EventGroup DispatcherOfPools { get; } = new("dispatcher", "pool");

    /// <summary>The gateway keeps every event in its tenant's timeline. One instance at a time listens, so that they come in order; another takes over when it is gone.</summary>
    public static EventGroup Gateway { get; } = new("gateway", EveryFamily);

    /// <summary>Every group that there is. Its queue is there before the first event is published, so that nothing is lost on a listener who starts late.</summary>
    public static IReadOnlyList<EventGroup> All { get; } = [DispatcherOfPools, Gateway];

    /// <summary>Whether it hears events of this type.</summary>
    public bool Hears(string type) => Family == EveryFamily || type.StartsWith(Family + ".", StringComparison.Ordinal);
}

/// <summary>Events from their source to every group of listeners.</summary>
public interface IEventTopic
{
    /// <summary>Completes when the events are safe with the transport; throws if that fails, and the caller publishes them again.</summary>
    Task PublishAsync(IReadOnlyList<EventEnvelope> events, CancellationToken cancellationToken);

    /// <summary>
    /// Hands each event to one listener of the group. A handler that throws is called again with growing pauses; after its last attempt the event goes to the group's errors, from where it can be replayed.
    /// Disposing ends the subscription after the handler under way.
    /// </summary>
    IAsyncDisposable Subscribe(EventGroup group, Func<EventEnvelope, CancellationToken, Task> handler);

    /// <summary>
    /// Hands events over many at a time, in the order in which they were published within a subject, and the same again until the handler returns: one that fails holds back what comes after, and nothing is set aside but what
    /// is no event at all. For a listener that keeps everything. Of all instances of the group one listens at a time. Disposing ends the subscription; what was not handled is handed to the next one.
    /// </summary>
    /// <param name="group">Whose.</param>
    /// <param name="most">Events handed over at once.</param>
    /// <param name="handler">Returns when all of them are safe.</param>
    IAsyncDisposable SubscribeInOrder(EventGroup group, int most, Func<IReadOnlyList<EventEnvelope>, CancellationToken, Task> handler);
}
