using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ListBreakersResponse> ListBreakers(ListBreakersRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await dispatcher.ListBreakersAsync(new Dispatcher.V1.ListBreakersRequest { PageSize = request.PageSize, PageToken = request.PageToken }, OnBehalf.Of(context));
        return new ListBreakersResponse { Breakers = { answer.Breakers }, NextPageToken = answer.NextPageToken };
    }
}
