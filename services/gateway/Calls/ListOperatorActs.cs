using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ListOperatorActsResponse> ListOperatorActs(ListOperatorActsRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Page(request.PageSize, request.PageToken);
            violations.Length("actor", request.Actor, 0, 200);
            violations.Known("kind", request.Kind);
        });
        var answer = await dispatcher.ListOperatorActsAsync(
            new Dispatcher.V1.ListOperatorActsRequest { PageSize = request.PageSize, PageToken = request.PageToken, Actor = request.Actor, Kind = request.Kind },
            OnBehalf.Of(context));
        return new ListOperatorActsResponse { Acts = { answer.Acts }, NextPageToken = answer.NextPageToken };
    }
}
