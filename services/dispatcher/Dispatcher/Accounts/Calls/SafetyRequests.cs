using System.Collections.Immutable;
using Pennypost.Delivery.Accounts;
using Pennypost.Hosting;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts.Calls;

/// <summary>Reading how carefully a sender is to be used: everything that is wrong is named at once.</summary>
internal static class SafetyRequests
{
    private const int MostRamps = 5;
    private const int MostRules = 20;

    // 2000 to 2100: before and after it no ramp of anybody begins.
    private const long EarliestStart = 946_684_800;
    private const long LatestStart = 4_102_444_800;

    public static SafetySettings Parse(Shown.AccountSafety? safety, Violations violations)
    {
        if (safety is null)
            return new SafetySettings();
        var ramps = Ramps(safety, violations);
        violations.Range("account.safety.cap_jitter_percent", safety.CapJitterPercent, 0, 20);
        violations.Range("account.safety.spacing_spread_percent", safety.SpacingSpreadPercent, 0, 300);
        violations.Range("account.safety.pending_ceiling", safety.PendingCeiling, 0, 3_000);
        violations.Range("account.safety.slow_below", safety.SlowBelow, 0, 100);
        violations.Range("account.safety.pause_below", safety.PauseBelow, 0, 100);
        if (safety.SlowBelow > 0 && safety.PauseBelow > safety.SlowBelow)
            violations.Add("account.safety.pause_below", "must not be more than slow_below");
        return new SafetySettings
        {
            Ramps = ramps,
            CapJitterPercent = safety.CapJitterPercent,
            SpacingSpreadPercent = safety.SpacingSpreadPercent,
            PendingCeiling = safety.PendingCeiling == 0 ? Pending.DefaultCeiling : safety.PendingCeiling,
            WithdrawAfter = WithdrawAfter(safety, violations),
            ResponseGuard = Guard(safety.ResponseGuard, violations),
            SlowBelow = safety.SlowBelow,
            PauseBelow = safety.PauseBelow,
            GateRules = Rules(safety, violations),
        };
    }

    private static ImmutableArray<GateRule> Rules(Shown.AccountSafety safety, Violations violations)
    {
        violations.Items("account.safety.gate_rules", safety.GateRules.Count, 0, MostRules);
        for (var index = 0; index < safety.GateRules.Count && index < MostRules; index++)
        {
            var (field, rule) = ($"account.safety.gate_rules[{index}]", safety.GateRules[index]);
            if (!Gates.CanBeRuled((Delivery.Reason)rule.Reason))
                violations.Add($"{field}.reason", "is required: a reason of an account's gate, but for a write in progress");
            else if (safety.GateRules.Take(index).Any(other => other.Reason == rule.Reason))
                violations.Add($"{field}.reason", "stands twice: at most one rule per reason");
            if (rule.Effect == Shown.GateEffect.Unspecified || !Enum.IsDefined(rule.Effect))
                violations.Add($"{field}.effect", "is required: an effect of the contract");
        }

        return [.. safety.GateRules.Take(MostRules).Select(rule => new GateRule((Delivery.Reason)rule.Reason, (GateEffect)rule.Effect))];
    }

    private static ResponseGuard? Guard(Shown.ResponseGuard? guard, Violations violations)
    {
        if (guard is null)
            return null;
        violations.Range("account.safety.response_guard.least_inmails", guard.LeastInmails, 0, 10_000);
        violations.Range("account.safety.response_guard.window_days", guard.WindowDays, 0, Tallies.DaysKept);
        violations.Range("account.safety.response_guard.least_percent", guard.LeastPercent, 0, 100);
        return new ResponseGuard(
            guard.LeastInmails == 0 ? ResponseGuard.UsualInmails : guard.LeastInmails,
            guard.WindowDays == 0 ? ResponseGuard.UsualDays : guard.WindowDays,
            guard.LeastPercent == 0 ? ResponseGuard.UsualPercent : guard.LeastPercent);
    }

