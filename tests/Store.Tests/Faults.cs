using Pennypost.Store;

namespace Store.Tests;

/// <summary>A real adapter with a hand on the line: commits can be held back, counted, lost on the way there or on the way back.</summary>
internal sealed class Faults(IStoreBackend inner) : IStoreBackend
{
    private int _looksAtEnds;

    public bool OwnsInner { get; init; } = true;

    /// <summary>Called instead of a commit; call the argument to let it through.</summary>
    public Func<Func<Task<CommitReply>>, ShardCommit, Task<CommitReply>>? OnCommit { get; set; }

    /// <summary>Called before a load.</summary>
    public Func<Task>? OnLoad { get; set; }

    public List<(ShardCommit Commit, CommitReply Reply)> Commits { get; } = [];

    public int Loads { get; private set; }

    public async Task<CommitReply> CommitAsync(int shard, ShardCommit commit)
    {
        var reply = OnCommit is { } hook ? await hook(() => inner.CommitAsync(shard, commit), commit) : await inner.CommitAsync(shard, commit);
        lock (Commits)
            Commits.Add((commit, reply));
        return reply;
    }

    public async Task<LoadReply> LoadAsync(int shard, IReadOnlyList<PartitionLoad> loads)
    {
        if (OnLoad is { } hook)
            await hook();
        Loads++;
        return await inner.LoadAsync(shard, loads);
    }

    public Task OpenAsync(int shards, CancellationToken ct) => inner.OpenAsync(shards, ct);

    public Task<ClockReading> ReadClockAsync(int shard) => inner.ReadClockAsync(shard);

    public Task<ClockReading> RaiseOffsetAsync(int shard, long offsetMs) => inner.RaiseOffsetAsync(shard, offsetMs);

    public Task<IReadOnlyList<string>> ListAsync(int shard, string kind, string tenant, string after, int limit) => inner.ListAsync(shard, kind, tenant, after, limit);

    public Task<RecordPage> RecordsAsync(int shard, PartitionId partition, string prefix, int limit, string? pageToken) => inner.RecordsAsync(shard, partition, prefix, limit, pageToken);

    public Task<IReadOnlyList<StoredBatch>> JournalAsync(int shard, PartitionId partition, long fromNumber, int limit) => inner.JournalAsync(shard, partition, fromNumber, limit);

    public Task<IReadOnlyList<StoredBatch>> ShardJournalAsync(int shard, long afterSequence, int limit) => inner.ShardJournalAsync(shard, afterSequence, limit);

    /// <summary>Called before a trim's step.</summary>
    public Func<Task>? OnTrim { get; set; }

    public Task<JournalTrim> TrimmedAsync(int shard, PartitionId partition) => inner.TrimmedAsync(shard, partition);

    public async Task<TrimReply> TrimAsync(int shard, PartitionId partition, JournalTrim from, JournalTrim to, IReadOnlyList<long> sequences)
    {
        if (OnTrim is { } hook)
            await hook();
        return await inner.TrimAsync(shard, partition, from, to, sequences);
    }

    public Task<IReadOnlyList<string>> TrimmedBehindAsync(int shard, long sequence, int offset, int limit) => inner.TrimmedBehindAsync(shard, sequence, offset, limit);

    public Task<long> RelayCursorAsync(int shard) => inner.RelayCursorAsync(shard);

    /// <summary>How often somebody asked where a shard's journal ends.</summary>
    public int LooksAtEnds => _looksAtEnds;

    public Task<long> JournalEndAsync(int shard)
    {
        Interlocked.Increment(ref _looksAtEnds);
        return inner.JournalEndAsync(shard);
    }

    public Task<IReadOnlyList<DueClaim>> ClaimDueAsync(int shard, int limit, TimeSpan lease, int turn, TimeSpan? dueFor) => inner.ClaimDueAsync(shard, limit, lease, turn, dueFor);

    public Task<long?> NextDueAsync(int shard) => inner.NextDueAsync(shard);

    public Task<RelayTurn?> TakeRelayAsync(int shard, string owner, TimeSpan lease, long? advanceTo, int limit) => inner.TakeRelayAsync(shard, owner, lease, advanceTo, limit);

    public ValueTask DisposeAsync() => OwnsInner ? inner.DisposeAsync() : ValueTask.CompletedTask;
}
