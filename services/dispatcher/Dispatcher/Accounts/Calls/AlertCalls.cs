using Google.Protobuf.WellKnownTypes;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts.Calls;

/// <summary>What is raised now, and when pools are to raise something.</summary>
internal sealed class AlertCalls(AccountBook book, Demands demands, PoolLooks looks, OperatorActs acts, Errors errors)
{
    private const int UsualPage = 50;
    private const int LargestPage = 500;
    private const long LargestThreshold = 100_000;

    // Senders are read first, then pools: a page token begins with which of them it goes on with.
    private const char OfAccounts = 'a';
    private const char OfPools = 'p';

    private static readonly TimeSpan _shortest = TimeSpan.FromHours(1);
    private static readonly TimeSpan _longest = TimeSpan.FromDays(28);

    public async Task<ListAlertsResponse> HandleAsync(string tenant, ListAlertsRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Range("page_size", request.PageSize, 0, LargestPage);
        if (request.PageToken.Length > 0 && request.PageToken[0] is not (OfAccounts or OfPools))
            violations.Add("page_token", "must come from the answer before");
        else if (request.PageToken.Length > 0)
            violations.OptionalId("page_token", request.PageToken[1..]);
        if (violations.Any)
            throw errors.Invalid(violations);
        var (size, from) = (request.PageSize == 0 ? UsualPage : request.PageSize, request.PageToken.Length > 1 ? request.PageToken[1..] : null);
        if (request.PageToken.Length > 0 && request.PageToken[0] == OfPools)
        {
            var (alerts, next) = await demands.AlertsAsync(tenant, size, from, ct);
            return new ListAlertsResponse { Alerts = { alerts.Select(raised => AlertMessages.Message(raised.Alert, "", raised.PoolId)) }, NextPageToken = next is null ? "" : OfPools + next };
        }

        var (accounts, nextAccount) = await book.ListAsync(tenant, size, from, ct);
        return new ListAlertsResponse
        {
            Alerts = { accounts.SelectMany(view => view.Account.Alerts.Select(alert => AlertMessages.Message(alert, view.Id, ""))) },
            NextPageToken = nextAccount is null ? $"{OfPools}" : OfAccounts + nextAccount,
        };
    }

    public async Task<GetAlertSettingsResponse> HandleAsync(string tenant, GetAlertSettingsRequest request, CancellationToken ct) =>
        new() { Settings = Message(await looks.ThresholdsAsync(tenant, ct)) };

    public async Task<PutAlertSettingsResponse> HandleAsync(Caller caller, PutAlertSettingsRequest request, CancellationToken ct)
    {
        var (violations, settings, defaults) = (new Violations(), request.Settings ?? new(), new AlertThresholds());
        violations.Range("settings.low_credits", settings.LowCredits, 0, LargestThreshold);
        violations.Range("settings.forfeit_credits", settings.ForfeitCredits, 0, LargestThreshold);
        violations.Range("settings.drift_credits", settings.DriftCredits, 0, LargestThreshold);
        if (settings.ForfeitWithin is { } within && (within.Nanos != 0 || within.Seconds < (long)_shortest.TotalSeconds || within.Seconds > (long)_longest.TotalSeconds))
            violations.Add("settings.forfeit_within", "must be 1 hour to 28 days in whole seconds");
        if (violations.Any)
            throw errors.Invalid(violations);
        var thresholds = new AlertThresholds
        {
            LowCredits = settings.LowCredits == 0 ? defaults.LowCredits : settings.LowCredits,
            ForfeitCredits = settings.ForfeitCredits == 0 ? defaults.ForfeitCredits : settings.ForfeitCredits,
            ForfeitWithin = settings.ForfeitWithin is null ? defaults.ForfeitWithin : TimeSpan.FromSeconds(settings.ForfeitWithin.Seconds),
            DriftCredits = settings.DriftCredits == 0 ? defaults.DriftCredits : settings.DriftCredits,
        };
        return await acts.RecordAsync(caller, new Shown.OperatorAct { Kind = Shown.OperatorActKind.PutAlertSettings }, async _ =>
        {
            await looks.PutThresholdsAsync(caller.Tenant, thresholds, ct);
            return new PutAlertSettingsResponse { Settings = Message(thresholds) };
        }, ct);
    }

    private static Shown.AlertSettings Message(AlertThresholds thresholds) => new()
    {
        LowCredits = thresholds.LowCredits,
        ForfeitCredits = thresholds.ForfeitCredits,
        ForfeitWithin = Duration.FromTimeSpan(thresholds.ForfeitWithin),
        DriftCredits = thresholds.DriftCredits,
    };
}
