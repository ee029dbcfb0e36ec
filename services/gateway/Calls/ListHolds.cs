using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ListHoldsResponse> ListHolds(ListHoldsRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await credits.ListHoldsAsync(new Credits.V1.ListHoldsRequest
        {
            PoolId = request.PoolId,
            PageSize = request.PageSize,
            PageToken = request.PageToken,
            State = request.State,
            AccountId = request.AccountId,
        }, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new ListHoldsResponse { Holds = { answer.Holds }, NextPageToken = answer.NextPageToken };
    }
}
