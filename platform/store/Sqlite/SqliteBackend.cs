using Microsoft.Data.Sqlite;

namespace Pennypost.Store.Sqlite;

/// <summary>The embedded adapter: one file with WAL and full synchronisation, or memory. Its clock is this machine's.</summary>
internal sealed class SqliteBackend(string path, TimeSpan busyTimeout, TimeProvider time) : IStoreBackend
{
    private const long Format = 1;
    private readonly SqliteConnectionThread _thread = new(path, busyTimeout);

    private long RealMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task OpenAsync(int shards, CancellationToken ct)
    {
        if (path != ":memory:" && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            Directory.CreateDirectory(folder);
        using var reader = new StreamReader(typeof(SqliteBackend).Assembly.GetManifestResourceStream("schema.sql")!);
        var schema = await reader.ReadToEndAsync(ct);
        await _thread.RunAsync(writes: true, sqlite =>
        {
            sqlite.Execute(schema);
            sqlite.Execute("INSERT INTO store (name, value) VALUES ('format', $1), ('shards', $2) ON CONFLICT DO NOTHING", Format, shards);
            var format = (long)sqlite.Statement("SELECT value FROM store WHERE name = 'format'").ExecuteScalar()!;
            if (format != Format)
                throw new StoreMismatchException($"The store '{path}' has format {format}; this version reads {Format}.");
            var created = (long)sqlite.Statement("SELECT value FROM store WHERE name = 'shards'").ExecuteScalar()!;
            if (created != shards)
                throw new StoreMismatchException($"The store '{path}' was created with {created} shards and cannot be opened with {shards}: set Store:Shards to {created}.");
            for (var shard = 0; shard < shards; shard++)
                sqlite.Execute("INSERT INTO shard (shard) VALUES ($1) ON CONFLICT DO NOTHING", shard);
            return true;
        }).ConfigureAwait(false);
    }

    public Task<ClockReading> ReadClockAsync(int shard) => _thread.RunAsync(writes: false, sqlite => Clock(sqlite, shard));

    public Task<ClockReading> RaiseOffsetAsync(int shard, long offsetMs) =>
        _thread.RunAsync(writes: true, sqlite =>
        {
            sqlite.Execute("UPDATE shard SET offset_ms = max(offset_ms, $2) WHERE shard = $1", shard, offsetMs);
            return Clock(sqlite, shard);
        });

    private ClockReading Clock(SqliteConnectionThread sqlite, int shard) =>
        new(RealMs, (long)sqlite.Statement("SELECT offset_ms FROM shard WHERE shard = $1", shard).ExecuteScalar()!);

    public Task<LoadReply> LoadAsync(int shard, IReadOnlyList<PartitionLoad> loads) =>
        _thread.RunAsync(writes: false, sqlite =>
        {
            // One read transaction: state and records of one moment, though another process writes.
            sqlite.Execute("BEGIN");
            try
            {
                var clock = Clock(sqlite, shard);
                var partitions = new LoadedPartition[loads.Count];
                for (var index = 0; index < loads.Count; index++)
                    partitions[index] = Load(sqlite, loads[index]);
                return new LoadReply(clock, partitions);
            }
            finally
            {
                sqlite.Execute("ROLLBACK");
            }
        });

    private static LoadedPartition Load(SqliteConnectionThread sqlite, PartitionLoad load)
    {
        var state = State(sqlite, load.Partition.Key);
        var records = new byte[]?[load.Records.Count];
        for (var index = 0; index < records.Length; index++)
            records[index] = Record(sqlite, load.Partition.Key, load.Records[index]);
        return new LoadedPartition(load.Known == state.Fence ? null : state, records);
    }

    private static StoredState State(SqliteConnectionThread sqlite, string partition) =>
        StoredState.Unpack((byte[]?)sqlite.Statement("SELECT state FROM partition WHERE key = $1", partition).ExecuteScalar() ?? []);

    private static byte[]? Record(SqliteConnectionThread sqlite, string partition, string key) =>
        (byte[]?)sqlite.Statement("SELECT value FROM record WHERE partition = $1 AND key = $2", partition, key).ExecuteScalar();

    public Task<CommitReply> CommitAsync(int shard, ShardCommit commit) =>
        _thread.RunAsync<CommitReply>(writes: true, sqlite =>
        {
            var clock = Clock(sqlite, shard);
            if (Math.Abs(clock.NowMs - commit.NowMs) > commit.ToleranceMs)
                return new CommitReply.ClockRefused(clock);
            var sequence = (long)sqlite.Statement("SELECT sequence FROM shard WHERE shard = $1", shard).ExecuteScalar()!;
            var before = sequence;
            var outcomes = new PartitionOutcome[commit.Partitions.Count];
            for (var index = 0; index < outcomes.Length; index++)
                outcomes[index] = Commit(sqlite, shard, commit.Partitions[index], ref sequence);
            if (sequence != before)
                sqlite.Execute("UPDATE shard SET sequence = $2 WHERE shard = $1", shard, sequence);
            return new CommitReply.Done(clock, outcomes);
        });

    private static PartitionOutcome Commit(SqliteConnectionThread sqlite, int shard, PartitionCommit commit, ref long sequence)
    {
        var key = commit.Partition.Key;
        var current = State(sqlite, key);
        if (current.Fence != commit.Expected)
            return new PartitionOutcome.Conflict(current);
        if (commit.Write is not { } write)
            return new PartitionOutcome.Committed(0);

        List<KeyValuePair<string, byte[]>>? present = null;
        foreach (var absent in write.Absent)
            if (Record(sqlite, key, absent) is { } value)
                (present ??= []).Add(new(absent, value));
        if (present is not null)
            return new PartitionOutcome.Exists(present);

        var appended = 0L;
        if (write.Journal is not null)
        {
            appended = ++sequence;
            sqlite.Execute(
                "INSERT INTO journal (shard, sequence, partition, first_number, batch) VALUES ($1, $2, $3, $4, $5)", shard, appended, key, write.FirstNumber, write.Journal);
        }

        var next = appended == 0 ? write.Next : write.Next with { LastSequence = appended };
        if (commit.Expected == Fence.None)
        {
            object? listed = write.List ? $"{commit.Partition.Kind}:{commit.Partition.Tenant}" : null;
            sqlite.Execute("INSERT INTO partition (key, state, listed) VALUES ($1, $2, $3)", key, next.Pack(), listed);
        }
        else
        {
            sqlite.Execute("UPDATE partition SET state = $2 WHERE key = $1", key, next.Pack());
        }

        foreach (var (recordKey, value) in write.Records)
        {
            if (value is null)
                sqlite.Execute("DELETE FROM record WHERE partition = $1 AND key = $2", key, recordKey);
            else
                sqlite.Execute("INSERT INTO record (partition, key, value) VALUES ($1, $2, $3) ON CONFLICT DO UPDATE SET value = excluded.value", key, recordKey, value);
        }

        foreach (var change in write.Due)
            SqliteDueIndex.Change(sqlite, shard, commit.Partition, change);
        return new PartitionOutcome.Committed(appended);
    }

    public Task<IReadOnlyList<string>> ListAsync(int shard, string kind, string tenant, string after, int limit) =>
        // Every shard is in this one file: the first call answers for all of them.
        shard > 0
            ? Task.FromResult<IReadOnlyList<string>>([])
            : _thread.RunAsync<IReadOnlyList<string>>(writes: false, sqlite =>
            {
                var prefix = $"{kind}:{tenant}";
                using var rows = sqlite
                    .Statement("SELECT key FROM partition WHERE listed = $1 AND key > $2 ORDER BY key LIMIT $3", prefix, $"{prefix}:{after}", limit)
                    .ExecuteReader();
                var ids = new List<string>();
                while (rows.Read())
                    ids.Add(rows.GetString(0)[(prefix.Length + 1)..]);
                return ids;
            });

    public Task<RecordPage> RecordsAsync(int shard, PartitionId partition, string prefix, int limit, string? pageToken) =>
        _thread.RunAsync(writes: false, sqlite =>
        {
            // '~' sorts after every character that a key may have.
            using var rows = sqlite
                .Statement("SELECT key, value FROM record WHERE partition = $1 AND key > $2 AND key < $3 ORDER BY key LIMIT $4", partition.Key, pageToken ?? Before(prefix), prefix + "~", limit + 1)
                .ExecuteReader();
            var records = new List<KeyValuePair<string, byte[]>>();
            while (rows.Read())
                records.Add(new(rows.GetString(0), rows.GetFieldValue<byte[]>(1)));
            if (records.Count <= limit)
                return new RecordPage(records, null);
            records.RemoveAt(limit);
            return new RecordPage(records, records[^1].Key);
        });

    /// <summary>The greatest text before the prefix itself, for a comparison that leaves its bound out.</summary>
    private static string Before(string prefix) => prefix.Length == 0 ? "" : prefix[..^1] + (char)(prefix[^1] - 1) + "~";

    public Task<IReadOnlyList<StoredBatch>> JournalAsync(int shard, PartitionId partition, long fromNumber, int limit) =>
        _thread.RunAsync<IReadOnlyList<StoredBatch>>(writes: false, sqlite =>
        {
            using var rows = sqlite.Statement(
                """
                SELECT sequence, batch FROM journal
                WHERE partition = $1 AND first_number >= coalesce((SELECT max(first_number) FROM journal WHERE partition = $1 AND first_number <= $2), 0)
                ORDER BY first_number LIMIT $3
                """,
                partition.Key,
                fromNumber,
                limit).ExecuteReader();
            return Batches(rows);
        });

    public Task<IReadOnlyList<StoredBatch>> ShardJournalAsync(int shard, long afterSequence, int limit) =>
        _thread.RunAsync<IReadOnlyList<StoredBatch>>(writes: false, sqlite => After(sqlite, shard, afterSequence, limit));

    private static List<StoredBatch> After(SqliteConnectionThread sqlite, int shard, long sequence, int limit)
    {
        using var rows = sqlite
            .Statement("SELECT sequence, batch FROM journal WHERE shard = $1 AND sequence > $2 ORDER BY sequence LIMIT $3", shard, sequence, limit)
            .ExecuteReader();
        return Batches(rows);
    }

    private static List<StoredBatch> Batches(SqliteDataReader rows)
    {
        var batches = new List<StoredBatch>();
        while (rows.Read())
            batches.Add(new StoredBatch(rows.GetInt64(0), rows.GetFieldValue<byte[]>(1)));
        return batches;
    }

    public Task<JournalTrim> TrimmedAsync(int shard, PartitionId partition) => _thread.RunAsync(writes: false, sqlite => Trimmed(sqlite, partition));

    private static JournalTrim Trimmed(SqliteConnectionThread sqlite, PartitionId partition)
    {
        using var row = sqlite.Statement("SELECT number, sequence, hash FROM trim WHERE partition = $1", partition.Key).ExecuteReader();
        return row.Read() ? new JournalTrim(new JournalLink(row.GetInt64(0), row.GetFieldValue<byte[]>(2)), row.GetInt64(1)) : JournalTrim.None;
    }

    public Task<TrimReply> TrimAsync(int shard, PartitionId partition, JournalTrim from, JournalTrim to, IReadOnlyList<long> sequences) =>
        _thread.RunAsync(writes: true, sqlite =>
        {
            if (Trimmed(sqlite, partition).Link.Number != from.Link.Number)
                return TrimReply.Moved;
            if (Cursor(sqlite, shard) < to.Sequence)
                return TrimReply.NotRelayed;
            sqlite.Execute(
                "INSERT INTO trim (partition, shard, number, sequence, hash) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO UPDATE SET number = excluded.number, sequence = excluded.sequence, hash = excluded.hash",
                partition.Key,
                shard,
                to.Link.Number,
                to.Sequence,
                to.Link.Hash.ToArray());
            sqlite.Execute("DELETE FROM journal WHERE partition = $1 AND first_number <= $2", partition.Key, to.Link.Number);
            return TrimReply.Done;
        });

    public Task<IReadOnlyList<string>> TrimmedBehindAsync(int shard, long sequence, int offset, int limit) =>
        _thread.RunAsync<IReadOnlyList<string>>(writes: false, sqlite =>
        {
            using var rows = sqlite
                .Statement("SELECT partition FROM trim WHERE shard = $1 AND sequence > $2 ORDER BY sequence, partition LIMIT $4 OFFSET $3", shard, sequence, offset, limit)
                .ExecuteReader();
            var keys = new List<string>();
            while (rows.Read())
                keys.Add(rows.GetString(0));
            return keys;
        });

    public Task<long> RelayCursorAsync(int shard) => _thread.RunAsync(writes: false, sqlite => Cursor(sqlite, shard));

    private static long Cursor(SqliteConnectionThread sqlite, int shard) =>
        (long)sqlite.Statement("SELECT relay_cursor FROM shard WHERE shard = $1", shard).ExecuteScalar()!;

    public Task<long> JournalEndAsync(int shard) =>
        _thread.RunAsync(writes: false, sqlite => (long)sqlite.Statement("SELECT sequence FROM shard WHERE shard = $1", shard).ExecuteScalar()!);

    public async Task<IReadOnlyList<DueClaim>> ClaimDueAsync(int shard, int limit, TimeSpan lease, int turn, TimeSpan? dueFor)
    {
        // Most looks find nothing: they take no write lock.
        var (next, clock) = await _thread.RunAsync(writes: false, sqlite =>
        {
            var now = Clock(sqlite, shard);
            return (SqliteDueIndex.Next(sqlite, shard, now), now);
        });
        return next is { } due && due <= clock.NowMs
            ? await _thread.RunAsync(writes: true, sqlite => SqliteDueIndex.Claim(sqlite, shard, Clock(sqlite, shard), limit, lease, turn, dueFor))
            : [];
    }

    public Task<long?> NextDueAsync(int shard) => _thread.RunAsync(writes: false, sqlite => SqliteDueIndex.Next(sqlite, shard, Clock(sqlite, shard)));

    public async Task<RelayTurn?> TakeRelayAsync(int shard, string owner, TimeSpan lease, long? advanceTo, int limit)
    {
        // Most looks of an idle relay find nothing: they take no write lock.
        if (advanceTo is null && await _thread.RunAsync(writes: false, sqlite => IsRelayed(sqlite, shard)))
            return new RelayTurn(0, []);
        return await _thread.RunAsync(writes: true, sqlite => TakeRelay(sqlite, shard, owner, lease, advanceTo, limit));
    }

    private static bool IsRelayed(SqliteConnectionThread sqlite, int shard) =>
        (long)sqlite.Statement("SELECT relay_cursor >= sequence FROM shard WHERE shard = $1", shard).ExecuteScalar()! != 0;

    private RelayTurn? TakeRelay(SqliteConnectionThread sqlite, int shard, string owner, TimeSpan lease, long? advanceTo, int limit)
    {
        long cursor;
        using (var row = sqlite.Statement("SELECT relay_cursor, relay_owner, relay_until_ms FROM shard WHERE shard = $1", shard).ExecuteReader())
        {
            row.Read();
            cursor = row.GetInt64(0);
            var mine = !row.IsDBNull(1) && row.GetString(1) == owner;
            // An owner that was overtaken must not move the cursor any more.
            if (!mine && (row.GetInt64(2) > RealMs || advanceTo is not null))
                return null;
        }

        cursor = Math.Max(cursor, advanceTo ?? 0);
        var batches = After(sqlite, shard, cursor, limit);
        sqlite.Execute(
            "UPDATE shard SET relay_cursor = $2, relay_owner = $3, relay_until_ms = $4 WHERE shard = $1",
            shard,
            cursor,
            owner,
            batches.Count > 0 ? RealMs + (long)lease.TotalMilliseconds : 0);
        return new RelayTurn(cursor, batches);
    }

    /// <summary>For tests that damage what is stored.</summary>
    internal Task<T> WithConnectionAsync<T>(Func<SqliteConnection, T> use) => _thread.RunAsync(writes: false, sqlite => use(sqlite.Connection));

    public ValueTask DisposeAsync()
    {
        _thread.Dispose();
        return ValueTask.CompletedTask;
    }
}
