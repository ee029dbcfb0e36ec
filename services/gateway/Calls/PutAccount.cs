using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<PutAccountResponse> PutAccount(PutAccountRequest request, ServerCallContext context)
    {
        Check(context, violations => Shape(violations, request.Account));
        var answer = await dispatcher.PutAccountAsync(new Dispatcher.V1.PutAccountRequest { Account = request.Account }, OnBehalf.Of(context).ForPartition(request.Account.AccountId));
        return new PutAccountResponse { Account = answer.Account };
    }

    private static void Shape(Violations violations, Types.V1.Account? account)
    {
        if (!violations.Required("account", account)) return;
        violations.Id("account.account_id", account!.AccountId);
        violations.Id("account.connection_id", account.ConnectionId);
        violations.OptionalId("account.email_connection_id", account.EmailConnectionId);
        violations.Length("account.display_name", account.DisplayName, 0, 200);
        violations.Known("account.tier", account.Tier);
        violations.Known("account.inmail_product", account.InmailProduct);
        violations.Items("account.pools", account.Pools.Count, 0, 3);
        for (var i = 0; i < account.Pools.Count; i++)
        {
            violations.Known($"account.pools[{i}].product", account.Pools[i].Product);
            violations.Id($"account.pools[{i}].pool_id", account.Pools[i].PoolId);
        }
        violations.Items("account.caps", account.Caps.Count, 0, 20);
        for (var i = 0; i < account.Caps.Count; i++)
        {
            violations.Known($"account.caps[{i}].action", account.Caps[i].Action);
            violations.Known($"account.caps[{i}].window", account.Caps[i].Window);
            violations.Range($"account.caps[{i}].limit", account.Caps[i].Limit, 0, 10_000);
        }
        if (account.SendingWindow is { } window)
        {
            violations.Length("account.sending_window.time_zone", window.TimeZone, 0, 64);
            violations.Items("account.sending_window.days", window.Days.Count, 0, 7);
            for (var i = 0; i < window.Days.Count; i++) violations.Range($"account.sending_window.days[{i}]", window.Days[i], 1, 7);
            violations.Range("account.sending_window.from_minute", window.FromMinute, 0, 1_439);
            violations.Range("account.sending_window.to_minute", window.ToMinute, 0, 1_440);
        }
        if (account.Spacing is { } spacing && (spacing.Seconds is < 0 or > 3_600 || spacing.Nanos is < 0 or > 999_999_999 || (spacing.Seconds == 3_600 && spacing.Nanos > 0)))
            violations.Add("account.spacing", "must be 0 s to 1 h");
        if (account.Safety is { } safety)
            Shape(violations, safety);
        violations.Length("account.etag", account.Etag, 0, 128);
    }

    private static void Shape(Violations violations, Types.V1.AccountSafety safety)
    {
        violations.Items("account.safety.ramps", safety.Ramps.Count, 0, 5);
        for (var i = 0; i < safety.Ramps.Count && i < 5; i++)
        {
            var (field, ramp) = ($"account.safety.ramps[{i}]", safety.Ramps[i]);
            violations.Known($"{field}.action", ramp.Action);
            violations.Known($"{field}.strategy", ramp.Strategy);
            violations.Range($"{field}.start", ramp.Start, 1, 10_000);
            violations.Range($"{field}.step", ramp.Step, 0, 10_000);
            violations.Range($"{field}.factor_percent", ramp.FactorPercent, 0, 1_000);
            violations.Range($"{field}.days_per_step", ramp.DaysPerStep, 0, 90);
            violations.Time($"{field}.start_time", ramp.StartTime);
            violations.Range($"{field}.pause_days", ramp.PauseDays, 0, 365);
            violations.Range($"{field}.restart_percent", ramp.RestartPercent, 0, 100);
        }

        violations.Range("account.safety.cap_jitter_percent", safety.CapJitterPercent, 0, 20);
        violations.Range("account.safety.spacing_spread_percent", safety.SpacingSpreadPercent, 0, 300);
        violations.Range("account.safety.slow_below", safety.SlowBelow, 0, 100);
        violations.Range("account.safety.pause_below", safety.PauseBelow, 0, 100);
        if (safety.ResponseGuard is { } guard)
        {
            violations.Range("account.safety.response_guard.least_inmails", guard.LeastInmails, 0, 10_000);
            violations.Range("account.safety.response_guard.window_days", guard.WindowDays, 0, 60);
            violations.Range("account.safety.response_guard.least_percent", guard.LeastPercent, 0, 100);
        }

        violations.Items("account.safety.gate_rules", safety.GateRules.Count, 0, 20);
        for (var i = 0; i < safety.GateRules.Count && i < 20; i++)
        {
            violations.Known($"account.safety.gate_rules[{i}].reason", safety.GateRules[i].Reason);
            violations.Known($"account.safety.gate_rules[{i}].effect", safety.GateRules[i].Effect);
        }

        violations.Range("account.safety.pending_ceiling", safety.PendingCeiling, 0, 3_000);
        if (safety.WithdrawAfter is { } after && (after.Nanos != 0 || after.Seconds is not 0 and (< 7 * 86_400 or > 365 * 86_400)))
            violations.Add("account.safety.withdraw_after", "must be 7 to 365 days in whole seconds, or 0");
    }
}
