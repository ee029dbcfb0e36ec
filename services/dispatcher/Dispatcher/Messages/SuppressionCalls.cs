using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;

namespace Pennypost.Dispatcher.Messages;

/// <summary>The calls about the suppression list.</summary>
internal sealed class SuppressionCalls(Suppressions suppressions, Identifiers identifiers, Errors errors)
{
    private const int UsualPage = 50;
    private const int LargestPage = 500;

    public async Task<SuppressProspectResponse> HandleAsync(string tenant, SuppressProspectRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        var byEmail = request.Email.Length > 0;
        if (byEmail && request.Profile.Length > 0)
            violations.Add("email", "and profile must not both be set");
        if (byEmail)
            Parse.Email("email", request.Email, violations);
        var identifier = byEmail && request.Profile.Length == 0 ? "" : violations.Profile("profile", request.Profile);
        if (violations.Any)
            throw errors.Invalid(violations);
        if (byEmail)
        {
            var owner = await suppressions.SuppressEmailAsync(tenant, identifiers.Email(tenant, request.Email), request.Unsuppress, ct);
            return new SuppressProspectResponse { ProspectId = owner, Suppressed = !request.Unsuppress };
        }

        var prospectId = identifiers.Prospect(tenant, identifier!);
        await suppressions.SuppressAsync(tenant, prospectId, request.Unsuppress, ct);
        return new SuppressProspectResponse { ProspectId = prospectId, Suppressed = !request.Unsuppress };
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
