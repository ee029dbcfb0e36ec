using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ListMessagesResponse> ListMessages(ListMessagesRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Page(request.PageSize, request.PageToken);
            violations.Known("state", request.State);
            violations.OptionalId("campaign_id", request.CampaignId);
        });
        var answer = await dispatcher.ListMessagesAsync(new Dispatcher.V1.ListMessagesRequest
        {
            PageSize = request.PageSize,
            PageToken = request.PageToken,
            State = request.State,
            CampaignId = request.CampaignId,
        }, OnBehalf.Of(context));
        return new ListMessagesResponse { Messages = { answer.Messages }, NextPageToken = answer.NextPageToken };
    }
}