    private static TimeSpan WithdrawAfter(Shown.AccountSafety safety, Violations violations)
    {
        if (safety.WithdrawAfter is not { } after || after is { Seconds: 0, Nanos: 0 })
            return TimeSpan.Zero;
        // Compared before it is converted: a duration may be longer than a TimeSpan.
        if (after.Seconds is < 7 * 86_400 or > 365 * 86_400 || after.Nanos != 0)
        {
            violations.Add("account.safety.withdraw_after", "must be 7 to 365 days in whole seconds, or 0");
            return TimeSpan.Zero;
        }

        return TimeSpan.FromSeconds(after.Seconds);
    }

    private static ImmutableArray<Ramp> Ramps(Shown.AccountSafety safety, Violations violations)
    {
        violations.Items("account.safety.ramps", safety.Ramps.Count, 0, MostRamps);
        var ramps = ImmutableArray.CreateBuilder<Ramp>();
        for (var index = 0; index < safety.Ramps.Count && index < MostRamps; index++)
        {
            var (field, ramp) = ($"account.safety.ramps[{index}]", safety.Ramps[index]);
            if (ramp.Action == Shown.Action.Unspecified || !Enum.IsDefined(ramp.Action))
                violations.Add($"{field}.action", "is required: an action of the contract");
            else if (safety.Ramps.Take(index).Any(other => other.Action == ramp.Action))
                violations.Add($"{field}.action", "stands twice: at most one ramp per action");
            violations.Range($"{field}.start", ramp.Start, 1, Cap.Most);
            Rising(field, ramp, violations);
            violations.Range($"{field}.days_per_step", ramp.DaysPerStep, 0, 90);
            if (ramp.StartTime is { } start && (start.Seconds is < EarliestStart or > LatestStart || start.Nanos is < 0 or > 999_999_999))
                violations.Add($"{field}.start_time", "must be of the years 2000 to 2100");
            violations.Range($"{field}.pause_days", ramp.PauseDays, 0, 365);
            violations.Range($"{field}.restart_percent", ramp.RestartPercent, 0, 100);
            if (!violations.Any)
                ramps.Add(Read(ramp));
        }

        return ramps.ToImmutable();
    }

    /// <summary>Each strategy has its own measure, and a measure of another would be ignored in silence.</summary>
    private static void Rising(string field, Shown.Ramp ramp, Violations violations)
    {
        switch (ramp.Strategy)
        {
            case Shown.RampStrategy.Linear or Shown.RampStrategy.Stepped:
                violations.Range($"{field}.step", ramp.Step, 1, Cap.Most);
                if (ramp.FactorPercent != 0)
                    violations.Add($"{field}.factor_percent", "is for the strategy factor only");
                break;
            case Shown.RampStrategy.Factor:
                violations.Range($"{field}.factor_percent", ramp.FactorPercent, 101, 1_000);
                if (ramp.Step != 0)
                    violations.Add($"{field}.step", "is for the strategies linear and stepped only");
                break;
            default:
                violations.Add($"{field}.strategy", "is required: a strategy of the contract");
                break;
        }
    }

    private static Ramp Read(Shown.Ramp ramp) => new()
    {
        Action = (CappedAction)ramp.Action,
        Strategy = (RampStrategy)ramp.Strategy,
        Start = (int)ramp.Start,
        Step = (int)ramp.Step,
        FactorPercent = ramp.FactorPercent,
        DaysPerStep = Math.Max(1, ramp.DaysPerStep),
        // As it is kept, so that the same again changes nothing.
        StartTime = ramp.StartTime is { } start ? DateTimeOffset.FromUnixTimeMilliseconds(start.ToDateTimeOffset().ToUnixTimeMilliseconds()) : default,
        PauseDays = ramp.PauseDays == 0 ? Ramp.DefaultPauseDays : ramp.PauseDays,
        RestartPercent = ramp.RestartPercent == 0 ? Ramp.DefaultRestartPercent : ramp.RestartPercent,
    };
}
