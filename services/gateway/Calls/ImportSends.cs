using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ImportSendsResponse> ImportSends(ImportSendsRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await credits.ImportSendsAsync(new Credits.V1.ImportSendsRequest
        {
            PoolId = request.PoolId,
            Sends = { request.Sends },
            ValidateOnly = request.ValidateOnly,
        }, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new ImportSendsResponse { Results = { answer.Results }, Pool = answer.Pool };
    }
}
