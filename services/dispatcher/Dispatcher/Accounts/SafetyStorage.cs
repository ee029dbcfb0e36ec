using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Stored;
using static Pennypost.Dispatcher.Accounts.AccountStorage;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>How an account's safety is kept. Accounts from before there was any have none of it: the defaults.</summary>
internal static class SafetyStorage
{
    public static StoredSafety Write(SafetySettings safety) => new()
    {
        CapJitterPercent = safety.CapJitterPercent,
        SpacingSpreadPercent = safety.SpacingSpreadPercent,
        Ramps = { safety.Ramps.Select(Write) },
        PendingCeiling = safety.PendingCeiling,
        WithdrawAfterMs = (long)safety.WithdrawAfter.TotalMilliseconds,
        ResponseGuard = safety.ResponseGuard is { } guard
            ? new StoredResponseGuard { LeastInmails = guard.LeastInmails, WindowDays = guard.WindowDays, LeastPercent = guard.LeastPercent }
            : null,
        SlowBelow = safety.SlowBelow,
        PauseBelow = safety.PauseBelow,
        GateRules = { safety.GateRules.Select(rule => new StoredGateRule { Reason = (int)rule.Reason, Effect = (int)rule.Effect }) },
    };

    public static SafetySettings Read(StoredSafety? stored) => stored is null ? new() : new()
    {
        CapJitterPercent = stored.CapJitterPercent,
        SpacingSpreadPercent = stored.SpacingSpreadPercent,
        Ramps = [.. stored.Ramps.Select(Read)],
        PendingCeiling = stored.PendingCeiling,
        WithdrawAfter = TimeSpan.FromMilliseconds(stored.WithdrawAfterMs),
        ResponseGuard = stored.ResponseGuard is { } guard ? new ResponseGuard(guard.LeastInmails, guard.WindowDays, guard.LeastPercent) : null,
        SlowBelow = stored.SlowBelow,
        PauseBelow = stored.PauseBelow,
        GateRules = [.. stored.GateRules.Select(rule => new GateRule((Delivery.Reason)rule.Reason, (GateEffect)rule.Effect))],
    };

    /// <summary>The account with what is kept of its safety.</summary>
    public static Account Read(StoredAccount stored, Account account) => account with
    {
        LastSendOwner = stored.LastSendOwner,
        RampRestarts = [.. stored.RampRestarts.Select(Read)],
        PendingSeen = stored.Pending is { SeenMs: > 0 } pending ? new PendingSeen(pending.Count, Time(pending.SeenMs)) : null,
        PendingLookTime = MaybeTime(stored.Pending?.LookMs ?? 0),
        Withdrawals = stored.Pending is null ? [] : [.. stored.Pending.WithdrawalMs.Select(Time)],
        Tallies = [.. stored.Tallies.Select(tally => new DayTally(tally.Day, (CappedAction)tally.Action, tally.Sent, tally.Answered))],
        Signs = [.. stored.Signs.Select(sign => new Sign((SafetySign)sign.Kind, Time(sign.TimeMs)))],
        SafetyOverride = stored.SafetyOverride is { } word ? new SafetyOverride(Time(word.TimeMs), Time(word.UntilMs), word.Actor) : null,
    };

    public static StoredPending WritePending(Account account) => new()
    {
        Count = account.PendingSeen?.Count ?? 0,
        SeenMs = Ms(account.PendingSeen?.Time),
        LookMs = Ms(account.PendingLookTime),
        WithdrawalMs = { account.Withdrawals.Select(time => Ms(time)) },
    };

    public static StoredTally Write(DayTally tally) => new() { Day = tally.Day, Action = (int)tally.Action, Sent = tally.Sent, Answered = tally.Answered };

    public static StoredSafetyOverride Write(SafetyOverride word) => new() { TimeMs = Ms(word.Time), UntilMs = Ms(word.Until), Actor = word.Actor };

    public static StoredRampRestart Write(RampRestart restart) => new() { Action = (int)restart.Action, AtMs = Ms(restart.At), Limit = restart.Limit };

    private static RampRestart Read(StoredRampRestart stored) => new((CappedAction)stored.Action, Time(stored.AtMs), stored.Limit);

    private static StoredRamp Write(Ramp ramp) => new()
    {
        Action = (int)ramp.Action,
        Strategy = (int)ramp.Strategy,
        Start = ramp.Start,
        Step = ramp.Step,
        FactorPercent = ramp.FactorPercent,
        DaysPerStep = ramp.DaysPerStep,
        StartMs = Ms(ramp.StartTime),
        PauseDays = ramp.PauseDays,
        RestartPercent = ramp.RestartPercent,
    };

    private static Ramp Read(StoredRamp stored) => new()
    {
        Action = (CappedAction)stored.Action,
        Strategy = (RampStrategy)stored.Strategy,
        Start = stored.Start,
        Step = stored.Step,
        FactorPercent = stored.FactorPercent,
        DaysPerStep = stored.DaysPerStep,
        StartTime = Time(stored.StartMs),
        PauseDays = stored.PauseDays,
        RestartPercent = stored.RestartPercent,
    };
}
