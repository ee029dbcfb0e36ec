using Grpc.Core;
using Microsoft.Extensions.Options;
using Pennypost.Errors.V1;

namespace Pennypost.Hosting;

/// <summary>
/// Service-to-service authentication: <c>authorization: Bearer {service token}</c>, the tenant in <c>pennypost-tenant</c>, and in <c>pennypost-key</c> for which of its API keys.
/// Tokens are read at every call, so that they rotate without a restart.
/// </summary>
public sealed class ServiceTokens(IOptionsMonitor<HostingOptions> options, FaultDomain faults) : ICallAuthenticator
{
    /// <summary>The header with the tenant that a service asks for.</summary>
    public const string TenantHeader = "pennypost-tenant";

    /// <summary>The header with the id of the API key that the service asks for; none for what it does by itself.</summary>
    public const string KeyHeader = "pennypost-key";

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
        if (tenants.Count == 1 && Ids.IsId(tenants[0].Value))
            return new Authentication.Accepted(Caller.Service(tenants[0].Value, headers.GetValue(KeyHeader) is { } key && Ids.IsId(key) ? key : ""));
        return new Authentication.Refused(faults.Fault(ErrorReason.ScopeMissing, $"A service names the tenant it asks for once, as an id, in {TenantHeader}.", ("scope", "tenant")));
    }
}
