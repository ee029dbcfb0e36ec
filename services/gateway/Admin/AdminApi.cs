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

    /// <summary>Nobody gives, or gets hold of, more than they have: neither a scope nor a longer life nor more calls of a day.</summary>
    /// <param name="context">Whose call it is.</param>
    /// <param name="given">What the key may do.</param>
    /// <param name="named">The request's field that names the key; null where it says itself what the key may do.</param>
    private async Task CheckGrantAsync(ServerCallContext context, ApiKey given, string? named = null)
    {
        var caller = context.Caller();
        if (given.Scopes.FirstOrDefault(scope => !caller.Scopes.Contains(scope)) is { } missing) throw Errors.ScopeMissing(missing).ToException();
        var own = await keys.OwnAsync(caller, context.CancellationToken);
        var violations = new Violations();
        if (own?.ExpireTime is { } end && (given.ExpireTime is null || given.ExpireTime > end)) violations.Add(named ?? "expire_time", "must not outlive the key that asks");
        if (own is { CallsPerDay: > 0 and var most } && (given.CallsPerDay == 0 || given.CallsPerDay > most))
            violations.Add(named ?? "calls_per_day", "must not have more calls a day than the key that asks");
        if (violations.Any) throw Errors.Invalid(violations);
    }
}
