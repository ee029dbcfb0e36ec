using Microsoft.Extensions.Options;
using Pennypost.Credits.V1;
using Pennypost.Dispatcher.V1;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

/// <summary>
/// The public API: one file per call in Calls/. Each looks at the request's shape and names everything that is wrong with it, passes it on for the
/// caller's tenant, and turns the answer over. It decides nothing.
/// </summary>
internal sealed partial class PublicApi(
    DispatcherService.DispatcherServiceClient dispatcher,
    CreditsService.CreditsServiceClient credits,
    ApiKeys keys,
    IOptions<GatewayOptions> options) : PennypostService.PennypostServiceBase
{
    private static void Check(Action<Violations> look)
    {
        var violations = new Violations();
        look(violations);
        if (violations.Any) throw Errors.Invalid(violations);
    }
}
