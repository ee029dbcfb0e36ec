using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<GetPoolResponse> GetPool(GetPoolRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("pool_id", request.PoolId);
        });
        var answer = await credits.GetPoolAsync(new Credits.V1.GetPoolRequest { PoolId = request.PoolId }, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new GetPoolResponse { Pool = answer.Pool };
    }
}
