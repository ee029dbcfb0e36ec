using Pennypost.Gateway.V1;

namespace Pennypost.Gateway.WebhooksOut;

/// <summary>What is said of deliveries: ids and numbers, never addresses, bodies or secrets.</summary>
internal static partial class WebhooksLog
{
    [LoggerMessage(70, LogLevel.Warning, "Webhook {WebhookId} of {Tenant} fails: nothing is delivered to it until {Until}.")]
    public static partial void BreakerOpened(this ILogger logger, string tenant, string webhookId, DateTimeOffset until);

    [LoggerMessage(71, LogLevel.Information, "Webhook {WebhookId} of {Tenant} answers again.")]
    public static partial void BreakerClosed(this ILogger logger, string tenant, string webhookId);

    [LoggerMessage(72, LogLevel.Warning, "Webhook {WebhookId} of {Tenant} did not take the event at {Number} ({Failure}, status {Status}): it is given up, and can be replayed while it is kept.")]
    public static partial void GivenUp(this ILogger logger, string tenant, string webhookId, long number, WebhookFailure failure, int status);

    [LoggerMessage(73, LogLevel.Error, "Webhook {WebhookId} of {Tenant}: {Count} events are not kept any more that were not delivered to it.")]
    public static partial void DeliveriesLost(this ILogger logger, string tenant, string webhookId, long count);

    [LoggerMessage(74, LogLevel.Warning, "For development: webhooks may be posted to loopback addresses, and without TLS (Gateway:Webhooks:AllowLoopback).")]
    public static partial void LoopbackAllowed(this ILogger logger);
}
