namespace Pennypost.Store;

/// <summary>
/// Where each shard's journal ends, as far as this process knows, and who waits for more. A writer of this process tells at once; what other processes append is looked for while somebody follows.
/// </summary>
internal sealed class JournalEnds(int shards)
{
    private readonly long[] _ends = new long[shards];
    private TaskCompletionSource? _waiting;

    public long Of(int shard) => Volatile.Read(ref _ends[shard]);

    /// <summary>Completes when an end is told the next time. Take it before looking: what is told in between must not be missed.</summary>
    public Task Next()
    {
        var waiting = Volatile.Read(ref _waiting);
        if (waiting is not null)
            return waiting.Task;
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref _waiting, mine, null) ?? mine).Task;
    }

    /// <summary>The journal goes at least this far.</summary>
    public void Raise(int shard, long sequence)
    {
        ref var end = ref _ends[shard];
        for (var known = Volatile.Read(ref end); known < sequence;)
        {
            var found = Interlocked.CompareExchange(ref end, sequence, known);
            if (found == known)
            {
                // Nobody waits most of the time: then it costs one read.
                if (Volatile.Read(ref _waiting) is not null)
                    Interlocked.Exchange(ref _waiting, null)?.TrySetResult();
                return;
            }

            known = found;
        }
    }

    /// <summary>What the store was seen to hold, by whoever knew this end before looking. Less than that: the store was set back.</summary>
    public void See(int shard, long sequence, long knownBefore)
    {
        Raise(shard, sequence);
        if (sequence < knownBefore && Interlocked.CompareExchange(ref _ends[shard], sequence, knownBefore) == knownBefore)
            Interlocked.Exchange(ref _waiting, null)?.TrySetResult();
    }
}
