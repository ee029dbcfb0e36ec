using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<DeleteWebhookResponse> DeleteWebhook(DeleteWebhookRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("webhook_id", request.WebhookId);
        });
        return await acts.RecordAsync(context, new OperatorAct { Kind = OperatorActKind.DeleteWebhook, WebhookId = request.WebhookId }, async () =>
        {
            await webhooks.DeleteAsync(context.Caller().Tenant, request.WebhookId, context.CancellationToken);
            return new DeleteWebhookResponse();
        });
    }
}
