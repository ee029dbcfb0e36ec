using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<PutPoolTermsResponse> PutPoolTerms(PutPoolTermsRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await credits.PutTermsAsync(new Credits.V1.PutTermsRequest { PoolId = request.PoolId, Terms = request.Terms, ValidateOnly = request.ValidateOnly }, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new PutPoolTermsResponse { Pool = answer.Pool, Terms = answer.Terms };
    }
}
