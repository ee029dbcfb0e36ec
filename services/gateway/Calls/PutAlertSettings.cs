using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<PutAlertSettingsResponse> PutAlertSettings(PutAlertSettingsRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            if (request.Settings is not { } settings) return;
            violations.Range("settings.low_credits", settings.LowCredits, 0, 100_000);
            violations.Range("settings.forfeit_credits", settings.ForfeitCredits, 0, 100_000);
            violations.Range("settings.drift_credits", settings.DriftCredits, 0, 100_000);
            if (settings.ForfeitWithin is { } within && (within.Nanos != 0 || within.Seconds is < 3_600 or > 28 * 86_400))
                violations.Add("settings.forfeit_within", "must be 1 hour to 28 days in whole seconds");
        });
        var answer = await dispatcher.PutAlertSettingsAsync(new Dispatcher.V1.PutAlertSettingsRequest { Settings = request.Settings }, OnBehalf.Of(context));
        return new PutAlertSettingsResponse { Settings = answer.Settings };
    }
}
