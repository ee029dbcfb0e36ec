using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<GetBacklogResponse> GetBacklog(GetBacklogRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await dispatcher.GetBacklogAsync(new Dispatcher.V1.GetBacklogRequest { PageSize = request.PageSize, PageToken = request.PageToken }, OnBehalf.Of(context));
        return new GetBacklogResponse { Counts = { answer.Counts }, Read = answer.Read, NextPageToken = answer.NextPageToken };
    }
}
