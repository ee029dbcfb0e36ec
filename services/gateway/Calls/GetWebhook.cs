using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<GetWebhookResponse> GetWebhook(GetWebhookRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("webhook_id", request.WebhookId);
        });
        var kept = await webhooks.FindAsync(context.Caller().Tenant, request.WebhookId, context.CancellationToken) ?? throw Errors.WebhookNotFound(request.WebhookId);
        return new GetWebhookResponse { Webhook = kept.Shown };
    }
}
