using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<PlanMessagesResponse> PlanMessages(PlanMessagesRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await dispatcher.PlanMessagesAsync(
            new Dispatcher.V1.PlanMessagesRequest { Basis = request.Basis, Prospects = { request.Prospects }, Explain = request.Explain }, OnBehalf.Of(context));
        return new PlanMessagesResponse
        {
            Assignments = { answer.Assignments },
            Summary = answer.Summary,
            Unseen = answer.Unseen,
            Currency = answer.Currency,
            PlanTime = answer.PlanTime,
        };
    }
}
