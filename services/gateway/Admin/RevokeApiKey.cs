using Grpc.Core;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.V1;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Admin;

internal sealed partial class AdminApi
{
    public override async Task<RevokeApiKeyResponse> RevokeApiKey(RevokeApiKeyRequest request, ServerCallContext context)
    {
        PublicApi.Check(context, violations =>
        {
            violations.Id("key_id", request.KeyId);
            violations.OptionalId("tenant_id", request.TenantId);
        });
        var tenantId = await TenantOfAsync(context, request.TenantId, Scopes.TenantsWrite);
        var act = new OperatorAct { Kind = OperatorActKind.RevokeApiKey, KeyId = request.KeyId };
        return await acts.RecordAsync(context, tenantId, act, async () => new RevokeApiKeyResponse
        {
            ApiKey = await keys.RevokeAsync(tenantId, request.KeyId, context.CancellationToken) ?? throw Errors.KeyNotFound(request.KeyId),
        });
    }
}
