using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ComparePlansResponse> ComparePlans(ComparePlansRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await dispatcher.ComparePlansAsync(
            new Dispatcher.V1.ComparePlansRequest { Scenarios = { request.Scenarios }, Prospects = { request.Prospects } }, OnBehalf.Of(context));
        return new ComparePlansResponse { Outcomes = { answer.Outcomes }, Unseen = answer.Unseen, Currency = answer.Currency, PlanTime = answer.PlanTime };
    }
}
