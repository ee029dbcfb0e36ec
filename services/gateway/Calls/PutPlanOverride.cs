using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<PutPlanOverrideResponse> PutPlanOverride(PutPlanOverrideRequest request, ServerCallContext context)
    {
        Check(context);
        // What is recorded is kept for good: only an id may stand there.
        return request.ValidateOnly || !Ids.IsId(request.PlanId)
            ? await PutAsync(request, context)
            : await acts.RecordAsync(context, new OperatorAct { Kind = OperatorActKind.PutPlanOverride, PlanId = request.PlanId }, () => PutAsync(request, context));
    }

    private async Task<PutPlanOverrideResponse> PutAsync(PutPlanOverrideRequest request, ServerCallContext context)
    {
        var answer = await credits.PutPlanOverrideAsync(new Credits.V1.PutPlanOverrideRequest
        {
            PlanId = request.PlanId,
            Terms = request.Terms,
            ValidateOnly = request.ValidateOnly,
        }, OnBehalf.Of(context));
        return new PutPlanOverrideResponse { Plan = answer.Plan };
    }
}
