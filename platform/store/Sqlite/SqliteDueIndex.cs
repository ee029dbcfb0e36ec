namespace Pennypost.Store.Sqlite;

/// <summary>
/// The due index in tables. Free and leased entries are in indexes apart, so that many leased ones do not slow a claim down.
/// Order: priority first; within it the tenants share what is taken, each its earliest. Where less is wanted than there are tenants, their turn decides.
/// </summary>
internal static class SqliteDueIndex
{
    private const int MaxExpiredAtOnce = 1_000;
    private const int MaxTenants = 1_000;

    public static void Change(SqliteConnectionThread sqlite, int shard, PartitionId partition, DueChange change)
    {
        switch (change)
        {
            case DueChange.Set set:
                sqlite.Execute(
                    """
                    INSERT INTO due (partition, key, shard, tenant, priority, due_ms, payload) VALUES ($1, $2, $3, $4, $5, $6, $7)
                    ON CONFLICT DO UPDATE SET priority = excluded.priority, due_ms = excluded.due_ms, payload = excluded.payload, lease_until_ms = 0
                    """,
                    partition.Key,
                    set.Key,
                    shard,
                    partition.Tenant,
                    set.Priority,
                    DueTime.ToMs(set.At),
                    set.Payload);
                break;
            case DueChange.Remove:
                sqlite.Execute("DELETE FROM due WHERE partition = $1 AND key = $2", partition.Key, change.Key);
                break;
        }
    }

    public static List<DueClaim> Claim(SqliteConnectionThread sqlite, int shard, ClockReading clock, int limit, TimeSpan lease, int turn, TimeSpan? dueFor)
    {
        sqlite.Execute(
            "UPDATE due SET lease_until_ms = 0 WHERE (partition, key) IN (SELECT partition, key FROM due WHERE shard = $1 AND lease_until_ms > 0 AND lease_until_ms <= $2 LIMIT $3)",
            shard,
            clock.RealMs,
            MaxExpiredAtOnce);
        var leaseUntilMs = clock.RealMs + (long)lease.TotalMilliseconds;
        var sinceMs = dueFor is { } age ? clock.NowMs - (long)age.TotalMilliseconds : long.MinValue;
        var claims = new List<DueClaim>();
        for (var priority = 0; priority <= Limits.LastPriority && claims.Count < limit; priority++)
        {
            for (var before = -1; before < claims.Count && claims.Count < limit && Tenants(sqlite, shard, priority, clock.NowMs) is { Count: > 0 } tenants;)
            {
                before = claims.Count;
                var share = Math.Max(1, (limit - claims.Count) / tenants.Count);
                for (var step = 0; step < tenants.Count && claims.Count < limit; step++)
                    Take(sqlite, shard, priority, tenants[(turn + step) % tenants.Count], sinceMs, clock.NowMs, Math.Min(share, limit - claims.Count), leaseUntilMs, claims);
            }
        }

        return claims;
    }

    /// <summary>Tenants that have something due, those that have waited longest first.</summary>
    private static List<string> Tenants(SqliteConnectionThread sqlite, int shard, int priority, long nowMs)
    {
        // Hops from tenant to tenant in the index instead of reading every due entry.
        using var rows = sqlite.Statement(
            """
            WITH RECURSIVE tenants (tenant) AS (
              SELECT min(tenant) FROM due WHERE shard = $1 AND priority = $2 AND lease_until_ms = 0
              UNION ALL
              SELECT (SELECT min(tenant) FROM due WHERE shard = $1 AND priority = $2 AND lease_until_ms = 0 AND tenant > tenants.tenant) FROM tenants WHERE tenant IS NOT NULL
            )
            SELECT tenant, (SELECT min(due_ms) FROM due WHERE shard = $1 AND priority = $2 AND lease_until_ms = 0 AND due.tenant = tenants.tenant) AS first
            FROM tenants WHERE tenant IS NOT NULL AND first <= $3 ORDER BY first LIMIT $4
            """,
            shard,
            priority,
            nowMs,
            MaxTenants).ExecuteReader();
        var tenants = new List<string>();
        while (rows.Read())
            tenants.Add(rows.GetString(0));
        return tenants;
    }

    private static void Take(SqliteConnectionThread sqlite, int shard, int priority, string tenant, long sinceMs, long nowMs, int share, long leaseUntilMs, List<DueClaim> claims)
    {
        var from = claims.Count;
        var leaseUntil = DateTimeOffset.FromUnixTimeMilliseconds(leaseUntilMs);
        using (var rows = sqlite.Statement(
            """
            SELECT partition, key, due_ms, payload FROM due
            WHERE shard = $1 AND priority = $2 AND tenant = $3 AND lease_until_ms = 0 AND due_ms <= $4 AND due_ms >= $6 ORDER BY due_ms LIMIT $5
            """,
            shard,
            priority,
            tenant,
            nowMs,
            share,
            sinceMs).ExecuteReader())
        {
            while (rows.Read())
            {
                claims.Add(new DueClaim(
                    PartitionId.Parse(rows.GetString(0)),
                    rows.GetString(1),
                    DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(2)),
                    priority,
                    rows.GetFieldValue<byte[]>(3),
                    leaseUntil));
            }
        }

        foreach (var claim in claims.Skip(from))
            sqlite.Execute("UPDATE due SET lease_until_ms = $3 WHERE partition = $1 AND key = $2", claim.Partition.Key, claim.Key, leaseUntilMs);
    }

    public static long? Next(SqliteConnectionThread sqlite, int shard, ClockReading clock)
    {
        var free = sqlite.Statement("SELECT min(due_ms) FROM due WHERE shard = $1 AND lease_until_ms = 0", shard).ExecuteScalar() as long?;
        var leased = sqlite.Statement("SELECT min(lease_until_ms) FROM due WHERE shard = $1 AND lease_until_ms > 0", shard).ExecuteScalar() as long?;
        // A lease ends on real time; what the caller waits on is the installation's clock.
        var again = leased + clock.OffsetMs;
        return free is { } first && again is { } second ? Math.Min(first, second) : free ?? again;
    }
}

