using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ListApiKeysResponse> ListApiKeys(ListApiKeysRequest request, ServerCallContext context)
    {
        Check(context, _ => { });
        var kept = await keys.ListAsync(context.Caller().Tenant, context.CancellationToken);
        return new ListApiKeysResponse { ApiKeys = { kept.OrderBy(key => key.KeyId, StringComparer.Ordinal) } };
    }
}
