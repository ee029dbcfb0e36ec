namespace Pennypost.Store;

/// <summary>
/// One writer's idea of the installation's time: the store's clock, as last heard, carried on by this process's monotonic clock. Every reply of the store sets it right,
/// so deciding needs no round trip. It never runs backwards behind what was committed.
/// </summary>
internal sealed class StoreClock(TimeProvider time)
{
    private long _readAt;
    private ClockReading _reading;
    private long _committedMs = long.MinValue;

    /// <summary>False until the store was heard once.</summary>
    public bool IsSet { get; private set; }

    public long NowMs()
    {
        var estimate = _reading.NowMs + (long)time.GetElapsedTime(_readAt).TotalMilliseconds;
        return Math.Max(estimate, _committedMs);
    }

    public void Heard(ClockReading reading)
    {
        _reading = reading;
        _readAt = time.GetTimestamp();
        IsSet = true;
    }

    /// <summary>From now on the clock stays at or after this.</summary>
    public void Committed(long nowMs) => _committedMs = Math.Max(_committedMs, nowMs);
}
