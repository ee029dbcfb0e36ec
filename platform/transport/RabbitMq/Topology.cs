using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace Pennypost.Transport.RabbitMq;

/// <summary>
/// Declares what must be there before the first event is published: the topic, every group's queue, and the queues of the tenants. Waits for the broker as long as it takes; whoever publishes waits for it.
/// </summary>
internal sealed class Topology(BrokerConnection broker, IOptions<TransportOptions> options, ILogger<Topology> logger) : BackgroundService
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);
    private readonly TaskCompletionSource _declared = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes once everything is there.</summary>
    public Task Declared => _declared.Task;

    /// <summary>As MassTransit declares quorum queues: the same queue declared with other arguments is refused by the broker.</summary>
    private static Dictionary<string, object?> Quorum => new() { ["x-queue-type"] = "quorum" };

    /// <summary>One instance at a time listens. Where no gateway runs nobody ever does: what is older than the limit goes then, and the gateway says what it never heard of.</summary>
    private static Dictionary<string, object?> InOrder =>
        new(Quorum) { ["x-single-active-consumer"] = true, ["x-max-length"] = MostForGateway, ["x-overflow"] = "drop-head" };

    /// <summary>Events that are kept for a gateway that is away. Fixed: every service declares the queue, and the broker refuses other arguments.</summary>
    internal const int MostForGateway = 2_000_000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await broker.UseAsync(DeclareAsync, stoppingToken);
                _declared.TrySetResult();
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                logger.NotDeclared(exception.GetType().Name);
                await Task.Delay(_pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<bool> DeclareAsync(IChannel channel, CancellationToken ct)
    {
        await channel.ExchangeDeclareAsync(Names.Events, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: ct);
        foreach (var group in EventGroup.All)
        {
            await QueueAsync(channel, Names.EventsFor(group), group == EventGroup.Gateway ? InOrder : Quorum, ct);
            if (group == EventGroup.Gateway)
                await QueueAsync(channel, Names.Errors(Names.EventsFor(group)), Quorum, ct);
            await channel.ExchangeBindAsync(Names.EventsFor(group), Names.Events, Names.AnyTenants(group.Family), cancellationToken: ct);
        }

        await QueueAsync(channel, Names.Work, Quorum, ct);
        foreach (var tenant in options.Value.Tenants)
        {
            await QueueAsync(channel, Names.Commands(tenant), Quorum, ct);
            // Nobody may ever listen: what is older than the limit goes, and can be had from the API.
            var bounded = Quorum;
            (bounded["x-max-length"], bounded["x-overflow"]) = (options.Value.TenantEventsKept, "drop-head");
            await channel.QueueDeclareAsync(Names.EventsOf(tenant), durable: true, exclusive: false, autoDelete: false, bounded, cancellationToken: ct);
            await channel.QueueBindAsync(Names.EventsOf(tenant), Names.Events, Names.AllOf(tenant), cancellationToken: ct);
        }

        return true;
    }

    /// <summary>A queue with an exchange of its name before it, as MassTransit has them.</summary>
    private static async Task QueueAsync(IChannel channel, string name, Dictionary<string, object?> arguments, CancellationToken ct)
    {
        await channel.ExchangeDeclareAsync(name, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: ct);
        await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: ct);
        await channel.QueueBindAsync(name, name, "", cancellationToken: ct);
    }
}
