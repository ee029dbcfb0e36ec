using Grpc.Core;
using Microsoft.Extensions.Options;
using Pennypost.Errors.V1;

namespace Pennypost.Hosting;

/// <summary>
/// Service-to-service authentication: <c>authorization: Bearer {service token}</c>, and the tenant in <c>pennypost-tenant</c>.
/// Tokens are read at every call, so that they rotate without a restart.
/// </summary>
public sealed class ServiceTokens(IOptionsMonitor<HostingOptions> options, FaultDomain faults) : ICallAuthenticator
{
    /// <summary>The header with the tenant that a service asks for.</summary>
    public const string TenantHeader = "pennypost-tenant";

    private const string Bearer = "Bearer ";

    /// <inheritdoc />
    public ValueTask<Authentication> AuthenticateAsync(Metadata headers, string method, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Authenticate(headers));

    private Authentication Authenticate(Metadata headers)
    {
        var presented = headers.GetValue("authorization") is { } header && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? header[Bearer.Length..].Trim()
            : null;
        // All are compared, also after a match: the time taken tells nothing.
        var known = false;
        foreach (var token in options.CurrentValue.ServiceTokens) known |= token.Matches(presented);
        if (!known) return new Authentication.Refused(faults.Fault(ErrorReason.CredentialInvalid, "The service token is missing or not valid."));

        var tenants = headers.GetAll(TenantHeader).Take(2).ToList();
        if (tenants.Count == 1 && Ids.IsId(tenants[0].Value)) return new Authentication.Accepted(Caller.Service(tenants[0].Value));
        return new Authentication.Refused(faults.Fault(ErrorReason.ScopeMissing, $"A service names the tenant it asks for once, as an id, in {TenantHeader}.", ("scope", "tenant")));
    }
}
