using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ChangePoolPlanResponse> ChangePoolPlan(ChangePoolPlanRequest request, ServerCallContext context)
    {
        Check(context);
        var asked = new Credits.V1.ChangePlanRequest
        {
            PoolId = request.PoolId,
            ChangeId = request.ChangeId,
            PlanId = request.PlanId,
            Renewal = request.Renewal,
            Terms = request.Terms,
            ValidateOnly = request.ValidateOnly,
        };
        // Unset is not zero.
        if (request.HasOpeningBalance) asked.OpeningBalance = request.OpeningBalance;
        var answer = await credits.ChangePlanAsync(asked, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new ChangePoolPlanResponse { Pool = answer.Pool };
    }
}
