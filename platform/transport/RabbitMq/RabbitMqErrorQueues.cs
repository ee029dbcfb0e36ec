using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Pennypost.Transport.RabbitMq;

/// <summary>MassTransit's <c>_error</c> queues, and the way back from them.</summary>
internal sealed class RabbitMqErrorQueues(BrokerConnection broker, ILogger<RabbitMqErrorQueues> logger) : IErrorQueues
{
    private const string FaultHeader = "MT-Fault-";

    /// <inheritdoc/>
    public async Task<(int Replayed, int Left)> ReplayAsync(ErrorQueue queue, string tenant, int most, CancellationToken cancellationToken)
    {
        var home = queue switch
        {
            ErrorQueue.Commands => Names.Commands(tenant),
            ErrorQueue.Work => Names.Work,
            ErrorQueue.Events => Names.EventsFor(EventGroup.DispatcherOfPools),
            ErrorQueue.Timeline => Names.EventsFor(EventGroup.Gateway),
            _ => throw new ArgumentOutOfRangeException(nameof(queue), queue, "There is no such queue."),
        };
        if (await LeftAsync(home, cancellationToken) is not { } left)
            return (0, 0);
        // No more than there were: what fails again comes back behind them.
        var replayed = 0;
        while (replayed < Math.Min(most, left) && await broker.UseAsync((channel, ct) => MoveAsync(channel, home, ct), cancellationToken))
            replayed++;
        var rest = await LeftAsync(home, cancellationToken) ?? 0;
        logger.Replayed(home, replayed, rest);
        return (replayed, rest);
    }

    /// <summary>Null if nothing was ever given up on: the queue is made by its first error.</summary>
    private async Task<int?> LeftAsync(string home, CancellationToken ct)
    {
        try
        {
            return (int)await broker.UseAsync((channel, token) => channel.MessageCountAsync(Names.Errors(home), token), ct);
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == 404)
        {
            return null;
        }
    }

    private static async Task<bool> MoveAsync(IChannel channel, string home, CancellationToken ct)
    {
        if (await channel.BasicGetAsync(Names.Errors(home), autoAck: false, ct) is not { } error)
            return false;
        var properties = new BasicProperties(error.BasicProperties) { Persistent = true };
        if (properties.Headers is { } headers)
            properties.Headers = headers.Where(header => !header.Key.StartsWith(FaultHeader, StringComparison.Ordinal)).ToDictionary(header => header.Key, header => header.Value);
        // Confirmed first, acknowledged after: a crash in between puts it back twice rather than losing it.
        await channel.BasicPublishAsync(home, "", mandatory: true, properties, error.Body, ct);
        await channel.BasicAckAsync(error.DeliveryTag, multiple: false, ct);
        return true;
    }
}
