namespace Pennypost.Delivery.Accounts;

/// <summary>What the provider's signals do to an account (F47, F48).</summary>
public static class Signals
{
    /// <summary>After a 429 without a time: the provider documents none.</summary>
    public static readonly TimeSpan AfterRateLimit = TimeSpan.FromMinutes(15);

    /// <summary>The longest that a 429's own time is believed.</summary>
    public static readonly TimeSpan LongestRateLimit = TimeSpan.FromDays(1);

    /// <summary>After limit_exceeded: LinkedIn's limits are counted over a day at least (Unipile, provider limits).</summary>
    public static readonly TimeSpan AfterLimit = TimeSpan.FromDays(1);

    /// <summary>At 90 % of LinkedIn's limit.</summary>
    public static readonly TimeSpan AfterUsage90 = TimeSpan.FromHours(4);

    /// <summary>At 95 % of LinkedIn's limit.</summary>
    public static readonly TimeSpan AfterUsage95 = TimeSpan.FromDays(1);

    /// <summary>After the mail server refused a mailbox: somebody has to mend it, and a server that is asked too often locks it.</summary>
    public static readonly TimeSpan AfterMailboxRefused = TimeSpan.FromHours(1);

    /// <summary>The account after a signal that came with an answer to this action.</summary>
    public static Account Apply(Account account, CappedAction action, AccountSignal signal, DateTimeOffset now) => signal switch
    {
        AccountSignal.RateLimited { RetryAfter: var after } =>
            Cool(SafetyScore.Saw(account, SafetySign.RateLimited, now), new CoolDown(CappedAction.Unspecified, now + Within(after ?? AfterRateLimit), Reason.ProviderRateLimited)),
        AccountSignal.LimitReached => Cool(SafetyScore.Saw(account, SafetySign.LimitReached, now), new CoolDown(action, now + AfterLimit, Reason.ProviderLimit)),
        AccountSignal.Usage { Percent: >= 95 } => Cool(SafetyScore.Saw(account, SafetySign.LimitNear, now), new CoolDown(action, now + AfterUsage95, Reason.ProviderLimit)),
        AccountSignal.Usage { Percent: >= 90 } => Cool(account, new CoolDown(action, now + AfterUsage90, Reason.ProviderLimit)),
        AccountSignal.Restricted => Become(account, AccountState.Restricted, now),
        AccountSignal.Disconnected => Become(account, AccountState.Disconnected, now),
        AccountSignal.MailboxRefused => Cool(account, new CoolDown(CappedAction.Email, now + AfterMailboxRefused, Reason.MailboxRefused)),
        _ => account,
    };

    /// <summary>The account in another condition. A lost session does not hide a restriction; being connected again lifts both, because the provider has looked.</summary>
    public static Account Become(Account account, AccountState condition, DateTimeOffset at)
    {
        if (account.Condition == condition || (account.Condition == AccountState.Restricted && condition == AccountState.Disconnected))
            return account;
        // A lost session is no verdict of LinkedIn's: that one counts by the days it lasted, as any pause does.
        if (account.Condition == AccountState.Restricted)
            account = Ramps.SetBack(account, at);
        if (condition != AccountState.Ok)
            account = SafetyScore.Saw(account, condition == AccountState.Restricted ? SafetySign.Restricted : SafetySign.Disconnected, at);
        return account with { Condition = condition, ConditionTime = at };
    }

    private static Account Cool(Account account, CoolDown coolDown)
    {
        var same = account.CoolDowns.FirstOrDefault(known => known.Action == coolDown.Action);
        // The longer one holds.
        return same?.Until >= coolDown.Until ? account : account with { CoolDowns = account.CoolDowns.RemoveAll(known => known.Action == coolDown.Action).Add(coolDown) };
    }

    private static TimeSpan Within(TimeSpan after) => after < TimeSpan.Zero ? TimeSpan.Zero : after > LongestRateLimit ? LongestRateLimit : after;
}
