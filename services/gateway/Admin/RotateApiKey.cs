using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.V1;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Admin;

internal sealed partial class AdminApi
{
    private static readonly TimeSpan UsualOverlap = TimeSpan.FromDays(1);

    public override async Task<RotateApiKeyResponse> RotateApiKey(RotateApiKeyRequest request, ServerCallContext context)
    {
        PublicApi.Check(context, violations =>
        {
            violations.Id("key_id", request.KeyId);
            if (request.Overlap is { } asked && (asked.Nanos != 0 || asked.Seconds is < 0 or > 7 * 86_400)) violations.Add("overlap", "must be 0 s to 7 days in whole seconds");
            violations.OptionalId("tenant_id", request.TenantId);
        });
        var tenantId = await TenantOfAsync(context, request.TenantId, Scopes.TenantsWrite);
        var overlap = request.Overlap is null ? UsualOverlap : TimeSpan.FromSeconds(request.Overlap.Seconds);
        var act = new OperatorAct { Kind = OperatorActKind.RotateApiKey, KeyId = request.KeyId, Overlap = Duration.FromTimeSpan(overlap) };
        return await acts.RecordAsync(context, tenantId, act, async () =>
        {
            var key = await keys.FindAsync(tenantId, request.KeyId, context.CancellationToken) ?? throw Errors.KeyNotFound(request.KeyId);
            // Whoever has its text has its rights.
            await CheckGrantAsync(context, key, "key_id");
            var text = ApiKeyText.Another(tenantId, request.KeyId);
            return await keys.RotateAsync(text, overlap, context.CancellationToken) switch
            {
                KeyRotated.Rotated rotated => new RotateApiKeyResponse { ApiKey = rotated.Key, Secret = text.Text.Reveal() },
                KeyRotated.NotFound => throw Errors.KeyNotFound(request.KeyId),
                KeyRotated.NotValid => throw Errors.KeyNotValid(request.KeyId),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        });
    }
}
