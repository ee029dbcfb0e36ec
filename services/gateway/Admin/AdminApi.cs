using Grpc.Core;
using Pennypost.Dispatcher.V1;
using Pennypost.Gateway.Audit;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Admin;

/// <summary>Who may do what: one file per call. Keys and tenants are the gateway's own; the list of acts is the dispatcher's.</summary>
internal sealed partial class AdminApi(ApiKeys keys, Tenants tenants, AdministrativeActs acts, DispatcherService.DispatcherServiceClient dispatcher) : AdminService.AdminServiceBase
{
    /// <summary>
    /// Whose things are meant: the caller's own tenant's, unless another one is named, which only a key of the installation's may. Whoever may not is told so
    /// before anything else: whether there is such a tenant is nobody else's business.
    /// </summary>
    private async Task<string> TenantOfAsync(ServerCallContext context, string named, string scope)
    {
        var caller = context.Caller();
        if (named.Length == 0 || named == caller.Tenant) return caller.Tenant;
        if (!caller.Scopes.Contains(scope)) throw Errors.ScopeMissing(scope).ToException();
        return await tenants.FindAsync(named, context.CancellationToken) is null ? throw Errors.TenantNotFound(named) : named;
    }

    /// <summary>Nobody gives, or gets hold of, more than they have: neither a scope nor a longer life.</summary>
    private async Task CheckGrantAsync(ServerCallContext context, IEnumerable<string> scopes, DateTimeOffset? expireTime, string field)
    {
        var caller = context.Caller();
        if (scopes.FirstOrDefault(scope => !caller.Scopes.Contains(scope)) is { } missing) throw Errors.ScopeMissing(missing).ToException();
        if (await keys.ExpiryAsync(caller, context.CancellationToken) is { } end && (expireTime is null || expireTime > end))
            throw Errors.Invalid(field, "must not outlive the key that asks");
    }
}
