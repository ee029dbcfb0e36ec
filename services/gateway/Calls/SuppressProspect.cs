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
            violations.Profile("profile", request.Profile);
            violations.Length("why", request.Why, 0, 500);
        });
        var answer = await dispatcher.SuppressProspectAsync(new Dispatcher.V1.SuppressProspectRequest { Profile = request.Profile, Unsuppress = request.Unsuppress, Why = request.Why }, OnBehalf.Of(context));
        return new SuppressProspectResponse { ProspectId = answer.ProspectId, Suppressed = answer.Suppressed };
    }
}
