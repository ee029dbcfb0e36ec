using System.Diagnostics.Metrics;
using Pennypost.Gateway.Events;
using Pennypost.Gateway.V1;

namespace Pennypost.Gateway.WebhooksOut;

/// <summary>Counts what became of deliveries. No tag names a tenant, a webhook or an address.</summary>
internal sealed class WebhookMeter
{
    private readonly Histogram<double> requests;
    private readonly Counter<long> givenUp;
    private readonly Counter<long> breakers;

    public WebhookMeter(IMeterFactory meters)
    {
        var meter = meters.Create(EventMeter.Name);
        requests = meter.CreateHistogram<double>("pennypost.gateway.webhook.request.duration", "s", "Posts to webhooks, each try apart, by result.");
        givenUp = meter.CreateCounter<long>("pennypost.gateway.webhook.given_up", "{event}", "Events that a webhook did not take in a day.");
        breakers = meter.CreateCounter<long>("pennypost.gateway.webhook.breaker_changes", "{change}", "Breakers of webhooks that opened or closed.");
    }

    public void Tried(Outcome outcome, TimeSpan took) => requests.Record(took.TotalSeconds, new KeyValuePair<string, object?>("result", outcome switch
    {
        Outcome.Delivered => "delivered",
        Outcome.Failed { Failure: WebhookFailure.Status } => "status",
        Outcome.Failed { Failure: WebhookFailure.Redirect } => "redirect",
        Outcome.Failed { Failure: WebhookFailure.Timeout } => "timeout",
        Outcome.Failed { Failure: WebhookFailure.AddressForbidden } => "address_forbidden",
        Outcome.Failed { Failure: WebhookFailure.Tls } => "tls",
        _ => "not_connected",
    }));

    public void GivenUp() => givenUp.Add(1);

    public void Breaker(string to) => breakers.Add(1, new KeyValuePair<string, object?>("to", to));
}
