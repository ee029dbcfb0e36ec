using System.Collections.Immutable;

namespace Pennypost.Delivery.Accounts;

/// <summary>What somebody should look at; the contract's numbers.</summary>
public enum AlertKind
{
    /// <summary>Not set.</summary>
    Unspecified = 0,

    /// <summary>A pool has few credits left.</summary>
    LowCredits = 1,

    /// <summary>Credits of a pool will be forfeited at its next renewal.</summary>
    ForfeitSoon = 2,

    /// <summary>A pool's books and the provider's balance were found apart.</summary>
    Drift = 3,

    /// <summary>An account's InMail breaker is not closed: its credits are exhausted, or nobody knows.</summary>
    BreakerOpen = 4,

    /// <summary>As many of an account's invitations wait for an answer as may.</summary>
    PendingCeiling = 5,

    /// <summary>LinkedIn restricted an account.</summary>
    AccountRestricted = 6,

    /// <summary>The provider lost an account's session.</summary>
    AccountDisconnected = 7,
}

/// <summary>A condition that holds: raised when it came to hold, gone when it does not any more. An account or a pool has at most one of each kind and product.</summary>
public sealed record Alert
{
    /// <summary>Which condition.</summary>
    public required AlertKind Kind { get; init; }

    /// <summary>Of which product, where the kind is of one.</summary>
    public Product Product { get; init; }

    /// <summary>Since when it holds.</summary>
    public required DateTimeOffset RaiseTime { get; init; }

    /// <summary>What was counted when it was raised: credits, or pending invitations. Below 0 where the books had too many.</summary>
    public long Figure { get; init; }

    /// <summary>The threshold that it met; 0 where there is none.</summary>
    public long Threshold { get; init; }

    /// <summary>When, as known when it was raised, credits will be forfeited, or a breaker looks again; null for other kinds.</summary>
    public DateTimeOffset? DueTime { get; init; }
}

/// <summary>What a tenant wants to be told of its pools. Accounts have theirs with them: the ceiling on pending invitations.</summary>
public sealed record AlertThresholds
{
    /// <summary>A pool with so many credits or fewer, those set aside included, is low. Default 10: a fifth of a month of Sales Navigator.</summary>
    public long LowCredits { get; init; } = 10;

    /// <summary>So many credits that will be forfeited are worth an alert. Default 1.</summary>
    public long ForfeitCredits { get; init; } = 1;

    /// <summary>How long before the renewal. Default a week, as long as expiries and forfeits are announced ahead.</summary>
    public TimeSpan ForfeitWithin { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Books that are so many credits wrong, either way, have drifted. Default 3, as the credits service's own alarm.</summary>
    public long DriftCredits { get; init; } = 3;
}

/// <summary>A pool as it was looked at.</summary>
/// <param name="Version">Of the pool's state.</param>
/// <param name="Left">Credits available or set aside: a hold that is released and placed again changes nothing.</param>
/// <param name="RenewTime">The next renewal; null if none is known.</param>
/// <param name="ForfeitsAtRenewal">Credits lost then, if nothing is spent.</param>
public sealed record PoolSeen(long Version, long Left, DateTimeOffset? RenewTime, long ForfeitsAtRenewal);

/// <summary>What is raised of a pool.</summary>
public sealed record PoolAlerts
{
    /// <summary>Nothing.</summary>
    public static PoolAlerts None { get; } = new();

    /// <summary>Raised now, by kind.</summary>
    public ImmutableArray<Alert> Raised { get; init; } = [];

    /// <summary>The pool's version when a look last changed something: one that was read before it comes too late.</summary>
    public long SeenVersion { get; init; }

    /// <summary>The pool's last event that told of a comparison with the provider: one told again or late says nothing new.</summary>
    public long ComparedNumber { get; init; }

    /// <summary>When the pool is looked at although nothing happens to it; null for never.</summary>
    public DateTimeOffset? NextLook { get; init; }
}

/// <summary>
/// When alerts are raised and when they are gone (F65). Each is kept with what it is about, in the commit that changes that: so it is raised once, however often the condition is looked at, and gone once.
/// </summary>
public static class Alerting
{
    /// <summary>After a renewal, before a pool is looked at whose event got lost.</summary>
    public static readonly TimeSpan AfterRenewal = TimeSpan.FromMinutes(1);

    /// <summary>Until a pool is looked at again that should have renewed and has not.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromHours(1);

    /// <summary>The account with what is to be raised of it.</summary>
    public static Account Follow(Account account, DateTimeOffset now)
    {
        var alerts = Of(account, now);
        return alerts.SequenceEqual(account.Alerts) ? account : account with { Alerts = alerts };
    }

