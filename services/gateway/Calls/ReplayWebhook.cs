using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Gateway.WebhooksOut;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ReplayWebhookResponse> ReplayWebhook(ReplayWebhookRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("webhook_id", request.WebhookId);
            if (violations.Required("from_time", request.FromTime)) violations.Time("from_time", request.FromTime);
            violations.Time("to_time", request.ToTime);
            if (request.FromTime is not null && request.ToTime is not null && request.ToTime.CompareTo(request.FromTime) <= 0) violations.Add("to_time", "must be after from_time");
        });
        return await acts.RecordAsync(context, new OperatorAct { Kind = OperatorActKind.ReplayWebhook, WebhookId = request.WebhookId }, () => ReplayAsync(context.Caller().Tenant, request, context.CancellationToken));
    }

    private async Task<ReplayWebhookResponse> ReplayAsync(string tenant, ReplayWebhookRequest request, CancellationToken ct)
    {
        var kept = await webhooks.FindAsync(tenant, request.WebhookId, ct) ?? throw Errors.WebhookNotFound(request.WebhookId);
        var first = await FromTimeAsync(tenant, request.FromTime.ToDateTimeOffset(), ct);
        // What was not delivered for the first time yet comes anyway.
        var last = kept.Delivery.Cursor;
        if (request.ToTime is { } to) last = Math.Min(last, (await FromTimeAsync(tenant, to.ToDateTimeOffset(), ct)).Number);
        var replaying = await webhooks.ReplayAsync(tenant, request.WebhookId, new Replay(first.Number + 1, last, request.OnlyFailed), ct) ?? throw Errors.WebhookNotFound(request.WebhookId);
        return new ReplayWebhookResponse { Webhook = replaying.Shown };
    }
}
