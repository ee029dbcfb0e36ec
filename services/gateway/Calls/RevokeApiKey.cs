using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<RevokeApiKeyResponse> RevokeApiKey(RevokeApiKeyRequest request, ServerCallContext context)
    {
        Check(context, violations => violations.Id("key_id", request.KeyId));
        var revoked = await keys.RevokeAsync(context.Caller().Tenant, request.KeyId, context.CancellationToken);
        return new RevokeApiKeyResponse { ApiKey = revoked ?? throw Errors.KeyNotFound(request.KeyId) };
    }
}