    /// <summary>The pool was looked at.</summary>
    public static PoolAlerts Look(PoolAlerts before, PoolSeen pool, AlertThresholds thresholds, DateTimeOffset now)
    {
        if (pool.Version < before.SeenVersion)
            return before;
        var forfeitsSoon = pool.ForfeitsAtRenewal >= thresholds.ForfeitCredits && pool.RenewTime - thresholds.ForfeitWithin <= now && pool.RenewTime > now;
        var raised = before.Raised;
        raised = Hold(raised, pool.Left <= thresholds.LowCredits, new() { Kind = AlertKind.LowCredits, RaiseTime = now, Figure = pool.Left, Threshold = thresholds.LowCredits });
        raised = Hold(raised, forfeitsSoon, new() { Kind = AlertKind.ForfeitSoon, RaiseTime = now, Figure = pool.ForfeitsAtRenewal, Threshold = thresholds.ForfeitCredits, DueTime = pool.RenewTime });
        var next = NextLook(pool.RenewTime, thresholds, now);
        return raised.SequenceEqual(before.Raised) && next == before.NextLook ? before : before with { Raised = raised, NextLook = next, SeenVersion = pool.Version };
    }

    /// <summary>The pool's books were compared with the provider's balance.</summary>
    /// <param name="before">What was raised.</param>
    /// <param name="number">Of the event that tells it.</param>
    /// <param name="drift">By how many credits the books were wrong.</param>
    /// <param name="certain">A send was paid that the books had no credit for: that is wrong, however little it is.</param>
    /// <param name="thresholds">The tenant's.</param>
    /// <param name="now">The time.</param>
    public static PoolAlerts Compared(PoolAlerts before, long number, long drift, bool certain, AlertThresholds thresholds, DateTimeOffset now)
    {
        if (number <= before.ComparedNumber)
            return before;
        var apart = certain || Math.Abs(drift) >= thresholds.DriftCredits;
        var raised = Hold(before.Raised, apart, new() { Kind = AlertKind.Drift, RaiseTime = now, Figure = drift, Threshold = thresholds.DriftCredits });
        return raised == before.Raised ? before : before with { Raised = raised, ComparedNumber = number };
    }

    /// <summary>What was raised, and what is gone.</summary>
    public static (ImmutableArray<Alert> Raised, ImmutableArray<Alert> Cleared) Between(ImmutableArray<Alert> before, ImmutableArray<Alert> after) =>
        ([.. after.Where(alert => !before.Any(known => IsSame(known, alert)))], [.. before.Where(alert => !after.Any(left => IsSame(left, alert)))]);

    private static ImmutableArray<Alert> Of(Account account, DateTimeOffset now)
    {
        var alerts = account.Alerts;
        alerts = Hold(alerts, account.Condition == AccountState.Restricted, new() { Kind = AlertKind.AccountRestricted, RaiseTime = now });
        alerts = Hold(alerts, account.Condition == AccountState.Disconnected, new() { Kind = AlertKind.AccountDisconnected, RaiseTime = now });
        foreach (var breaker in account.Breakers)
            alerts = Hold(alerts, breaker.State != BreakerState.Closed, new() { Kind = AlertKind.BreakerOpen, Product = breaker.Product, RaiseTime = now, DueTime = breaker.ResumeTime });
        var (pending, ceiling) = (Pending.Count(account), account.Settings.Safety.PendingCeiling);
        // One that is answered and one that is sent do not raise it anew: it is gone when there is room again.
        var isFull = alerts.Any(alert => alert.Kind == AlertKind.PendingCeiling) ? !Pending.HasRoom(pending, ceiling) : pending >= ceiling;
        return Hold(alerts, isFull, new() { Kind = AlertKind.PendingCeiling, RaiseTime = now, Figure = pending, Threshold = ceiling });
    }

    /// <summary>With the alert if its condition holds, as it was raised first; without it if not. The same array if nothing changes.</summary>
    private static ImmutableArray<Alert> Hold(ImmutableArray<Alert> alerts, bool holds, Alert alert)
    {
        var known = alerts.FirstOrDefault(one => IsSame(one, alert));
        return known is not null == holds ? alerts
            : known is not null ? alerts.Remove(known)
            : [.. alerts.Append(alert).OrderBy(one => one.Kind).ThenBy(one => one.Product)];
    }

    private static bool IsSame(Alert one, Alert other) => (one.Kind, one.Product) == (other.Kind, other.Product);

    private static DateTimeOffset? NextLook(DateTimeOffset? renewTime, AlertThresholds thresholds, DateTimeOffset now) =>
        renewTime is not { } renewal ? null
        : renewal - thresholds.ForfeitWithin > now ? renewal - thresholds.ForfeitWithin
        : renewal + AfterRenewal > now ? renewal + AfterRenewal
        : now + LookAgain;
}
