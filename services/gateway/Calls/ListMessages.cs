using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ListMessagesResponse> ListMessages(ListMessagesRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await dispatcher.ListMessagesAsync(new Dispatcher.V1.ListMessagesRequest
        {
            PageSize = request.PageSize,
            PageToken = request.PageToken,
            State = request.State,
            CampaignId = request.CampaignId,
            Reason = request.Reason,
            AccountId = request.AccountId,
            ProspectId = request.ProspectId,
            Priority = request.Priority,
            DueBefore = request.DueBefore,
        }, OnBehalf.Of(context));
        return new ListMessagesResponse { Messages = { answer.Messages }, NextPageToken = answer.NextPageToken };
    }
}
