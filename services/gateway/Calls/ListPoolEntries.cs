using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ListPoolEntriesResponse> ListPoolEntries(ListPoolEntriesRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await credits.ListEntriesAsync(new Credits.V1.ListEntriesRequest
        {
            PoolId = request.PoolId,
            PageSize = request.PageSize,
            PageToken = request.PageToken,
            Kinds = { request.Kinds },
            HoldId = request.HoldId,
            CauseId = request.CauseId,
            FromTime = request.FromTime,
            UntilTime = request.UntilTime,
        }, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new ListPoolEntriesResponse { Entries = { answer.Entries }, NextPageToken = answer.NextPageToken };
    }
}
