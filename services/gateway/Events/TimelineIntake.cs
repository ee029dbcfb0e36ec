using Microsoft.Extensions.Options;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Events;

/// <summary>Takes events from the transport, and has it tell the next only when these are durable.</summary>
internal sealed class TimelineIntake(IEventTopic topic, Timelines timelines, IOptions<TimelineOptions> options) : IHostedService
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
            tenant.Select(WireEvents.Of).OfType<Event>().ToList() is { Count: > 0 } events ? timelines.AppendAsync(tenant.Key, events, ct) : Task.CompletedTask));
}
