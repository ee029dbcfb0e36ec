namespace Pennypost.Store;

/// <summary>Following the journal. While nobody does, it costs nothing.</summary>
public sealed partial class StateStore
{
    private readonly Lock _following = new();
    private int _followers;
    private CancellationTokenSource? _looking;

    internal JournalEnds Ends { get; }

    /// <summary>Follows the journals of the shards that these partitions live on, or of all.</summary>
    /// <param name="after">For each shard the last sequence that need not be handed out, as <see cref="JournalFollower.Positions"/> had it; null for now.</param>
    /// <param name="only">The partitions that matter; entries of others on the same shards come along. Null for all.</param>
    /// <param name="matters">Whether it matters that entries of a partition were let go of before they were handed out.</param>
    /// <param name="first">The shard to read first, whether or not one of the partitions lives on it; null for any.</param>
    /// <param name="ct">Ends the waiting.</param>
    /// <exception cref="JournalPositionException">A position lies behind the journal's end: the store was set back.</exception>
    public async Task<JournalFollower> FollowAsync(IReadOnlyList<long>? after, IReadOnlyCollection<PartitionId>? only, Predicate<PartitionId> matters, int? first, CancellationToken ct)
    {
        if (after is not null && after.Count != Shards)
            throw new ArgumentException($"There must be a position for each of the {Shards} shards.", nameof(after));
        await OpenAsync(ct);
        var ends = await LookAtEndsAsync();
        for (var shard = 0; shard < Shards; shard++)
            if (after is not null && after[shard] > ends[shard])
                throw new JournalPositionException(shard, after[shard]);
        var shards = only is null ? Enumerable.Range(0, Shards) : only.Select(partition => partition.ShardOf(Shards)).Concat(first is { } begin ? [begin] : []).Distinct().Order();
        return new JournalFollower(this, [.. after ?? ends], [.. shards], first, matters);
    }

    internal void BeginFollowing()
    {
        lock (_following)
        {
            if (++_followers > 1)
                return;
            _looking = new CancellationTokenSource();
            _ = LookAsync(_looking.Token);
        }
    }

    internal void EndFollowing()
    {
        lock (_following)
        {
            if (--_followers > 0)
                return;
            _looking!.Cancel();
            _looking.Dispose();
            _looking = null;
        }
    }

    /// <summary>One look for all followers together, while there are any.</summary>
    private async Task LookAsync(CancellationToken ct)
    {
        var fails = false;
        while (!ct.IsCancellationRequested)
        {
            await Task.Delay(_options.FollowPoll, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ct.IsCancellationRequested)
                return;
            try
            {
                await LookAtEndsAsync();
                fails = false;
            }
            catch (Exception exception) when (exception is StoreException or ObjectDisposedException)
            {
                // Followers wait; the next look tells them what they missed. Said once, not each time.
                if (!fails)
                    _logger.LookFailed(exception, Name);
                fails = true;
            }
        }
    }

    private async Task<long[]> LookAtEndsAsync()
    {
        var known = Enumerable.Range(0, Shards).Select(Ends.Of).ToArray();
        var ends = await Guard(Task.WhenAll(Enumerable.Range(0, Shards).Select(_backend.JournalEndAsync)));
        for (var shard = 0; shard < ends.Length; shard++)
            Ends.See(shard, ends[shard], known[shard]);
        return ends;
    }
}
