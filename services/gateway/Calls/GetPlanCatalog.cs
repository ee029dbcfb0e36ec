using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<GetPlanCatalogResponse> GetPlanCatalog(GetPlanCatalogRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await credits.GetPlanCatalogAsync(new Credits.V1.GetPlanCatalogRequest(), OnBehalf.Of(context));
        return new GetPlanCatalogResponse { CatalogVersion = answer.CatalogVersion, Plans = { answer.Plans } };
    }
}
