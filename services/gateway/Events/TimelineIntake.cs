using Microsoft.Extensions.Options;
using Pennypost.Store;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Events;

/// <summary>Takes events from the transport, and has it tell the next only when these are durable.</summary>
internal sealed class TimelineIntake(IEventTopic topic, Timelines timelines, EventMeter meter, IOptions<TimelineOptions> options, ILogger<TimelineIntake> logger) : IHostedService
{
    private IAsyncDisposable? subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Listen) subscription = topic.SubscribeInOrder(EventGroup.Gateway, options.Value.AtOnce, HandleAsync);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (subscription is not null) await subscription.DisposeAsync();
    }

    public Task HandleAsync(IReadOnlyList<EventEnvelope> told, CancellationToken ct) =>
        Task.WhenAll(told.GroupBy(happened => happened.Tenant).Select(tenant =>
            tenant.Select(WireEvents.Of).OfType<Event>().ToList() is { Count: > 0 } events ? KeepAsync(tenant.Key, events, ct) : Task.CompletedTask));

    private async Task KeepAsync(string tenant, List<Event> events, CancellationToken ct)
    {
        try
        {
            await timelines.AppendAsync(tenant, events, ct);
        }
        catch (Exception exception) when (exception is ArgumentException && events.Count > 1)
        {
            // One of them can never be kept: which, is found out one by one.
            foreach (var happened in events) await KeepAsync(tenant, [happened], ct);
        }
        catch (Exception exception) when (exception is ArgumentException or StoreDamagedException)
        {
            // It would hold up every other tenant's events for good.
            logger.EventsNotKept(events.Count, exception.GetType().Name);
            meter.NotKept(events.Count);
        }
    }
}
