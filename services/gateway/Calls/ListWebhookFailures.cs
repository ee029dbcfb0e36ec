using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ListWebhookFailuresResponse> ListWebhookFailures(ListWebhookFailuresRequest request, ServerCallContext context)
    {
        var after = 0L;
        Check(context, violations =>
        {
            violations.Id("webhook_id", request.WebhookId);
            violations.Page(request.PageSize, request.PageToken);
            if (request.PageToken.Length > 0 && !long.TryParse(request.PageToken, NumberStyles.None, CultureInfo.InvariantCulture, out after)) violations.Add("page_token", "is no page token of this list");
        });
        var (tenant, size) = (context.Caller().Tenant, request.PageSize == 0 ? DefaultPage : request.PageSize);
        var kept = await webhooks.FindAsync(tenant, request.WebhookId, context.CancellationToken) ?? throw Errors.WebhookNotFound(request.WebhookId);
        var rest = kept.Delivery.Failed.Where(failed => failed.Number > after).OrderBy(failed => failed.Number).ToList();
        var answer = new ListWebhookFailuresResponse { NextPageToken = rest.Count > size ? rest[size - 1].Number.ToString(CultureInfo.InvariantCulture) : "" };
        foreach (var failed in rest.Take(size))
            answer.Failures.Add(new FailedDelivery
            {
                Event = (await timelines.LineAsync(tenant, failed.Number, context.CancellationToken))?.Event,
                Failure = failed.Failure,
                Status = failed.Status,
                FailTime = Timestamp.FromDateTimeOffset(failed.At),
            });
        return answer;
    }
}
