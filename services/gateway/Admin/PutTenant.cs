using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Admin;

internal sealed partial class AdminApi
{
    public override async Task<PutTenantResponse> PutTenant(PutTenantRequest request, ServerCallContext context)
    {
        var own = context.Caller().Tenant;
        PublicApi.Check(context, violations => Shape(violations, request.Tenant, own));
        var act = new OperatorAct { Kind = OperatorActKind.PutTenant, Suspended = request.Tenant.Suspended };
        return await acts.RecordAsync(context, request.Tenant.TenantId, act, async () => new PutTenantResponse
        {
            Tenant = await tenants.PutAsync(request.Tenant, context.CancellationToken) ?? throw Errors.LostRace(),
        });
    }

    private static void Shape(Violations violations, Tenant? tenant, string own)
    {
        if (!violations.Required("tenant", tenant)) return;
        violations.Id("tenant.tenant_id", tenant!.TenantId);
        violations.Length("tenant.display_name", tenant.DisplayName, 0, 200);
        // Nobody would be left to lift it.
        if (tenant.Suspended && tenant.TenantId == own) violations.Add("tenant.suspended", "must be false for the tenant of the key that asks");
        violations.Range("tenant.calls_per_second", tenant.CallsPerSecond, 0, 1_000_000);
        violations.Range("tenant.key_calls_per_second", tenant.KeyCallsPerSecond, 0, 1_000_000);
        violations.Range("tenant.key_concurrent_calls", tenant.KeyConcurrentCalls, 0, 100_000);
        violations.Range("tenant.calls_per_day", tenant.CallsPerDay, 0, 1_000_000_000);
        violations.Length("tenant.etag", tenant.Etag, 0, 100);
    }
}
