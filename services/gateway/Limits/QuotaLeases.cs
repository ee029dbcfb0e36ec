using Pennypost.Gateway.Stored;

namespace Pennypost.Gateway.Limits;

/// <summary>What an instance asks of a day: a tenant's, or a key's.</summary>
/// <param name="Instance">Who asks.</param>
/// <param name="Number">Of the lease that is asked for; greater than all that this instance asked for before.</param>
/// <param name="Unspent">What is left of the lease that this instance has, and gives back.</param>
/// <param name="Needed">The least that is asked for; 0 only gives back.</param>
/// <param name="Limit">Calls per day.</param>
internal readonly record struct LeaseAsked(string Instance, long Number, long Unspent, long Needed, long Limit);

/// <summary>What an instance is given.</summary>
/// <param name="Calls">How many it may make without asking again; 0 if there are not as many as it needs.</param>
/// <param name="Left">How many nobody has yet.</param>
/// <param name="Day">Of which day.</param>
internal readonly record struct LeaseGiven(long Calls, long Left, long Day);

/// <summary>
/// How a day's calls are dealt out over instances. Pure. A lease counts as spent from the start, so that the limit is never passed; the fewer are left, the
/// smaller the leases, so that hardly any lie with an instance that has no use for them.
/// </summary>
internal static class QuotaLeases
{
    private const long Largest = 1_000;

    // Of what is left; then half of it is dealt out in eleven steps.
    private const long Share = 16;

    public static long DayOf(DateTimeOffset now) => now.ToUnixTimeSeconds() / 86_400;

    public static DateTimeOffset EndOf(long day) => DateTimeOffset.FromUnixTimeSeconds((day + 1) * 86_400);

    /// <summary>The quota afterwards, and what is given. The same ask again is answered as the first time.</summary>
    public static (StoredQuota After, LeaseGiven Given) Decide(StoredQuota? before, LeaseAsked asked, DateTimeOffset now)
    {
        var day = DayOf(now);
        var quota = before is null || before.Day != day ? new StoredQuota { Version = 1, Day = day } : before.Clone();
        if (quota.Leases.TryGetValue(asked.Instance, out var held))
        {
            if (held.Number == asked.Number) return (quota, new LeaseGiven(held.Calls, Left(quota, asked.Limit), day));
            quota.Spent += held.Calls - asked.Unspent;
            quota.Leases.Remove(asked.Instance);
        }
        var left = Left(quota, asked.Limit);
        if (asked.Needed == 0 || left < asked.Needed) return (quota, new LeaseGiven(0, left, day));
        var calls = Math.Max(asked.Needed, Math.Min(Largest, left / Share));
        quota.Leases[asked.Instance] = new StoredQuotaLease { Number = asked.Number, Calls = calls };
        return (quota, new LeaseGiven(calls, left - calls, day));
    }

    private static long Left(StoredQuota quota, long limit) => Math.Max(0, limit - quota.Spent - quota.Leases.Values.Sum(lease => lease.Calls));
}
