using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ListPoliciesResponse> ListPolicies(ListPoliciesRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Page(request.PageSize, request.PageToken);
        });
        var answer = await dispatcher.ListPoliciesAsync(new Dispatcher.V1.ListPoliciesRequest { PageSize = request.PageSize, PageToken = request.PageToken }, OnBehalf.Of(context));
        return new ListPoliciesResponse { Policies = { answer.Policies }, NextPageToken = answer.NextPageToken };
    }
}
