using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<CreatePoolResponse> CreatePool(CreatePoolRequest request, ServerCallContext context)
    {
        Check(context);
        var asked = new Credits.V1.CreatePoolRequest { PoolId = request.PoolId, PlanId = request.PlanId, Renewal = request.Renewal, Terms = request.Terms, ValidateOnly = request.ValidateOnly };
        // Unset is not zero: it means the plan's own grant.
        if (request.HasOpeningBalance) asked.OpeningBalance = request.OpeningBalance;
        var answer = await credits.CreatePoolAsync(asked, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new CreatePoolResponse { Pool = answer.Pool };
    }
}
