using System.Buffers.Binary;
using System.Globalization;
using StackExchange.Redis;

namespace Pennypost.Store.Redis;

/// <summary>
/// The distributed adapter: Redis 7, single, replicated or Cluster. Each shard's keys share the hash tag <c>{prefix:sN}</c>, and each call is one script on one shard.
/// Its clock is Redis' own.
/// </summary>
internal sealed class RedisBackend(string prefix, StoreOptions options) : IStoreBackend
{
    private const long Format = 1;

    /// <summary>A page of the partition's journal begins about every so many entries.</summary>
    private const int EntriesPerMark = 64;
    private const int MaxScans = 1_000;

    private readonly RedisKey[][] _keys = [.. Enumerable.Range(0, options.Shards).Select(shard => new RedisKey[] { $"{{{prefix}:s{shard}}}" })];
    private ConnectionMultiplexer? _connection;
    private IDatabase? _redis;

    private IDatabase Redis => _redis ?? throw new BackendException("The store is not open.", outcomeUnknown: false, null);

    public async Task OpenAsync(int shards, CancellationToken ct)
    {
        var configuration = ConfigurationOptions.Parse(options.ConnectionString);
        configuration.AbortOnConnectFail = true;
        configuration.ConnectTimeout = (int)options.ConnectTimeout.TotalMilliseconds;
        configuration.AsyncTimeout = (int)options.CallTimeout.TotalMilliseconds;
        configuration.SyncTimeout = configuration.AsyncTimeout;
        // While disconnected a call fails at once: a queue that nobody sees would only make callers wait for nothing.
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.ReconnectRetryPolicy = new ExponentialRetry(100, 2_000);
        configuration.ClientName = "pennypost-" + prefix;
        // A pool of its own is for callers who block threads of the common one; here nobody does, and every answer would change threads once more.
        configuration.SocketManager = SocketManager.ThreadPool;
        try
        {
            _connection ??= await ConnectionMultiplexer.ConnectAsync(configuration).WaitAsync(options.ConnectTimeout, ct);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw new BackendException($"Redis cannot be reached within {options.ConnectTimeout.TotalSeconds:0.#} s.", outcomeUnknown: false, exception);
        }

        _redis = _connection.GetDatabase();
        var created = (RedisValue[])(await CallAsync(RedisScript.Open, 0, Format, shards))!;
        if ((long)created[0] != Format)
            throw new StoreMismatchException($"The store '{prefix}' has format {created[0]}; this version reads {Format}.");
        if ((int)created[1] != shards)
            throw new StoreMismatchException($"The store '{prefix}' was created with {created[1]} shards and cannot be opened with {shards}: set Store:Shards to {created[1]}.");
    }

    private async Task<RedisResult> CallAsync(RedisScript script, int shard, params RedisValue[] arguments)
    {
        try
        {
            // The library's own time-out is looked at once a second or so; this one is exact.
            return await script.CallAsync(Redis, _keys[shard], arguments).WaitAsync(options.CallTimeout).ConfigureAwait(false);
        }
        catch (RedisServerException exception)
        {
            // Redis itself said no, before the script's first write.
            throw new BackendException(exception.Message, outcomeUnknown: false, exception);
        }
        catch (Exception exception) when (exception is not BackendException)
        {
            // Time-out, reset, cancelled inside the library: it may have arrived.
            throw new BackendException(exception.Message, outcomeUnknown: true, exception);
        }
    }

    public async Task<ClockReading> ReadClockAsync(int shard) => Clock((RedisValue[])(await CallAsync(RedisScript.Clock, shard))!);

    public async Task<ClockReading> RaiseOffsetAsync(int shard, long offsetMs) => Clock((RedisValue[])(await CallAsync(RedisScript.Clock, shard, offsetMs))!);

    private static ClockReading Clock(RedisValue[] reply) => new((long)reply[0], (long)reply[1]);

