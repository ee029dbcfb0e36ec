using Grpc.Core;
using Pennypost.Gateway.V1;

namespace Pennypost.Gateway.Admin;

internal sealed partial class AdminApi
{
    private const int UsualPage = 50;
    private const int LargestPage = 500;

    public override async Task<ListTenantsResponse> ListTenants(ListTenantsRequest request, ServerCallContext context)
    {
        PublicApi.Check(context, violations =>
        {
            violations.Range("page_size", request.PageSize, 0, LargestPage);
            violations.OptionalId("page_token", request.PageToken);
        });
        var (page, next) = await tenants.ListAsync(request.PageSize == 0 ? UsualPage : request.PageSize, request.PageToken, context.CancellationToken);
        return new ListTenantsResponse { Tenants = { page }, NextPageToken = next };
    }
}
