using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<GetBreakerHistoryResponse> GetBreakerHistory(GetBreakerHistoryRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("account_id", request.AccountId);
        });
        var answer = await dispatcher.GetBreakerHistoryAsync(new Dispatcher.V1.GetBreakerHistoryRequest { AccountId = request.AccountId }, OnBehalf.Of(context).ForPartition(request.AccountId));
        return new GetBreakerHistoryResponse { Breakers = { answer.Breakers }, Events = { answer.Events } };
    }
}
