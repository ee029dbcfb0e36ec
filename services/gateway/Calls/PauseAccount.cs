using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<PauseAccountResponse> PauseAccount(PauseAccountRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("account_id", request.AccountId);
            violations.Length("actor", request.Actor, 0, 200);
            violations.Length("why", request.Why, 0, 500);
        });
        var answer = await dispatcher.PauseAccountAsync(new Dispatcher.V1.PauseAccountRequest { AccountId = request.AccountId, Actor = request.Actor, Why = request.Why }, OnBehalf.Of(context).ForPartition(request.AccountId));
        return new PauseAccountResponse { Account = answer.Account };
    }
}
