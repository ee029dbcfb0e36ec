using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ListSuppressedResponse> ListSuppressed(ListSuppressedRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await dispatcher.ListSuppressedAsync(new Dispatcher.V1.ListSuppressedRequest { PageSize = request.PageSize, PageToken = request.PageToken }, OnBehalf.Of(context));
        return new ListSuppressedResponse { Suppressions = { answer.Suppressions }, NextPageToken = answer.NextPageToken };
    }
}
