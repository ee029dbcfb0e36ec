using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<CreatePoolResponse> CreatePool(CreatePoolRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("pool_id", request.PoolId);
            violations.Id("plan_id", request.PlanId);
            if (request.Renewal?.BillingAnchor is { } anchor)
            {
                violations.Range("renewal.billing_anchor.day", anchor.Day, 1, 31);
                violations.Length("renewal.billing_anchor.time_zone", anchor.TimeZone, 0, 64);
            }
            if (request.HasOpeningBalance) violations.Range("opening_balance", request.OpeningBalance, 0, 100_000);
        });
        var asked = new Credits.V1.CreatePoolRequest { PoolId = request.PoolId, PlanId = request.PlanId, Renewal = request.Renewal };
        // Unset is not zero: it means the plan's own grant.
        if (request.HasOpeningBalance) asked.OpeningBalance = request.OpeningBalance;
        var answer = await credits.CreatePoolAsync(asked, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new CreatePoolResponse { Pool = answer.Pool };
    }
}
