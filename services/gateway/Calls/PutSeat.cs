using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<PutSeatResponse> PutSeat(PutSeatRequest request, ServerCallContext context)
    {
        Check(context);
        var asked = new Credits.V1.PutSeatRequest
        {
            PoolId = request.PoolId,
            AccountId = request.AccountId,
            ValidateOnly = request.ValidateOnly,
        };
        // Unset is not zero.
        if (request.HasPeriodLimit) asked.PeriodLimit = request.PeriodLimit;
        if (request.HasWeekLimit) asked.WeekLimit = request.WeekLimit;
        var answer = await credits.PutSeatAsync(asked, OnBehalf.Of(context).ForPartition(request.PoolId));
        return new PutSeatResponse { Seat = answer.Seat };
    }
}
