using Grpc.Core;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<CreateApiKeyResponse> CreateApiKey(CreateApiKeyRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Length("display_name", request.DisplayName, 1, 200);
            violations.Scopes("scopes", request.Scopes);
        });
        var caller = context.Caller();
        // A key cannot make one that may do more than itself.
        if (request.Scopes.FirstOrDefault(scope => !caller.Scopes.Contains(scope)) is { } missing) throw Errors.ScopesNotHeld(missing);

        var key = ApiKeyText.New(caller.Tenant);
        return await keys.KeepAsync(key, request.DisplayName, [.. request.Scopes.Distinct()], context.CancellationToken) switch
        {
            KeyKept.Kept kept => new CreateApiKeyResponse { ApiKey = kept.Key, Secret = key.Text.Reveal() },
            KeyKept.TooMany => throw Errors.TooManyKeys(ApiKeys.MaxKeys),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
