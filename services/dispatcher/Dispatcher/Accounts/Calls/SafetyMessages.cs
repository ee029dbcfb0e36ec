using Google.Protobuf.WellKnownTypes;
using Pennypost.Delivery.Accounts;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts.Calls;

/// <summary>An account's safety in the contract's words.</summary>
internal static class SafetyMessages
{
    /// <summary>What is counted for an account without a guard.</summary>
    private static readonly ResponseGuard _usual = new(ResponseGuard.UsualInmails, ResponseGuard.UsualDays, ResponseGuard.UsualPercent);

    /// <summary>Null for what stands unless something was set.</summary>
    public static Shown.AccountSafety? Settings(SafetySettings safety) => safety == new SafetySettings() ? null : new()
    {
        CapJitterPercent = safety.CapJitterPercent,
        SpacingSpreadPercent = safety.SpacingSpreadPercent,
        Ramps = { safety.Ramps.Select(Message) },
        PendingCeiling = safety.PendingCeiling,
        WithdrawAfter = safety.WithdrawAfter > TimeSpan.Zero ? Duration.FromTimeSpan(safety.WithdrawAfter) : null,
        ResponseGuard = safety.ResponseGuard is { } guard
            ? new Shown.ResponseGuard { LeastInmails = guard.LeastInmails, WindowDays = guard.WindowDays, LeastPercent = guard.LeastPercent }
            : null,
        SlowBelow = safety.SlowBelow,
        PauseBelow = safety.PauseBelow,
        GateRules = { safety.GateRules.Select(rule => new Shown.GateRule { Reason = (Shown.Reason)rule.Reason, Effect = (Shown.GateEffect)rule.Effect }) },
    };

    public static Shown.AccountSafetyState State(AccountView view)
    {
        var (account, now) = (view.Account, view.Now);
        var guard = account.Settings.Safety.ResponseGuard;
        var (sent, answered) = (guard ?? _usual).Count(account, now);
        var word = SafetyScore.OverrideOf(account, now);
        return new Shown.AccountSafetyState
        {
            PendingInvitations = Pending.Count(account),
            PendingObserveTime = Time(account.PendingSeen?.Time),
            Score = SafetyScore.Of(account, now),
            Level = (Shown.SafetyLevel)account.SafetyLevel,
            Penalties = { SafetyScore.Penalties(account, now).Select(penalty => new Shown.SafetyPenalty { Sign = (Shown.SafetySign)penalty.Kind, Points = penalty.Points }) },
            InmailsSent = sent,
            InmailsAnswered = answered,
            InmailPauseUntil = Time(guard?.PausedUntil(account, now)),
            OverrideUntil = Time(word?.Until),
            OverrideActor = word?.Actor ?? "",
        };
    }

    private static Timestamp? Time(DateTimeOffset? time) => time is { } known ? Timestamp.FromDateTimeOffset(known) : null;

    private static Shown.Ramp Message(Ramp ramp) => new()
    {
        Action = (Shown.Action)ramp.Action,
        Strategy = (Shown.RampStrategy)ramp.Strategy,
        Start = ramp.Start,
        Step = ramp.Step,
        FactorPercent = ramp.FactorPercent,
        DaysPerStep = ramp.DaysPerStep,
        StartTime = Timestamp.FromDateTimeOffset(ramp.StartTime),
        PauseDays = ramp.PauseDays,
        RestartPercent = ramp.RestartPercent,
    };
}
