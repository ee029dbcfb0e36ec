using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Gateway.WebhooksOut;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<TestWebhookResponse> TestWebhook(TestWebhookRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("webhook_id", request.WebhookId);
        });
        var tenant = context.Caller().Tenant;
        var kept = await webhooks.FindAsync(tenant, request.WebhookId, context.CancellationToken) ?? throw Errors.WebhookNotFound(request.WebhookId);
        var (now, began) = (time.GetUtcNow(), time.GetTimestamp());
        var told = new Types.V1.Event { EventId = $"{tenant}.webhook-test.{Guid.CreateVersion7(now):N}", Type = "webhook.test", Subject = request.WebhookId, EventTime = Timestamp.FromDateTimeOffset(now), RecordTime = Timestamp.FromDateTimeOffset(now) };
        var outcome = await sender.PostAsync(new Uri(kept.Webhook.Url), webhooks.Signing(tenant, kept.Webhook, now), told, context.CancellationToken);
        var answer = new TestWebhookResponse { Duration = Duration.FromTimeSpan(time.GetElapsedTime(began)) };
        switch (outcome)
        {
            case Outcome.Delivered: answer.Delivered = true; break;
            case Outcome.Failed failed: (answer.Failure, answer.Status) = (failed.Failure, failed.Status); break;
            default: throw new UnreachableException();
        }
        return answer;
    }
}
