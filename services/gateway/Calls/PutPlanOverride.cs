using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<PutPlanOverrideResponse> PutPlanOverride(PutPlanOverrideRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await credits.PutPlanOverrideAsync(new Credits.V1.PutPlanOverrideRequest
        {
            PlanId = request.PlanId,
            Terms = request.Terms,
            ValidateOnly = request.ValidateOnly,
        }, OnBehalf.Of(context));
        return new PutPlanOverrideResponse { Plan = answer.Plan };
    }
}
