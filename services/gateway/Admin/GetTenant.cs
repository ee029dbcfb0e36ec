using Grpc.Core;
using Pennypost.Gateway.V1;

namespace Pennypost.Gateway.Admin;

internal sealed partial class AdminApi
{
    public override async Task<GetTenantResponse> GetTenant(GetTenantRequest request, ServerCallContext context)
    {
        PublicApi.Check(context, violations => violations.Id("tenant_id", request.TenantId));
        return new GetTenantResponse { Tenant = await tenants.FindAsync(request.TenantId, context.CancellationToken) ?? throw Errors.TenantNotFound(request.TenantId) };
    }
}
