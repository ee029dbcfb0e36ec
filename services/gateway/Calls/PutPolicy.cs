using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<PutPolicyResponse> PutPolicy(PutPolicyRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            // What is wrong with its content the router says, all of it at once.
            if (violations.Required("policy", request.Policy))
                violations.Id("policy.name", request.Policy.Name);
        });
        var answer = await dispatcher.PutPolicyAsync(new Dispatcher.V1.PutPolicyRequest { Policy = request.Policy, ValidateOnly = request.ValidateOnly }, OnBehalf.Of(context));
        return new PutPolicyResponse { Policy = answer.Policy };
    }
}
