using Grpc.Core;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Keys;

/// <summary>Tells who calls by <c>authorization: Bearer pp_live_...</c>, and whether the key's tenant and scopes allow the call.</summary>
internal sealed class ApiKeyAuthenticator(ApiKeys keys, TenantBook tenants) : ICallAuthenticator
{
    private const string Bearer = "Bearer ";

    public async ValueTask<Authentication> AuthenticateAsync(Metadata headers, string method, CancellationToken cancellationToken)
    {
        var header = headers.GetValue("authorization");
        if (header is null || !header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) || !ApiKeyText.TryParse(header[Bearer.Length..].Trim(), out var key))
            return new Authentication.Refused(Errors.CredentialInvalid());
        if (await keys.FindAsync(key, cancellationToken) is not { } caller) return new Authentication.Refused(Errors.CredentialInvalid());
        // Only whoever has a valid key is told: nobody else learns which tenants there are.
        if ((await tenants.FindAsync(caller.Tenant, cancellationToken)).IsSuspended) return new Authentication.Refused(Errors.TenantSuspended());
        var scope = Scopes.Of(method) ?? "none";
        return caller.Scopes.Contains(scope) ? new Authentication.Accepted(caller) : new Authentication.Refused(Errors.ScopeMissing(scope));
    }
}
