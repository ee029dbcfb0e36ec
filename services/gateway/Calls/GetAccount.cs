using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<GetAccountResponse> GetAccount(GetAccountRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("account_id", request.AccountId);
        });
        var answer = await dispatcher.GetAccountAsync(new Dispatcher.V1.GetAccountRequest { AccountId = request.AccountId }, OnBehalf.Of(context).ForPartition(request.AccountId));
        return new GetAccountResponse { Account = answer.Account };
    }
}
