using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ListAccountsResponse> ListAccounts(ListAccountsRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Page(request.PageSize, request.PageToken);
        });
        var answer = await dispatcher.ListAccountsAsync(new Dispatcher.V1.ListAccountsRequest { PageSize = request.PageSize, PageToken = request.PageToken }, OnBehalf.Of(context));
        return new ListAccountsResponse { Accounts = { answer.Accounts }, NextPageToken = answer.NextPageToken };
    }
}
