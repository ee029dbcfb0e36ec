using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<VoidLotResponse> VoidLot(VoidLotRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await credits.VoidLotAsync(new Credits.V1.VoidLotRequest { PoolId = request.PoolId, LotId = request.LotId, ValidateOnly = request.ValidateOnly }, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new VoidLotResponse { Voided = answer.Voided, Pool = answer.Pool };
    }
}
