using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pennypost.Hosting;

namespace Pennypost.Transport.RabbitMq;

/// <summary>An event on the broker: plain JSON, which any language reads (docs/queues.md).</summary>
internal sealed record EventMessage
{
    public required string EventId { get; init; }

    public required string Tenant { get; init; }

    public required string Type { get; init; }

    public required string Subject { get; init; }

    public required long Sequence { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>The contract's message, as proto3 JSON.</summary>
    public required JsonElement Data { get; init; }
}

/// <summary>The topic exchange <c>pennypost.events</c>, and a quorum queue per group.</summary>
internal sealed class RabbitMqEventTopic(IBusControl bus, Topology topology, ServiceName service, IOptions<TransportOptions> options, ILogger<RabbitMqEventTopic> logger) : IEventTopic
{
    /// <summary>Subjects published side by side: a confirm takes a disk's time, and one after the other they would take as many.</summary>
    private const int AtOnce = 64;

    private static readonly Uri _exchange = new($"exchange:{Names.Events}?type=topic");
    private static readonly TimeSpan[] _pauses = Endpoints.Pauses(TimeSpan.FromSeconds(3));

    /// <inheritdoc/>
    public async Task PublishAsync(IReadOnlyList<EventEnvelope> events, CancellationToken cancellationToken)
    {
        await topology.Declared.WaitAsync(cancellationToken);
        var endpoint = await bus.GetSendEndpoint(_exchange);
        // What happened to one thing stays in order; what happened to different things has none.
        await Parallel.ForEachAsync(
            events.GroupBy(happened => (happened.Tenant, happened.Subject)),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (subject, ct) =>
            {
                foreach (var happened in subject)
                    await endpoint.SendAsync(
                        Message(happened), Pipe.Execute<SendContext<EventMessage>>(context => context.SetRoutingKey(Names.Key(happened.Tenant, happened.Type))), options.Value.SendTimeout, ct);
            });
    }

    /// <inheritdoc/>
    public IAsyncDisposable Subscribe(EventGroup group, Func<EventEnvelope, CancellationToken, Task> handler) =>
        // One at a time: events of one subject stay in order.
        Endpoints.Connect(bus, Names.EventsFor(group), 1, endpoint =>
        {
            endpoint.Bind(Names.Events, bind =>
            {
                bind.ExchangeType = "topic";
                bind.RoutingKey = Names.AnyTenants(group.Family);
            });
            endpoint.UseMessageRetry(retry => retry.Intervals(_pauses));
            endpoint.Handler<EventMessage>(context => Envelope(context.Message) is { } happened ? handler(happened, context.CancellationToken) : Task.CompletedTask);
        });

    /// <inheritdoc/>
    public IAsyncDisposable SubscribeInOrder(EventGroup group, int most, Func<IReadOnlyList<EventEnvelope>, CancellationToken, Task> handler) =>
        new OrderedConsumption(Names.EventsFor(group), most, topology, service, options.Value, body => Read(body), handler, logger);

    /// <summary>From the broker's bytes; null for an event of a family that this version does not know.</summary>
    private EventEnvelope? Read(ReadOnlyMemory<byte> body) =>
        Envelope(JsonSerializer.Deserialize<EventMessage>(body.Span, JsonSerializerOptions.Web) ?? throw new JsonException("It is null."));

    private static EventMessage Message(EventEnvelope happened)
    {
        using var data = JsonDocument.Parse(EventTypes.Write(happened.Data));
        return new EventMessage
        {
            EventId = happened.EventId,
            Tenant = happened.Tenant,
            Type = happened.Type,
            Subject = happened.Subject,
            Sequence = happened.Sequence,
            Time = happened.Time,
            Data = data.RootElement.Clone(),
        };
    }

    private EventEnvelope? Envelope(EventMessage message)
    {
        if (EventTypes.Read(message.Type, message.Data.GetRawText()) is not { } data)
        {
            logger.UnknownEvent(message.Type);
            return null;
        }

        return new EventEnvelope
        {
            EventId = message.EventId,
            Tenant = message.Tenant,
            Type = message.Type,
            Subject = message.Subject,
            Sequence = message.Sequence,
            Time = message.Time,
            Data = data,
        };
    }
}
