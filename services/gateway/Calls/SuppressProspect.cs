using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<SuppressProspectResponse> SuppressProspect(SuppressProspectRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Length("profile", request.Profile, 1, 512);
        });
        var answer = await dispatcher.SuppressProspectAsync(new Dispatcher.V1.SuppressProspectRequest { Profile = request.Profile, Unsuppress = request.Unsuppress }, OnBehalf.Of(context));
        return new SuppressProspectResponse { ProspectId = answer.ProspectId, Suppressed = answer.Suppressed };
    }
}
