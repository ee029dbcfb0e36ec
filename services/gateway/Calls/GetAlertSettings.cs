using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<GetAlertSettingsResponse> GetAlertSettings(GetAlertSettingsRequest request, ServerCallContext context)
    {
        Check(context, _ => { });
        var answer = await dispatcher.GetAlertSettingsAsync(new Dispatcher.V1.GetAlertSettingsRequest(), OnBehalf.Of(context));
        return new GetAlertSettingsResponse { Settings = answer.Settings };
    }
}
