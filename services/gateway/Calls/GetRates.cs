using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<GetRatesResponse> GetRates(GetRatesRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            // What else is wrong with it the dispatcher and the router say, all of it at once.
            violations.Time("start_time", request.StartTime);
            violations.Time("end_time", request.EndTime);
            violations.Items("outcomes", request.Outcomes.Count, 0, Shapes.MaxBatch);
        });
        var answer = await dispatcher.GetRatesAsync(
            new Dispatcher.V1.GetRatesRequest
            {
                StartTime = request.StartTime,
                EndTime = request.EndTime,
                MatureAfter = request.MatureAfter,
                UnitCosts = request.UnitCosts,
                Outcomes = { request.Outcomes },
            },
            OnBehalf.Of(context));
        return new GetRatesResponse
        {
            Counts = { answer.Counts },
            Rates = { answer.Rates },
            Comparisons = { answer.Comparisons },
            Costs = { answer.Costs },
            StartTime = answer.StartTime,
            EndTime = answer.EndTime,
            YoungSent = answer.YoungSent,
            MergedSent = answer.MergedSent,
        };
    }
}
