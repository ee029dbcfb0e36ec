using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<RetryMessagesResponse> RetryMessages(RetryMessagesRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await dispatcher.RetryMessagesAsync(new Dispatcher.V1.RetryMessagesRequest
        {
            State = request.State,
            Reason = request.Reason,
            CampaignId = request.CampaignId,
            AccountId = request.AccountId,
            CreatedSinceTime = request.CreatedSinceTime,
            CreatedBefore = request.CreatedBefore,
            EndedSinceTime = request.EndedSinceTime,
            EndedBefore = request.EndedBefore,
            Reroute = request.Reroute,
            ExpireTime = request.ExpireTime,
            ValidateOnly = request.ValidateOnly,
            PageSize = request.PageSize,
            PageToken = request.PageToken,
            Actor = request.Actor,
            Why = request.Why,
        }, OnBehalf.Of(context));
        return new RetryMessagesResponse { Results = { answer.Results }, NextPageToken = answer.NextPageToken };
    }
}
