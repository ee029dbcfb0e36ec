using System.Runtime.CompilerServices;

namespace Pennypost.Store;

/// <summary>Reading and proving the journal.</summary>
public sealed partial class StateStore
{
    private const int VerifyPage = 200;
    private const int FirstBatches = 4;

    /// <summary>Pages through a partition's journal.</summary>
    /// <param name="partition">Whose journal.</param>
    /// <param name="fromNumber">The first entry wanted, from 1.</param>
    /// <param name="pageSize">1 to 1,000 entries.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async Task<JournalPage> ReadJournalAsync(PartitionId partition, long fromNumber, int pageSize, CancellationToken ct)
    {
        CheckPage(pageSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(fromNumber, 1);
        await OpenAsync(ct);
        var shard = partition.ShardOf(_options.Shards);
        // A batch holds one entry or hundreds. The first few tell how many are needed for the rest.
        var (entries, next, wanted) = (new List<JournaledEntry>(), fromNumber, Math.Min(pageSize + 1, FirstBatches));
        while (entries.Count <= pageSize)
        {
            var found = new List<JournaledEntry>();
            var batches = await Guard(_backend.JournalAsync(shard, partition, next, wanted));
            foreach (var batch in batches)
                Journal.Unpack(batch, shard, found);
            var before = entries.Count;
            entries.AddRange(found.Where(entry => entry.Number >= next));
            if (entries.Count == before)
                return new JournalPage(entries, null);
            next = entries[^1].Number + 1;
            wanted = Math.Max(1, (pageSize + 1 - entries.Count) * batches.Count / found.Count) + 1;
        }

        return new JournalPage(entries[..pageSize], entries[pageSize].Number);
    }

    /// <summary>Pages through a shard's journal in the order of its commits, all partitions together: for export and replay.</summary>
    /// <param name="shard">0 to <see cref="Shards"/> - 1.</param>
    /// <param name="afterSequence">The cursor: 0, or the page's before.</param>
    /// <param name="maxCommits">1 to 1,000 commits.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async Task<ShardJournalPage> ReadShardJournalAsync(int shard, long afterSequence, int maxCommits, CancellationToken ct)
    {
        CheckPage(maxCommits);
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, _options.Shards);
        ArgumentOutOfRangeException.ThrowIfNegative(afterSequence);
        await OpenAsync(ct);
        var batches = await Guard(_backend.ShardJournalAsync(shard, afterSequence, maxCommits));
        var entries = new List<JournaledEntry>();
        foreach (var batch in batches)
            Journal.Unpack(batch, shard, entries);
        return new ShardJournalPage(entries, batches.Count == 0 ? afterSequence : batches[^1].Sequence, batches.Count == maxCommits);
    }

    /// <summary>The end of the partition's journal as its state names it.</summary>
    public async Task<JournalLink> JournalHeadAsync(PartitionId partition, CancellationToken ct)
    {
        await OpenAsync(ct);
        var state = (await Guard(_backend.LoadAsync(partition.ShardOf(_options.Shards), [new PartitionLoad(partition, null, [])]))).Partitions[0].State!;
        return state.Damage is { } damage ? throw new JournalBrokenException(partition, 1, damage) : HeadOf(state);
    }

    private static JournalLink HeadOf(StoredState state) => new(state.JournalLength, state.ChainHash.IsEmpty ? JournalLink.Start.Hash : state.ChainHash);

    /// <summary>Reads a partition's journal commit by commit and checks the chain of hashes on the way: what is handed out is what was written, if both ends are.</summary>
    /// <param name="partition">Whose journal.</param>
    /// <param name="after">Where to begin.</param>
    /// <param name="end">Where to stop.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="JournalTrimmedException">Some of it was let go of.</exception>
    /// <exception cref="JournalBrokenException">Met when the reading comes to the break, or at the end if the chain does not lead there.</exception>
    public async IAsyncEnumerable<JournalBatch> ReadChainAsync(PartitionId partition, JournalLink after, JournalLink end, [EnumeratorCancellation] CancellationToken ct)
    {
        await OpenAsync(ct);
        var shard = partition.ShardOf(_options.Shards);
        var last = after;
        while (last.Number < end.Number)
        {
            ct.ThrowIfCancellationRequested();
            var batches = await Guard(_backend.JournalAsync(shard, partition, last.Number + 1, VerifyPage));
            if (batches.Count == 0)
                throw await BrokenOrTrimmedAsync(partition, last.Number + 1, "it is not there", ct);
            foreach (var batch in batches)
            {
                if (last.Number >= end.Number)
                    break;
                if (Journal.Check(partition, batch.Bytes, last.Hash.Span, last.Number + 1, out var next) is { } wrong)
                    throw await BrokenOrTrimmedAsync(partition, last.Number + 1, wrong, ct);
                last = new JournalLink(next - 1, Journal.HashOf(batch.Bytes));
                var entries = new List<JournaledEntry>();
                Journal.Unpack(batch, shard, entries);
                yield return new JournalBatch(entries, batch.Bytes.AsMemory(Journal.HashLength), last);
            }
        }

        if (!last.IsSame(end))
            throw new JournalBrokenException(partition, last.Number, "the chain of hashes does not lead to the end");
    }

