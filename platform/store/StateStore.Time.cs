namespace Pennypost.Store;

/// <summary>The installation's clock and the due index.</summary>
public sealed partial class StateStore
{
    /// <summary>Far below where adding to it overflows.</summary>
    private const int MaxTurn = 0xFFFFFF;

    private static readonly TimeSpan _maxLease = TimeSpan.FromDays(1);

    /// <summary>The installation's time: the store's clock plus the offset, UTC, in whole milliseconds.</summary>
    public async Task<DateTimeOffset> NowAsync(CancellationToken ct)
    {
        await OpenAsync(ct);
        return DateTimeOffset.FromUnixTimeMilliseconds((await Guard(_backend.ReadClockAsync(0))).NowMs);
    }

    /// <summary>How far the installation's clock is ahead of the store's: 0 in production.</summary>
    public async Task<TimeSpan> ClockOffsetAsync(CancellationToken ct)
    {
        await OpenAsync(ct);
        return TimeSpan.FromMilliseconds((await Guard(_backend.ReadClockAsync(0))).OffsetMs);
    }

    /// <summary>Moves the installation's clock forward for every process that opened this store.</summary>
    /// <returns>The new time.</returns>
    public async Task<DateTimeOffset> AdvanceClockAsync(TimeSpan by, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        return await RaiseClockOffsetAsync(await ClockOffsetAsync(ct) + by, ct);
    }

    /// <summary>
    /// Sets how far the installation's clock is ahead, unless it is further ahead already: the same request again changes nothing, and the stores of several services can be brought to one offset.
    /// </summary>
    /// <returns>The new time.</returns>
    public async Task<DateTimeOffset> RaiseClockOffsetAsync(TimeSpan offset, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, TimeSpan.FromDays(36_525));
        await OpenAsync(ct);
        // Shard 0 last: it answers for the offset, so an interrupted move is seen as not done and can be repeated.
        var reading = default(ClockReading);
        for (var shard = _options.Shards - 1; shard >= 0; shard--)
            reading = await Guard(_backend.RaiseOffsetAsync(shard, (long)offset.TotalMilliseconds));
        _dueBell.Ring();
        return DateTimeOffset.FromUnixTimeMilliseconds(reading.NowMs);
    }

    /// <summary>
    /// Claims entries of the due index whose time has come: of each shard its share, by priority, within it in turns among tenants, within these the earliest first. An entry goes only when its
    /// partition's next commit sets or removes it; until the lease ends nobody else gets it, afterwards anybody.
    /// </summary>
    /// <param name="limit">1 to 1,000.</param>
    /// <param name="lease">Real time, up to a day.</param>
    /// <param name="ct">Ends the waiting.</param>
    /// <param name="dueFor">Only what has been due for no longer than this; left out: all that is due.</param>
    public async Task<IReadOnlyList<DueClaim>> ClaimDueAsync(int limit, TimeSpan lease, CancellationToken ct, TimeSpan? dueFor = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, Limits.MaxPage);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lease, _maxLease);
        await OpenAsync(ct);
        var claims = new List<DueClaim>();
        StoreException? failed = null;
        // Each shard gives its share of what is wanted, and only those that have more give more: what is urgent in one does not wait for all that is due in the others. Where fewer are wanted than there are
        // shards, others begin each time.
        var several = Math.Min(limit, _options.Shards);
        var first = (uint)Interlocked.Add(ref _nextClaim, several) - (uint)several;
        var toAsk = Enumerable.Range(0, _options.Shards).Select(step => (int)((first + (uint)step) % (uint)_options.Shards)).ToList();
        while (claims.Count < limit && toAsk.Count > 0)
        {
            ct.ThrowIfCancellationRequested();
            var asked = toAsk[..Math.Min(toAsk.Count, limit - claims.Count)];
            var share = (limit - claims.Count) / asked.Count;
            var given = await Task.WhenAll(asked.Select(shard => ClaimOrFailAsync(shard, share, lease, dueFor)));
            foreach (var (some, failure) in given)
            {
                claims.AddRange(some);
                failed ??= failure;
            }

            toAsk = [.. toAsk.Skip(asked.Count), .. asked.Where((_, index) => given[index].Claims.Count == share)];
        }

        // What one shard gave is not lost because another does not answer.
        if (claims.Count == 0 && failed is not null)
            throw failed;
        return [.. claims.OrderBy(claim => claim.Priority)];
    }

    private async Task<(IReadOnlyList<DueClaim> Claims, StoreException? Failure)> ClaimOrFailAsync(int shard, int limit, TimeSpan lease, TimeSpan? dueFor)
    {
        // Each kind of look has turns of its own: taken alternately, one kind would always meet the same tenant.
        var turns = dueFor is null ? _claimTurns : _freshClaimTurns;
        try
        {
            return (await Guard(_backend.ClaimDueAsync(shard, limit, lease, Interlocked.Increment(ref turns[shard]) & MaxTurn, dueFor)), null);
        }
        catch (StoreException failure)
        {
            _logger.ClaimFailed(failure, shard);
            return ([], failure);
        }
    }

    /// <summary>
    /// When the next entry of the due index becomes claimable, on the installation's clock; null when there is none. Never too late; sometimes too early, and once <see cref="ClaimDueAsync"/> looked, right.
    /// </summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken ct)
    {
        await OpenAsync(ct);
        var times = await Guard(Task.WhenAll(Enumerable.Range(0, _options.Shards).Select(_backend.NextDueAsync)));
        return times.Min() is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
    }

    /// <summary>Waits until this process changed the due index or moved the clock, at most as long as the limit. For one waiter. What other processes do is seen by looking again.</summary>
    public Task WaitForDueChangeAsync(TimeSpan limit, CancellationToken ct) => _dueBell.WaitAsync(limit, ct);
}
