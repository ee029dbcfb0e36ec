using Pennypost.Store;

namespace Pennypost.Bench.Servers;

/// <summary>A store that confirms everything at once and keeps nothing: what is left is the service's own cost. The writers' caches are all the state there is.</summary>
internal class NullStore : IStoreBackend
{
    private long sequence;

    public virtual Task OpenAsync(int shards, CancellationToken ct) => Task.CompletedTask;

    public Task<LoadReply> LoadAsync(int shard, IReadOnlyList<PartitionLoad> loads) => Task.FromResult(new LoadReply(
        Now(),
        [.. loads.Select(load => new LoadedPartition(load.Known is null ? StoredState.None : null, new byte[]?[load.Records.Count]))]));

    public virtual Task<CommitReply> CommitAsync(int shard, ShardCommit commit) => Task.FromResult(Confirmed(commit));

    protected CommitReply Confirmed(ShardCommit commit)
    {
        var outcomes = new PartitionOutcome[commit.Partitions.Count];
        for (var index = 0; index < outcomes.Length; index++) outcomes[index] = new PartitionOutcome.Committed(Interlocked.Increment(ref sequence));
        return new CommitReply.Done(Now(), outcomes);
    }

    public Task<ClockReading> ReadClockAsync(int shard) => Task.FromResult(Now());

    public Task<ClockReading> RaiseOffsetAsync(int shard, long offsetMs) => Task.FromResult(Now());

    public Task<IReadOnlyList<string>> ListAsync(int shard, string kind, string tenant, string after, int limit) => Task.FromResult<IReadOnlyList<string>>([]);

    public Task<RecordPage> RecordsAsync(int shard, PartitionId partition, string prefix, int limit, string? pageToken) => Task.FromResult(new RecordPage([], null));

    public Task<IReadOnlyList<StoredBatch>> JournalAsync(int shard, PartitionId partition, long fromNumber, int limit) => Task.FromResult<IReadOnlyList<StoredBatch>>([]);

    public Task<IReadOnlyList<StoredBatch>> ShardJournalAsync(int shard, long afterSequence, int limit) => Task.FromResult<IReadOnlyList<StoredBatch>>([]);

    public Task<JournalTrim> TrimmedAsync(int shard, PartitionId partition) => Task.FromResult(JournalTrim.None);

    public Task<TrimReply> TrimAsync(int shard, PartitionId partition, JournalTrim from, JournalTrim to, IReadOnlyList<long> sequences) =>
        throw new NotSupportedException("What keeps no journal lets go of none.");

    public Task<IReadOnlyList<string>> TrimmedBehindAsync(int shard, long sequence, int offset, int limit) => Task.FromResult<IReadOnlyList<string>>([]);

    public Task<long> RelayCursorAsync(int shard) => Task.FromResult(0L);

    public Task<long> JournalEndAsync(int shard) => Task.FromResult(0L);

    public Task<IReadOnlyList<DueClaim>> ClaimDueAsync(int shard, int limit, TimeSpan lease, int turn, TimeSpan? dueFor) => Task.FromResult<IReadOnlyList<DueClaim>>([]);

    public Task<long?> NextDueAsync(int shard) => Task.FromResult<long?>(null);

    public Task<RelayTurn?> TakeRelayAsync(int shard, string owner, TimeSpan lease, long? advanceTo, int limit) => Task.FromResult<RelayTurn?>(new RelayTurn(advanceTo ?? 0, []));

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static ClockReading Now() => new(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), 0);
}
