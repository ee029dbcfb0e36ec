using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Pennypost.Router.V1;
using Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Policies;

/// <summary>Keeps a tenant's routing policies, after the router found nothing wrong with them.</summary>
internal sealed class PolicyCalls(TenantPolicies policies, RouterService.RouterServiceClient router, OperatorActs acts, Errors errors)
{
    private const int UsualPage = 50;
    private const int LargestPage = 500;

    public async Task<PutPolicyResponse> HandleAsync(Caller caller, PutPolicyRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        if (!violations.Required("policy", request.Policy))
            throw errors.Invalid(violations);
        var wanted = new RoutingPolicy(request.Policy) { Version = 0 };
        foreach (var violation in (await router.CheckPolicyAsync(new CheckPolicyRequest { Policy = wanted }, OnBehalf.Of(caller.Tenant, ct))).Violations)
            violations.Add("policy." + violation.Field, violation.Description);
        violations.Length("policy.etag", wanted.Etag, 0, 40);
        if (violations.Any)
            throw errors.Invalid(violations);
        var act = new OperatorAct { Kind = OperatorActKind.PutPolicy, Policy = wanted.Name };
        return request.ValidateOnly
            ? await PutAsync(caller.Tenant, wanted, validateOnly: true, ct)
            : await acts.RecordAsync(caller, act, _ => PutAsync(caller.Tenant, wanted, validateOnly: false, ct), ct);
    }

    private async Task<PutPolicyResponse> PutAsync(string tenant, RoutingPolicy wanted, bool validateOnly, CancellationToken ct)
    {
        switch (await policies.PutAsync(tenant, wanted, validateOnly, ct))
        {
            case PolicyPut.Kept kept:
                return new PutPolicyResponse { Policy = kept.Policy };
            case PolicyPut.LostRace:
                throw errors.LostRace();
            default:
                var violations = new Violations();
                violations.Add("policy.name", $"would be one more than the {TenantPolicies.Limit} that a tenant may have");
                throw errors.Invalid(violations);
        }
    }

    public async Task<GetPolicyResponse> HandleAsync(string tenant, GetPolicyRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Id("name", request.Name);
        if (violations.Any)
            throw errors.Invalid(violations);
        return new GetPolicyResponse { Policy = await policies.FindAsync(tenant, request.Name, ct) ?? throw errors.PolicyNotFound(request.Name) };
    }

    public async Task<ListPoliciesResponse> HandleAsync(string tenant, ListPoliciesRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Range("page_size", request.PageSize, 0, LargestPage);
        violations.OptionalId("page_token", request.PageToken);
        if (violations.Any)
            throw errors.Invalid(violations);
        var size = request.PageSize == 0 ? UsualPage : request.PageSize;
        // A token is the last name of the page before.
        var rest = (await policies.ListAsync(tenant, ct)).Where(policy => string.CompareOrdinal(policy.Name, request.PageToken) > 0).ToList();
        return new ListPoliciesResponse { Policies = { rest.Take(size) }, NextPageToken = rest.Count > size ? rest[size - 1].Name : "" };
    }
}
