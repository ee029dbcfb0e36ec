using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<PutBudgetResponse> PutBudget(PutBudgetRequest request, ServerCallContext context)
    {
        Check(context);
        var asked = new Credits.V1.PutBudgetRequest
        {
            PoolId = request.PoolId,
            CampaignId = request.CampaignId,
            ValidateOnly = request.ValidateOnly,
        };
        // Unset is not zero.
        if (request.HasCredits) asked.Credits = request.Credits;
        var answer = await credits.PutBudgetAsync(asked, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new PutBudgetResponse { Budget = answer.Budget };
    }
}