    public async Task<LoadReply> LoadAsync(int shard, IReadOnlyList<PartitionLoad> loads)
    {
        var arguments = new List<RedisValue>(1 + (loads.Count * 4)) { loads.Count };
        foreach (var load in loads)
        {
            arguments.Add(load.Partition.Key);
            arguments.Add(load.Known is { } known ? StoredState.FenceBytes(known) : "?");
            arguments.Add(load.Records.Count);
            foreach (var key in load.Records)
                arguments.Add(key);
        }

        var reply = await CallAsync(RedisScript.Load, shard, [.. arguments]);
        var partitions = new LoadedPartition[loads.Count];
        for (var index = 0; index < partitions.Length; index++)
        {
            var row = (RedisResult[])reply[index + 2]!;
            var same = row[0].Resp2Type == ResultType.Integer;
            partitions[index] = new LoadedPartition(
                same ? null : StoredState.Unpack((byte[])row[0]!),
                [.. row.Skip(1).Select(record => (byte[]?)record)]);
        }

        return new LoadReply(new ClockReading((long)reply[0], (long)reply[1]), partitions);
    }

    public async Task<CommitReply> CommitAsync(int shard, ShardCommit commit)
    {
        var reply = await CallAsync(RedisScript.Commit, shard, RedisCommit.Arguments(commit, EntriesPerMark));
        var clock = new ClockReading((long)reply[1], (long)reply[2]);
        if ((int)reply[0] == 0)
            return new CommitReply.ClockRefused(clock);
        var outcomes = new PartitionOutcome[commit.Partitions.Count];
        for (var index = 0; index < outcomes.Length; index++)
        {
            var outcome = reply[index + 3];
            outcomes[index] = outcome.Resp2Type switch
            {
                ResultType.Integer => new PartitionOutcome.Committed((long)outcome),
                ResultType.Array => new PartitionOutcome.Exists(Pairs((RedisValue[])outcome!)),
                _ => new PartitionOutcome.Conflict(StoredState.Unpack((byte[])outcome!)),
            };
        }

        return new CommitReply.Done(clock, outcomes);
    }

    private static List<KeyValuePair<string, byte[]>> Pairs(RedisValue[] flat)
    {
        var pairs = new List<KeyValuePair<string, byte[]>>(flat.Length / 2);
        for (var index = 0; index < flat.Length; index += 2)
            pairs.Add(new((string)flat[index]!, (byte[])flat[index + 1]!));
        return pairs;
    }

    public async Task<IReadOnlyList<string>> ListAsync(int shard, string kind, string tenant, string after, int limit)
    {
        var ids = await Guard(Redis.SortedSetRangeByValueAsync(
            Key(shard, $":list:{kind}:{tenant}"), min: after.Length == 0 ? RedisValue.Null : after, exclude: Exclude.Start, take: limit, flags: CommandFlags.DemandMaster));
        return [.. ids.Select(id => (string)id!)];
    }

