using Google.Protobuf;
using Grpc.Core;
using Pennypost.Hosting;
using Pennypost.Router.Planning;
using Pennypost.Router.V1;
using Pennypost.Routing;
using Pennypost.Routing.Rates;

namespace Pennypost.Router;

/// <summary>The router's calls: parse, decide, answer.</summary>
internal sealed class RouterEdge(RoutingPolicy policy, Errors errors, RouteMeter meter, PlanCalls plans, ILogger<RouterEdge> log) : RouterService.RouterServiceBase
{
    public override Task<RouteResponse> Route(RouteRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        Parse.Route(request, "", policy, violations);
        if (violations.Any)
            throw errors.Invalid(violations);

        return Task.FromResult(new RouteResponse { Decision = Decide(request) });
    }

    // One at a time, each answered before the next is read: the transport's own windows bound what waits on either side.
    public override async Task RouteMany(
        IAsyncStreamReader<RouteManyRequest> requestStream,
        IServerStreamWriter<RouteManyResponse> responseStream,
        ServerCallContext context)
    {
        var items = 0L;
        await foreach (var item in requestStream.ReadAllAsync(context.CancellationToken))
        {
            // What is wrong with one concerns nobody else's.
            var violations = new Violations();
            Parse.RouteMany(item, policy, violations);
            var answer = new RouteManyResponse { CorrelationId = item.CorrelationId };
            if (violations.Any)
                answer.Error = UnsafeByteOperations.UnsafeWrap(errors.Invalid(violations).Trailers.GetValueBytes(RpcFault.DetailsTrailer)!);
            else
                answer.Decision = Decide(item.Route);
            await responseStream.WriteAsync(answer, context.CancellationToken);
            items++;
        }

        log.StreamEnded(items);
    }

    public override Task<CheckPolicyResponse> CheckPolicy(CheckPolicyRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        if (!violations.Required("policy", request.Policy))
            throw errors.Invalid(violations);

        var response = new CheckPolicyResponse();
        response.Violations.Add(PolicyCheck.Of(Wire.Policy(request.Policy, policy)).Select(fault => new Types.V1.PolicyViolation { Field = fault.Field, Description = fault.Problem }));
        return Task.FromResult(response);
    }

    public override Task Plan(IAsyncStreamReader<PlanRequest> requestStream, IServerStreamWriter<PlanResponse> responseStream, ServerCallContext context) =>
        plans.PlanAsync(requestStream, responseStream, context.CancellationToken);

    public override Task<WhatIfResponse> WhatIf(IAsyncStreamReader<WhatIfRequest> requestStream, ServerCallContext context) =>
        plans.WhatIfAsync(requestStream, context.CancellationToken);

    public override Task<MeasureRatesResponse> MeasureRates(MeasureRatesRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        RatesRequests.Parse(request, violations);
        if (violations.Any)
            throw errors.Invalid(violations);

        return Task.FromResult(RatesWire.Answer(Measuring.Of(RatesWire.Counts(request), RatesWire.Costs(request.UnitCosts)), request.UnitCosts?.Currency ?? ""));
    }

    public override Task<LintContentResponse> LintContent(LintContentRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        Parse.LintContent(request, violations);
        if (violations.Any)
            throw errors.Invalid(violations);

        var response = new LintContentResponse();
        response.Findings.Add(Lint.Of(Wire.Content(request.Content), request.Tier == Types.V1.Tier.Unspecified ? null : (Tier)request.Tier, Wire.Time(request.SendTime), policy).Select(Wire.Finding));
        return Task.FromResult(response);
    }

    private Types.V1.Decision Decide(RouteRequest request)
    {
        var question = Wire.Question(request);
        var asked = request.Policy is null ? policy : Wire.Policy(request.Policy, policy);
        var decision = Routing.Route.Decide(question, asked);
        var answer = Wire.Answer(decision, question.Prospect);
        (answer.PolicyName, answer.PolicyVersion) = (asked.Name, asked.Version);
        if (request.Explain)
        {
            answer.Explanation = Explanation.Of(decision, asked);
            answer.Advice.Add(Lint.Advice(question.Content, question.Now).Select(finding => finding.Words));
        }

        meter.Count(answer);
        log.Decided(decision.Candidates.Count, question.Senders.Count, decision.GetType().Name);
        return answer;
    }
}
