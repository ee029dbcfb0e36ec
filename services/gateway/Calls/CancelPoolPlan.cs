using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<CancelPoolPlanResponse> CancelPoolPlan(CancelPoolPlanRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await credits.CancelPlanAsync(new Credits.V1.CancelPlanRequest
        {
            PoolId = request.PoolId,
            ChangeId = request.ChangeId,
            ValidateOnly = request.ValidateOnly,
        }, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new CancelPoolPlanResponse { Pool = answer.Pool };
    }
}