    public async Task<RecordPage> RecordsAsync(int shard, PartitionId partition, string prefix, int limit, string? pageToken)
    {
        var cursor = pageToken ?? "0";
        if (!ulong.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw new ArgumentException("This is no page token of this list.", nameof(pageToken));
        var records = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        // Keys hold no pattern characters. A step may find nothing that fits: then it goes on.
        for (var scan = 0; scan < MaxScans && records.Count < limit; scan++)
        {
            var reply = await Guard(Redis.ExecuteAsync(
                "HSCAN", [Key(shard, ":record:" + partition.Key), cursor, "MATCH", prefix + "*", "COUNT", limit], CommandFlags.DemandMaster));
            cursor = (string)reply[0]!;
            foreach (var (key, value) in Pairs((RedisValue[])reply[1]!))
                records[key] = value;
            if (cursor == "0")
                break;
        }

        return new RecordPage([.. records], cursor == "0" ? null : cursor);
    }

    private RedisKey Key(int shard, string suffix) => _keys[shard][0].Append(suffix);

    private async Task<T> Guard<T>(Task<T> call)
    {
        try
        {
            return await call.WaitAsync(options.CallTimeout).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not BackendException)
        {
            throw new BackendException(exception.Message, outcomeUnknown: false, exception);
        }
    }

    public async Task<IReadOnlyList<StoredBatch>> JournalAsync(int shard, PartitionId partition, long fromNumber, int limit) =>
        Batches((RedisValue[])(await CallAsync(RedisScript.Journal, shard, partition.Key, fromNumber, limit))!, 0);

    private static List<StoredBatch> Batches(RedisValue[] flat, int from)
    {
        var batches = new List<StoredBatch>((flat.Length - from) / 2);
        for (var index = from; index < flat.Length; index += 2)
            batches.Add(new StoredBatch((long)flat[index], (byte[])flat[index + 1]!));
        return batches;
    }

    public async Task<IReadOnlyList<StoredBatch>> ShardJournalAsync(int shard, long afterSequence, int limit)
    {
        var entries = await Guard(Redis.StreamRangeAsync(Key(shard, ":journal"), $"({afterSequence}-0", "+", limit, flags: CommandFlags.DemandMaster));
        return [.. entries.Select(entry => new StoredBatch(long.Parse(((string)entry.Id!).Split('-')[0], CultureInfo.InvariantCulture), (byte[])entry["b"]!))];
    }

    public async Task<JournalTrim> TrimmedAsync(int shard, PartitionId partition)
    {
        var kept = (byte[]?)await Guard(Redis.HashGetAsync(Key(shard, ":trim"), partition.Key, CommandFlags.DemandMaster));
        return kept is null
            ? JournalTrim.None
            : new JournalTrim(new JournalLink(BinaryPrimitives.ReadInt64BigEndian(kept), kept.AsMemory(16)), BinaryPrimitives.ReadInt64BigEndian(kept.AsSpan(8)));
    }

    public async Task<TrimReply> TrimAsync(int shard, PartitionId partition, JournalTrim from, JournalTrim to, IReadOnlyList<long> sequences)
    {
        RedisValue[] arguments = [partition.Key, from.Link.Number, to.Link.Number, to.Sequence, to.Link.Hash, .. sequences.Select(sequence => (RedisValue)sequence)];
        return (int)await CallAsync(RedisScript.Trim, shard, arguments) switch
        {
            1 => TrimReply.Done,
            0 => TrimReply.NotRelayed,
            _ => TrimReply.Moved,
        };
    }

    public async Task<IReadOnlyList<string>> TrimmedBehindAsync(int shard, long sequence, int offset, int limit)
    {
        var keys = await Guard(Redis.SortedSetRangeByScoreAsync(
            Key(shard, ":trimmed"), sequence, double.PositiveInfinity, Exclude.Start, skip: offset, take: limit, flags: CommandFlags.DemandMaster));
        return [.. keys.Select(key => (string)key!)];
    }

    public async Task<long> RelayCursorAsync(int shard) => (long)await Guard(Redis.HashGetAsync(Key(shard, ":meta"), "cursor", CommandFlags.DemandMaster));

    public async Task<long> JournalEndAsync(int shard) => (long)await Guard(Redis.HashGetAsync(Key(shard, ":meta"), "sequence", CommandFlags.DemandMaster));

    public async Task<IReadOnlyList<DueClaim>> ClaimDueAsync(int shard, int limit, TimeSpan lease, int turn, TimeSpan? dueFor)
    {
        var rows = (RedisResult[])(await CallAsync(RedisScript.Claim, shard, limit, (long)lease.TotalMilliseconds, turn, dueFor is { } age ? (long)age.TotalMilliseconds : ""))!;
        return [.. rows.Select(RedisCommit.Claim)];
    }

    public async Task<long?> NextDueAsync(int shard)
    {
        var reply = await CallAsync(RedisScript.Next, shard);
        return reply.IsNull ? null : (long)reply;
    }

    public async Task<RelayTurn?> TakeRelayAsync(int shard, string owner, TimeSpan lease, long? advanceTo, int limit)
    {
        var reply = await CallAsync(RedisScript.Relay, shard, owner, (long)lease.TotalMilliseconds, advanceTo is { } sequence ? sequence : "", limit);
        if (reply.IsNull)
            return null;
        var flat = (RedisValue[])reply!;
        return new RelayTurn((long)flat[0], Batches(flat, 1));
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
    }
}
