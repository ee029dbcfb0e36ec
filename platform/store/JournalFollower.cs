namespace Pennypost.Store;

/// <summary>
/// Reads the journals of a store's shards as they grow, whichever process appends: every commit after a position, in the order of its shard. It holds one page at a time and reads the next one when it is
/// asked for, so that a slow reader costs no memory. For one caller at a time.
/// </summary>
public sealed class JournalFollower : IDisposable
{
    private const int CommitsPerPage = 64;
    private readonly StateStore _store;
    private readonly long[] _positions;
    private readonly int[] _shards;
    private readonly Predicate<PartitionId> _matters;
    private int _turn;
    private int _disposed;

    internal JournalFollower(StateStore store, long[] positions, int[] shards, int? first, Predicate<PartitionId> matters)
    {
        (_store, _positions, _shards, _matters) = (store, positions, shards, matters);
        _turn = first is { } shard ? Math.Max(0, Array.IndexOf(shards, shard)) : 0;
        store.BeginFollowing();
    }

    /// <summary>For each shard the sequence of the last commit that was handed out, or that need not be.</summary>
    public IReadOnlyList<long> Positions => _positions;

    /// <summary>Some commits of one shard; null when there was nothing within the limit.</summary>
    /// <param name="limit">How long to wait, real time.</param>
    /// <param name="ct">Ends the waiting.</param>
    /// <exception cref="JournalPositionException">What comes next is not there: the store was set back, or a partition that matters let go of it.</exception>
    public async Task<ShardJournalPage?> NextAsync(TimeSpan limit, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(limit);
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            var news = _store.Ends.Next();
            // In turns: a busy shard must not keep the others waiting.
            for (var step = 0; step < _shards.Length; step++)
            {
                var shard = _shards[_turn];
                _turn = (_turn + 1) % _shards.Length;
                var end = _store.Ends.Of(shard);
                if (end < _positions[shard])
                    throw new JournalPositionException(shard, _positions[shard]);
                if (end == _positions[shard])
                    continue;
                var page = await _store.ReadShardJournalAsync(shard, _positions[shard], CommitsPerPage, ct);
                // A shard's sequences have no gaps but where commits were let go of.
                var last = page.Entries.Count == 0 ? end : page.NextSequence;
                if (CommitsOf(page) != last - _positions[shard] && await _store.WasTrimmedBehindAsync(shard, _positions[shard], _matters))
                    throw new JournalPositionException(shard, _positions[shard]);
                // What came in while it was read is in it.
                _store.Ends.Raise(shard, last);
                _positions[shard] = last;
                if (page.Entries.Count > 0)
                    return page;
            }

            try
            {
                await news.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    private static long CommitsOf(ShardJournalPage page)
    {
        var (commits, before) = (0L, 0L);
        foreach (var entry in page.Entries)
        {
            commits += entry.Sequence == before ? 0 : 1;
            before = entry.Sequence;
        }

        return commits;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _store.EndFollowing();
    }
}

/// <summary>A position in a shard's journal from which one cannot go on: the store was set back behind it, or what follows was let go of. What lies between cannot be told.</summary>
public sealed class JournalPositionException : StoreException
{
    /// <param name="shard">The shard.</param>
    /// <param name="position">The sequence that was asked for.</param>
    public JournalPositionException(int shard, long position)
        : base($"Shard {shard}: what follows {position} in the journal is not there any more.", null) => (Shard, Position) = (shard, position);

    /// <summary>The shard.</summary>
    public int Shard { get; }

    /// <summary>The sequence that was asked for.</summary>
    public long Position { get; }
}
