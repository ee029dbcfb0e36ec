using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<EraseProspectResponse> EraseProspect(EraseProspectRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await dispatcher.EraseProspectAsync(new Dispatcher.V1.EraseProspectRequest
        {
            Profile = request.Profile,
            ProspectId = request.ProspectId,
            Suppress = request.Suppress,
            Actor = request.Actor,
            Why = request.Why,
        }, OnBehalf.Of(context));
        return new EraseProspectResponse { ProspectId = answer.ProspectId, Pending = answer.Pending, Suppressed = answer.Suppressed };
    }
}
