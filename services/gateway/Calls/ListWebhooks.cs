using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ListWebhooksResponse> ListWebhooks(ListWebhooksRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Page(request.PageSize, request.PageToken);
            violations.OptionalId("page_token", request.PageToken);
        });
        var (size, kept) = (request.PageSize == 0 ? DefaultPage : request.PageSize, await webhooks.ListAsync(context.Caller().Tenant, context.CancellationToken));
        var rest = kept.Where(webhook => string.CompareOrdinal(webhook.Webhook.WebhookId, request.PageToken) > 0).ToList();
        return new ListWebhooksResponse { Webhooks = { rest.Take(size).Select(webhook => webhook.Shown) }, NextPageToken = rest.Count > size ? rest[size - 1].Webhook.WebhookId : "" };
    }
}
