namespace Pennypost.Store;

/// <summary>A doorbell: ringing it any number of times wakes whoever waits once.</summary>
internal sealed class Doorbell : IDisposable
{
    private readonly SemaphoreSlim _rung = new(0, 1);

    public void Ring()
    {
        if (_rung.CurrentCount > 0)
            return;
        try
        {
            _rung.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else rang at the same moment.
        }
    }

    /// <summary>Returns when rung, or after the limit.</summary>
    public Task WaitAsync(TimeSpan limit, CancellationToken ct) => _rung.WaitAsync(limit, ct);

    public void Dispose() => _rung.Dispose();
}

/// <summary>What a shard's writer tells those in the same process who wait for its work.</summary>
/// <param name="Journal">One per shard: its relay.</param>
/// <param name="Due">One per store: whoever claims due entries.</param>
/// <param name="Ends">One per store: whoever follows the journal.</param>
internal sealed record ShardSignals(Doorbell Journal, Doorbell Due, JournalEnds Ends);
