using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<SuppressProspectResponse> SuppressProspect(SuppressProspectRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await dispatcher.SuppressProspectAsync(new Dispatcher.V1.SuppressProspectRequest
        {
            Profile = request.Profile,
            Email = request.Email,
            Unsuppress = request.Unsuppress,
            Actor = request.Actor,
            Why = request.Why,
        }, OnBehalf.Of(context));
        return new SuppressProspectResponse { ProspectId = answer.ProspectId, Suppressed = answer.Suppressed };
    }
}
