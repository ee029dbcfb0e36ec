using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ListAlertsResponse> ListAlerts(ListAlertsRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Page(request.PageSize, request.PageToken);
        });
        var answer = await dispatcher.ListAlertsAsync(new Dispatcher.V1.ListAlertsRequest { PageSize = request.PageSize, PageToken = request.PageToken }, OnBehalf.Of(context));
        return new ListAlertsResponse { Alerts = { answer.Alerts }, NextPageToken = answer.NextPageToken };
    }
}
