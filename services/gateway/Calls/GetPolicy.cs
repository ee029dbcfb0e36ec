using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<GetPolicyResponse> GetPolicy(GetPolicyRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("name", request.Name);
        });
        var answer = await dispatcher.GetPolicyAsync(new Dispatcher.V1.GetPolicyRequest { Name = request.Name }, OnBehalf.Of(context));
        return new GetPolicyResponse { Policy = answer.Policy };
    }
}
