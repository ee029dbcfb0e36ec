using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Messages;

/// <summary>The calls about the suppression list.</summary>
internal sealed class SuppressionCalls(Suppressions suppressions, Identifiers identifiers, OperatorActs acts, Errors errors)
{
    private const int UsualPage = 50;
    private const int LargestPage = 500;

    public async Task<SuppressProspectResponse> HandleAsync(Caller caller, SuppressProspectRequest request, CancellationToken ct)
    {
        var tenant = caller.Tenant;
        var violations = new Violations();
        var byEmail = request.Email.Length > 0;
        if (byEmail && request.Profile.Length > 0)
            violations.Add("email", "and profile must not both be set");
        if (byEmail)
            violations.Email("email", request.Email);
        var identifier = byEmail && request.Profile.Length == 0 ? "" : violations.Profile("profile", request.Profile);
        OperatorActs.Check(request.Actor, request.Why, violations);
        if (violations.Any)
            throw errors.Invalid(violations);
        var act = new OperatorAct
        {
            Kind = request.Unsuppress ? OperatorActKind.UnsuppressProspect : OperatorActKind.SuppressProspect,
            Actor = request.Actor,
            Why = request.Why,
            ProspectId = byEmail ? "" : identifiers.Prospect(tenant, identifier!),
            EmailId = byEmail ? identifiers.Email(tenant, request.Email) : "",
        };
        return await acts.RecordAsync(caller, act, _ => SetAsync(tenant, act, request.Unsuppress, ct), ct);
    }

    private async Task<SuppressProspectResponse> SetAsync(string tenant, OperatorAct act, bool unsuppress, CancellationToken ct)
    {
        if (act.EmailId.Length > 0)
            return new SuppressProspectResponse { ProspectId = await suppressions.SuppressEmailAsync(tenant, act.EmailId, unsuppress, ct), Suppressed = !unsuppress };
        await suppressions.SuppressAsync(tenant, act.ProspectId, unsuppress, ct);
        return new SuppressProspectResponse { ProspectId = act.ProspectId, Suppressed = !unsuppress };
    }

    public async Task<ListSuppressedResponse> HandleAsync(string tenant, ListSuppressedRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Range("page_size", request.PageSize, 0, LargestPage);
        violations.OptionalId("page_token", request.PageToken);
        if (violations.Any)
            throw errors.Invalid(violations);
        var (entries, next) = await suppressions.ListAsync(tenant, request.PageSize == 0 ? UsualPage : request.PageSize, request.PageToken.Length == 0 ? null : request.PageToken, ct);
        var response = new ListSuppressedResponse { NextPageToken = next ?? "" };
        response.Suppressions.AddRange(entries.Select(entry => new Suppression { ProspectId = entry.ProspectId, ByEmail = entry.IsAddress, SuppressTime = ToWire.Time(entry.Since) }));
        return response;
    }
}
