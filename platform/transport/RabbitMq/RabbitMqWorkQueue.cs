using MassTransit;
using Microsoft.Extensions.Options;

namespace Pennypost.Transport.RabbitMq;

/// <summary>Ready work on the broker.</summary>
internal sealed record WorkMessage
{
    public required string WorkId { get; init; }

    public required string Tenant { get; init; }

    public required string Kind { get; init; }

    public required byte[] Payload { get; init; }
}

/// <summary>One quorum queue that every instance fills and every worker empties. Its length is asked of the broker: no instance knows what the others put there.</summary>
internal sealed class RabbitMqWorkQueue(IBusControl bus, BrokerConnection broker, Topology topology, IOptions<TransportOptions> options, TimeProvider time) : IWorkQueue
{
    /// <summary>Asked no more often than this.</summary>
    private static readonly TimeSpan _countAge = TimeSpan.FromMilliseconds(20);

    private static readonly Uri _exchange = new("exchange:" + Names.Work);
    private long _countedAt;
    private int _counted;

    /// <inheritdoc/>
    public async Task EnqueueAsync(IReadOnlyList<WorkItem> items, CancellationToken cancellationToken)
    {
        await topology.Declared.WaitAsync(cancellationToken);
        var endpoint = await bus.GetSendEndpoint(_exchange);
        Interlocked.Add(ref _counted, items.Count);
        await Task.WhenAll(items.Select(item => endpoint.SendAsync(
            new WorkMessage { WorkId = item.WorkId, Tenant = item.Tenant, Kind = item.Kind, Payload = item.Payload.ToArray() },
            Pipe.Empty<SendContext<WorkMessage>>(),
            options.Value.SendTimeout,
            cancellationToken)));
    }

    /// <inheritdoc/>
    public IAsyncDisposable Consume(int concurrency, Func<WorkItem, CancellationToken, Task> handler) =>
        Endpoints.Connect(bus, Names.Work, concurrency, endpoint => endpoint.Handler<WorkMessage>(context =>
            handler(new WorkItem(context.Message.WorkId, context.Message.Tenant, context.Message.Kind, context.Message.Payload), context.CancellationToken)));

    /// <inheritdoc/>
    public async ValueTask<int?> CountWaitingAsync(CancellationToken cancellationToken)
    {
        if (!topology.Declared.IsCompletedSuccessfully)
            return null;
        if (Volatile.Read(ref _countedAt) is not 0 and var at && time.GetElapsedTime(at) < _countAge)
            return Volatile.Read(ref _counted);
        try
        {
            var waiting = (int)Math.Min(int.MaxValue, await broker.UseAsync((channel, ct) => channel.MessageCountAsync(Names.Work, ct), cancellationToken));
            Volatile.Write(ref _counted, waiting);
            Volatile.Write(ref _countedAt, time.GetTimestamp());
            return waiting;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The broker is away, or not yet back. Releasing into the dark would only pile up.
            return null;
        }
    }
}
