using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<VerifyPoolResponse> VerifyPool(VerifyPoolRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("pool_id", request.PoolId);
        });
        var answer = await credits.VerifyJournalAsync(new Credits.V1.VerifyJournalRequest { PoolId = request.PoolId }, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new VerifyPoolResponse { Valid = answer.Valid, Entries = answer.Entries, Findings = { answer.Findings }, HeadHash = answer.HeadHash };
    }
}
