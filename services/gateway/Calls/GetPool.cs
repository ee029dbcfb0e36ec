using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<GetPoolResponse> GetPool(GetPoolRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await credits.GetPoolAsync(new Credits.V1.GetPoolRequest { PoolId = request.PoolId, AsOfTime = request.AsOfTime }, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new GetPoolResponse { Pool = answer.Pool, Terms = answer.Terms, Seats = { answer.Seats }, Budgets = { answer.Budgets } };
    }
}