    private async Task<StoreException> BrokenOrTrimmedAsync(PartitionId partition, long number, string wrong, CancellationToken ct) =>
        (await JournalStartAsync(partition, ct)).Number is var start && start >= number ? new JournalTrimmedException(partition, start + 1) : new JournalBrokenException(partition, number, wrong);

    /// <summary>Recomputes the partition's chain of hashes from its first kept entry to the one that its state names last, and reports the first break.</summary>
    public async Task<JournalVerification> VerifyAsync(PartitionId partition, CancellationToken ct)
    {
        await OpenAsync(ct);
        while (true)
        {
            var start = await Guard(_backend.TrimmedAsync(partition.ShardOf(_options.Shards), partition));
            var found = await VerifyAsync(partition, start, ct);
            // What was let go of meanwhile is not missing.
            if (found is JournalVerification.Intact || (await JournalStartAsync(partition, ct)).IsSame(start.Link))
                return found;
        }
    }

    private async Task<JournalVerification> VerifyAsync(PartitionId partition, JournalTrim start, CancellationToken ct)
    {
        var shard = partition.ShardOf(_options.Shards);
        // The state first: what is appended while we read comes after it, and is left out.
        var loaded = await Guard(_backend.LoadAsync(shard, [new PartitionLoad(partition, null, [])]));
        var state = loaded.Partitions[0].State!;
        if (state.Damage is { } damage)
            return new JournalVerification.StateDamaged(damage);
        var found = await FollowAsync(partition, start, state, number => Guard(_backend.JournalAsync(shard, partition, number, VerifyPage)), ct);
        if (found is JournalVerification.Intact)
            return found;
        // Where a batch is missing its neighbours may not be found through it: the shard's whole journal shows the first break exactly.
        var exact = await FollowAsync(partition, start, state, ScanShard(shard, partition, ct), ct);
        return exact is JournalVerification.Broken ? exact : found;
    }

    private static async Task<JournalVerification> FollowAsync(
        PartitionId partition, JournalTrim start, StoredState state, Func<long, Task<IReadOnlyList<StoredBatch>>> batchesFrom, CancellationToken ct)
    {
        var (number, sequence, hash) = (start.Link.Number + 1, start.Sequence, start.Link.Hash);
        while (number <= state.JournalLength)
        {
            ct.ThrowIfCancellationRequested();
            var batches = await batchesFrom(number);
            if (batches.Count == 0)
                return new JournalVerification.Broken(number, $"the partition's state counts {state.JournalLength} entries; from {number} on there are none");
            foreach (var batch in batches)
            {
                if (number > state.JournalLength)
                    break;
                if (Journal.Check(partition, batch.Bytes, hash.Span, number, out var next) is { } wrong)
                    return new JournalVerification.Broken(number, wrong);
                (number, sequence, hash) = (next, batch.Sequence, Journal.HashOf(batch.Bytes));
            }
        }

        if (sequence != state.LastSequence)
            return new JournalVerification.StateDamaged($"it names {state.LastSequence} as the place of the last entries, which stand at {sequence}");
        return hash.Span.SequenceEqual(HeadOf(state).Hash.Span)
            ? new JournalVerification.Intact(state.JournalLength - start.Link.Number, hash)
            : new JournalVerification.Broken(Math.Max(1, number - 1), "the last hash is not the one that the partition's state names");
    }

    private Func<long, Task<IReadOnlyList<StoredBatch>>> ScanShard(int shard, PartitionId partition, CancellationToken ct)
    {
        var cursor = 0L;
        return async _ =>
        {
            while (true)
            {
                ct.ThrowIfCancellationRequested();
                var batches = await Guard(_backend.ShardJournalAsync(shard, cursor, VerifyPage));
                if (batches.Count == 0)
                    return [];
                cursor = batches[^1].Sequence;
                var own = batches.Where(batch => Journal.BelongsTo(batch.Bytes, partition)).ToList();
                if (own.Count > 0)
                    return own;
            }
        };
    }
}
