using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ResetBreakerResponse> ResetBreaker(ResetBreakerRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("account_id", request.AccountId);
            violations.Known("product", request.Product);
            if (request.Product == Types.V1.Product.Unspecified) violations.Add("product", "is required");
            violations.Length("why", request.Why, 0, 500);
        });
        // Who did it is the key: a name in the request would be anybody's.
        var answer = await dispatcher.ResetBreakerAsync(
            new Dispatcher.V1.ResetBreakerRequest { AccountId = request.AccountId, Product = request.Product, Actor = $"key:{context.Caller().KeyId}", Why = request.Why },
            OnBehalf.Of(context).ForPartition(request.AccountId));
        return new ResetBreakerResponse { Breaker = answer.Breaker };
    }
}
