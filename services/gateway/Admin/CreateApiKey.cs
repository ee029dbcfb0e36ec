using Grpc.Core;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.V1;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Admin;

internal sealed partial class AdminApi
{
    public override async Task<CreateApiKeyResponse> CreateApiKey(CreateApiKeyRequest request, ServerCallContext context)
    {
        PublicApi.Check(context, violations =>
        {
            violations.Length("display_name", request.DisplayName, 1, 200);
            violations.Scopes("scopes", request.Scopes);
            violations.Time("expire_time", request.ExpireTime);
            violations.OptionalId("tenant_id", request.TenantId);
            violations.Range("calls_per_day", request.CallsPerDay, 0, 1_000_000_000);
        });
        var tenantId = await TenantOfAsync(context, request.TenantId, Scopes.TenantsWrite);
        var (key, scopes) = (ApiKeyText.New(tenantId), request.Scopes.Distinct().ToList());
        var act = new OperatorAct { Kind = OperatorActKind.CreateApiKey, KeyId = key.KeyId, Scopes = { scopes } };
        return await acts.RecordAsync(context, tenantId, act, async () =>
        {
            await CheckGrantAsync(context, new ApiKey { Scopes = { scopes }, ExpireTime = request.ExpireTime, CallsPerDay = request.CallsPerDay });
            return await keys.KeepAsync(key, request.DisplayName, scopes, context.CancellationToken, request.ExpireTime?.ToDateTimeOffset(), request.CallsPerDay) switch
            {
                KeyKept.Kept kept => new CreateApiKeyResponse { ApiKey = kept.Key, Secret = key.Text.Reveal() },
                KeyKept.TooMany => throw Errors.TooManyKeys(ApiKeys.MaxKeys),
                KeyKept.ExpiresInThePast => throw Errors.Invalid("expire_time", "must lie in the future"),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        });
    }
}
