using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<TopUpPoolResponse> TopUpPool(TopUpPoolRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("pool_id", request.PoolId);
            violations.Id("top_up_id", request.TopUpId);
            violations.Range("credits", request.Credits, 1, 10_000);
            violations.Range("unit_cost_micros", request.UnitCostMicros, 0, 1_000_000_000);
            if (request.Currency.Length > 0 ? !(request.Currency.Length == 3 && request.Currency.All(char.IsAsciiLetterUpper)) : request.UnitCostMicros != 0)
                violations.Add("currency", "must be three capital letters (ISO 4217); required if unit_cost_micros is not 0");
            violations.Time("expire_time", request.ExpireTime);
        });
        var answer = await credits.TopUpAsync(new Credits.V1.TopUpRequest
        {
            PoolId = request.PoolId,
            TopUpId = request.TopUpId,
            Credits = request.Credits,
            UnitCostMicros = request.UnitCostMicros,
            Currency = request.Currency,
            ExpireTime = request.ExpireTime,
        }, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new TopUpPoolResponse { Pool = answer.Pool };
    }
}
