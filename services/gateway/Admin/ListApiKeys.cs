using Grpc.Core;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.V1;

namespace Pennypost.Gateway.Admin;

internal sealed partial class AdminApi
{
    public override async Task<ListApiKeysResponse> ListApiKeys(ListApiKeysRequest request, ServerCallContext context)
    {
        PublicApi.Check(context, violations => violations.OptionalId("tenant_id", request.TenantId));
        var tenantId = await TenantOfAsync(context, request.TenantId, Scopes.TenantsRead);
        var kept = await keys.ListAsync(tenantId, context.CancellationToken) ?? throw Errors.TenantNotFound(tenantId);
        return new ListApiKeysResponse { ApiKeys = { kept.OrderBy(key => key.KeyId, StringComparer.Ordinal) } };
    }
}
