using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ForecastPoolResponse> ForecastPool(ForecastPoolRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await credits.ForecastAsync(new Credits.V1.ForecastRequest
        {
            PoolId = request.PoolId,
            Days = request.Days,
            SendsPerDay = request.SendsPerDay,
            Sent = request.Sent,
            Replied = request.Replied,
            Prior = request.Prior,
            ReplyHalfLife = request.ReplyHalfLife,
            UnansweredSends = { request.UnansweredSends },
            WhatIf = request.WhatIf,
        }, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new ForecastPoolResponse { AsOfTime = answer.AsOfTime, PoolVersion = answer.PoolVersion, ReplyRate = answer.ReplyRate, Projection = answer.Projection, WhatIf = answer.WhatIf, Difference = answer.Difference };
    }
}
