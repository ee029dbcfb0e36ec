using Google.Protobuf.Collections;
using Grpc.Core;
using Pennypost.Dispatcher.Adapters;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Policies;
using Pennypost.Dispatcher.Rates;
using Pennypost.Dispatcher.V1;
using Pennypost.Dispatcher.Work;
using Pennypost.Hosting;
using Pennypost.Router.V1;
using Pennypost.Store;
using Wire = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Planning;

/// <summary>
/// Plans over the tenant's senders, pools and prospects as they are known now. It reads and asks the router: nothing is written, held or looked up at the provider.
/// </summary>
internal sealed class PlanMessages(
    Routes routes, Prospects prospects, Identifiers identifiers, TenantPolicies policies, RateCounts counts, ChannelAdapters adapters, RouterService.RouterServiceClient router, StateStore store, Errors errors)
{
    private const int ReadAtOnce = 64;

    /// <summary>Prospects, and what single senders know of them, in one request to the router: a megabyte or so.</summary>
    private const int MostPerRequest = 1_000;
    private const int MostViewsPerRequest = 10_000;

    private readonly Wire.Channel[] _offered = [.. adapters.Channels.Order().Select(channel => (Wire.Channel)channel)];

    /// <summary>A basis with what the dispatcher knows.</summary>
    private sealed record Known(PlanTerms Terms, IReadOnlyList<SenderInHand> Senders, string Currency);

    public async Task<PlanMessagesResponse> HandleAsync(string tenant, PlanMessagesRequest request, CancellationToken ct)
    {
        var now = await store.NowAsync(ct);
        var violations = new Violations();
        PlanRequests.Basis("basis", request.Basis, violations);
        var profiles = PlanRequests.Prospects(request.Prospects, now, violations);
        var basis = (await KnownAsync(tenant, [("basis", request.Basis)], now, violations, ct))[0];
        basis.Terms.Explain = request.Explain;
        var (people, unseen) = await PeopleAsync(tenant, request.Prospects, profiles, [basis], now, ct);

        using var call = router.Plan(OnBehalf.Of(tenant, ct));
        await SendAsync(call.RequestStream, new PlanRequest { Terms = basis.Terms }, people, some => new PlanRequest { Prospects = some }, ct);
        var response = new PlanMessagesResponse { Unseen = unseen, Currency = basis.Currency, PlanTime = basis.Terms.Now };
        await foreach (var part in call.ResponseStream.ReadAllAsync(ct))
        {
            response.Assignments.AddRange(part.Assignments);
            response.Summary = part.Summary ?? response.Summary;
        }

        return response;
    }

    public async Task<ComparePlansResponse> HandleAsync(string tenant, ComparePlansRequest request, CancellationToken ct)
    {
        var now = await store.NowAsync(ct);
        var violations = new Violations();
        PlanRequests.Scenarios(request.Scenarios, violations);
        var profiles = PlanRequests.Prospects(request.Prospects, now, violations);
        var bases = await KnownAsync(tenant, [.. request.Scenarios.Take(PlanRequests.MostScenarios).Select((scenario, i) => ($"scenarios[{i}].basis", scenario.Basis))], now, violations, ct);
        var (people, unseen) = await PeopleAsync(tenant, request.Prospects, profiles, bases, now, ct);

        var scenarios = new Scenarios { Scenarios_ = { bases.Select((basis, i) => new Scenario { Name = request.Scenarios[i].Name, Terms = basis.Terms }) } };
        using var call = router.WhatIf(OnBehalf.Of(tenant, ct));
        await SendAsync(call.RequestStream, new WhatIfRequest { Scenarios = scenarios }, people, some => new WhatIfRequest { Prospects = some }, ct);
        var answer = await call.ResponseAsync;
        return new ComparePlansResponse { Outcomes = { answer.Outcomes }, Unseen = unseen, Currency = bases.Select(basis => basis.Currency).FirstOrDefault(currency => currency.Length > 0) ?? "", PlanTime = bases[0].Terms.Now };
    }

    /// <summary>Every basis with what is known, or everything that is wrong with the request.</summary>
    private async Task<IReadOnlyList<Known>> KnownAsync(string tenant, IReadOnlyList<(string At, Wire.PlanBasis? Basis)> bases, DateTimeOffset now, Violations violations, CancellationToken ct)
    {
        foreach (var (at, basis) in bases)
            if (basis is not null)
                await CheckPolicyAsync(tenant, at, basis, violations, ct);
        // Who sends is asked for only where it can be read: then what is wrong with pools is told with the rest.
        if (violations.Any)
            throw errors.Invalid(violations);

        var known = new List<Known>();
        foreach (var (at, basis) in bases)
            known.Add(await KnownAsync(tenant, at, basis!, now, violations, ct));
        var currencies = known.Select(one => one.Currency).Where(currency => currency.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        if (currencies.Count > 1)
            violations.Add($"{bases[^1].At}.account_ids", $"draw on pools with prices in other currencies than an earlier scenario's: {string.Join(", ", currencies)}");
        return violations.Any ? throw errors.Invalid(violations) : known;
    }

    private async Task CheckPolicyAsync(string tenant, string at, Wire.PlanBasis basis, Violations violations, CancellationToken ct)
    {
        if (basis.Policy.Length > 0 && Ids.IsId(basis.Policy) && await policies.OfAsync(tenant, basis.Policy, ct) is null)
            violations.Add($"{at}.policy", "must name a routing policy that the tenant keeps");
        if (basis.DraftPolicy is null)
            return;
        violations.Length($"{at}.draft_policy.etag", basis.DraftPolicy.Etag, 0, 40);
        foreach (var violation in (await router.CheckPolicyAsync(new CheckPolicyRequest { Policy = Draft(basis.DraftPolicy) }, OnBehalf.Of(tenant, ct))).Violations)
            violations.Add($"{at}.draft_policy.{violation.Field}", violation.Description);
    }

    private async Task<Known> KnownAsync(string tenant, string at, Wire.PlanBasis basis, DateTimeOffset now, Violations violations, CancellationToken ct)
    {
        var senders = await routes.SendersAsync(tenant, basis.AccountIds, ct);
        if (basis.AccountIds.FirstOrDefault(id => senders.All(sender => sender.Account.Id != id)) is { } unknown)
            throw errors.AccountNotFound(unknown);
        if (senders.Count == 0)
            throw errors.NoSender();

        var pools = PlanSenders.Pools(senders, basis.Pools, now).ToList();
        foreach (var (i, supposed) in basis.Pools.Index().Where(one => pools.TrueForAll(pool => pool.PoolId != one.Item.PoolId)))
            violations.Add($"{at}.pools[{i}].pool_id", "must be a pool that one of the senders draws on");
        var currencies = senders.Select(sender => sender.Pool).Where(pool => pool is { PriceMicros: > 0, Currency.Length: > 0 }).Select(pool => pool!.Currency).Distinct(StringComparer.Ordinal).ToList();
        // Millionths of one are not millionths of the other.
        if (currencies.Count > 1)
            violations.Add($"{at}.account_ids", $"draw on pools with prices in several currencies ({string.Join(", ", currencies)}): plan them apart");

        var terms = new PlanTerms
        {
            Pools = { pools },
            Content = basis.Content,
            Rates = { basis.Rates },
            Replies = basis.Replies ?? await counts.RepliesAsync(tenant, ct),
            Now = ToWire.Time(now),
            Days = basis.Days,
            Policy = basis.DraftPolicy is { } draft ? Draft(draft) : await policies.OfAsync(tenant, basis.Policy, ct),
        };
        terms.Senders.AddRange(senders.Select(sender => PlanSenders.Of(sender, _offered, now)));
        return new Known(terms, senders, currencies.FirstOrDefault() ?? "");
    }

    /// <summary>One that is only tried needs no name.</summary>
    private static Wire.RoutingPolicy Draft(Wire.RoutingPolicy policy) => new(policy) { Version = 0, Name = policy.Name.Length == 0 ? "draft" : policy.Name };

    private async Task<(IReadOnlyList<PlanProspect> People, int Unseen)> PeopleAsync(
        string tenant, RepeatedField<Wire.PlannedProspect> planned, IReadOnlyList<string> profiles, IReadOnlyList<Known> bases, DateTimeOffset now, CancellationToken ct)
    {
        var accountIds = bases.SelectMany(basis => basis.Senders).Select(sender => sender.Account.Id).Distinct(StringComparer.Ordinal).ToList();
        var people = new PlanProspect[planned.Count];
        var unseen = 0;
        await Parallel.ForAsync(0, planned.Count, new ParallelOptions { MaxDegreeOfParallelism = ReadAtOnce, CancellationToken = ct }, async (i, token) =>
        {
            var prospectId = identifiers.Prospect(tenant, profiles[i]);
            var kept = await prospects.FindAsync(tenant, prospectId, token);
            people[i] = PlanFacts.Of(planned[i], prospectId, kept, accountIds, now);
            if (PlanFacts.IsUnseen(planned[i], kept, accountIds))
                Interlocked.Increment(ref unseen);
        });
        return (people, unseen);
    }

    private static async Task SendAsync<TRequest>(IClientStreamWriter<TRequest> requests, TRequest first, IReadOnlyList<PlanProspect> people, Func<PlanProspects, TRequest> request, CancellationToken ct)
    {
        try
        {
            await requests.WriteAsync(first, ct);
            var (some, views) = (new PlanProspects(), 0);
            foreach (var person in people)
            {
                if (some.Prospects.Count == MostPerRequest || (views + person.Views.Count > MostViewsPerRequest && some.Prospects.Count > 0))
                {
                    await requests.WriteAsync(request(some), ct);
                    (some, views) = (new PlanProspects(), 0);
                }

                some.Prospects.Add(person);
                views += person.Views.Count;
            }

            await requests.WriteAsync(request(some), ct);
            await requests.CompleteAsync();
        }
        catch (Exception ended) when (ended is RpcException or InvalidOperationException && !ct.IsCancellationRequested)
        {
            // The router has ended the call before it had heard all; its answer says why.
        }
    }
}
