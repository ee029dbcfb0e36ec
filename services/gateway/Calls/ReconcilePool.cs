using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ReconcilePoolResponse> ReconcilePool(ReconcilePoolRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await credits.ReconcilePoolAsync(new Credits.V1.ReconcilePoolRequest
        {
            PoolId = request.PoolId,
            ReconcileId = request.ReconcileId,
            ObservedAvailable = request.ObservedAvailable,
            UnknownSends = request.UnknownSends,
            ObserveTime = request.ObserveTime,
            ValidateOnly = request.ValidateOnly,
        }, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new ReconcilePoolResponse { Adjusted = answer.Adjusted, Drift = answer.Drift, Applied = answer.Applied, Pool = answer.Pool };
    }
}
