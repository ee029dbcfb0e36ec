using Grpc.Core;
using Microsoft.Extensions.Options;
using Pennypost.Hosting;
using Pennypost.Router.V1;
using Pennypost.Routing;
using Pennypost.Routing.Planning;

namespace Pennypost.Router.Planning;

/// <summary>Plan and WhatIf: terms first, then the prospects, each judged as it comes; solved when the last one has.</summary>
internal sealed class PlanCalls(RoutingPolicy installation, IOptions<RouterOptions> options, Errors errors, ILogger<PlanCalls> log) : IDisposable
{
    private const int MaxProspects = 100_000;
    private const int MaxPerRequest = 1_000;
    private const int MaxPerResponse = 1_000;

    // What is kept of a prospect and a sender is a few dozen bytes: some hundred megabytes at the most.
    private const long MaxPairs = 5_000_000;

    private readonly SemaphoreSlim room = new(options.Value.MaxPlans);

    public async Task PlanAsync(IAsyncStreamReader<PlanRequest> requests, IServerStreamWriter<PlanResponse> responses, CancellationToken ct)
    {
        using var place = TakePlace();
        var first = await FirstAsync(requests, request => request.PartCase == PlanRequest.PartOneofCase.Terms, "terms", ct);
        var violations = new Violations();
        PlanParse.Terms("[0].terms.", first.Terms, installation, violations);
        if (violations.Any)
            throw errors.Invalid(violations);

        var drafts = new Drafts([first.Terms], installation);
        for (var index = 1; await requests.MoveNext(ct); index++)
            drafts.Add(index, requests.Current.PartCase == PlanRequest.PartOneofCase.Prospects ? requests.Current.Prospects : null, errors);

        var plan = drafts.Solve(ct)[0];
        foreach (var some in plan.Assignments.Chunk(MaxPerResponse))
        {
            var response = new PlanResponse();
            response.Assignments.AddRange(some.Select(assignment => PlanWire.Assignment(assignment, first.Terms.Explain)));
            await responses.WriteAsync(response, ct);
        }

        await responses.WriteAsync(new PlanResponse { Summary = PlanWire.Summary(plan) }, ct);
        log.Planned(plan.Assignments.Count, first.Terms.Senders.Count);
    }

    public async Task<WhatIfResponse> WhatIfAsync(IAsyncStreamReader<WhatIfRequest> requests, CancellationToken ct)
    {
        using var place = TakePlace();
        var first = await FirstAsync(requests, request => request.PartCase == WhatIfRequest.PartOneofCase.Scenarios, "scenarios", ct);
        var scenarios = first.Scenarios.Scenarios_;
        var violations = new Violations();
        violations.Items("[0].scenarios.scenarios", scenarios.Count, 1, 8);
        for (var i = 0; i < Math.Min(scenarios.Count, 8); i++)
            Scenario($"[0].scenarios.scenarios[{i}].", scenarios, i, violations);
        if (violations.Any)
            throw errors.Invalid(violations);

        var drafts = new Drafts([.. scenarios.Select(scenario => scenario.Terms)], installation);
        for (var index = 1; await requests.MoveNext(ct); index++)
            drafts.Add(index, requests.Current.PartCase == WhatIfRequest.PartOneofCase.Prospects ? requests.Current.Prospects : null, errors);

        var response = new WhatIfResponse();
        response.Outcomes.AddRange(drafts.Solve(ct).Select((plan, i) => new Types.V1.ScenarioOutcome { Name = scenarios[i].Name, Summary = PlanWire.Summary(plan) }));
        return response;
    }

    public void Dispose() => room.Dispose();

    private Place TakePlace() => room.Wait(0) ? new Place(room) : throw errors.PlansFull(options.Value.MaxPlans);

    private async Task<TRequest> FirstAsync<TRequest>(IAsyncStreamReader<TRequest> requests, Func<TRequest, bool> isRight, string part, CancellationToken ct)
    {
        if (await requests.MoveNext(ct) && isRight(requests.Current))
            return requests.Current;
        var violations = new Violations();
        violations.Add($"[0].{part}", "is required: the stream begins with it");
        throw errors.Invalid(violations);
    }

    private void Scenario(string at, Google.Protobuf.Collections.RepeatedField<Scenario> scenarios, int index, Violations violations)
    {
        violations.Length(at + "name", scenarios[index].Name, 1, 64);
        if (scenarios.Take(index).Any(earlier => earlier.Name == scenarios[index].Name))
            violations.Add(at + "name", "must be distinct: an earlier scenario has the same");
        if (violations.Required(at + "terms", scenarios[index].Terms))
            PlanParse.Terms(at + "terms.", scenarios[index].Terms, installation, violations);
    }

    private readonly struct Place(SemaphoreSlim room) : IDisposable
    {
        public void Dispose() => room.Release();
    }

    /// <summary>A draft per terms, and the prospects that all of them have.</summary>
    private sealed class Drafts(IReadOnlyList<V1.PlanTerms> terms, RoutingPolicy installation)
    {
        private readonly (PlanDraft Draft, DateTimeOffset Now)[] drafts =
            [.. terms.Select(one => (new PlanDraft(PlanWire.Terms(one), one.Policy is null ? installation : Wire.Policy(one.Policy, installation)), one.Now.ToDateTimeOffset()))];

        private readonly HashSet<string> ids = new(StringComparer.Ordinal);
        private readonly long pairsEach = terms.Sum(one => one.Senders.Count);

        public void Add(int index, PlanProspects? some, Errors errors)
        {
            var violations = new Violations();
            if (some is null)
                violations.Add($"[{index}].prospects", "is required: only the first request has anything else");
            else
                Parse($"[{index}].prospects.prospects", some, violations);
            if (violations.Any)
                throw errors.Invalid(violations);

            foreach (var prospect in some!.Prospects)
            {
                foreach (var (draft, now) in drafts)
                    draft.Add(PlanWire.Prospect(prospect, draft, now));
            }
        }

        public IReadOnlyList<Plan> Solve(CancellationToken ct) => [.. drafts.Select(one => one.Draft.Solve(ct))];

        private void Parse(string at, PlanProspects some, Violations violations)
        {
            violations.Items(at, some.Prospects.Count, 1, MaxPerRequest);
            if (some.Prospects.Count > MaxPerRequest)
                return;
            for (var i = 0; i < some.Prospects.Count; i++)
            {
                PlanParse.Prospect($"{at}[{i}].", some.Prospects[i], violations);
                if (some.Prospects[i].ProspectId.Length > 0 && !ids.Add(some.Prospects[i].ProspectId))
                    violations.Add($"{at}[{i}].prospect_id", "must be distinct: an earlier prospect has the same");
            }

            if (ids.Count > MaxProspects)
                violations.Add(at, $"must be at most {MaxProspects:N0} altogether");
            if (ids.Count * pairsEach > MaxPairs)
                violations.Add(at, $"must be at most {MaxPairs:N0}, times the senders of all terms");
        }
    }
}
