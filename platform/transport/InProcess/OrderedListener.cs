namespace Pennypost.Transport;

/// <summary>
/// The listener in order of a group inside one process. Nothing is kept between publisher and listener: a publisher waits until the listener has what it was told, because what was published is not published again.
/// </summary>
internal sealed class OrderedListener
{
    private readonly Lock sync = new();
    private Listening? listening;
    private TaskCompletionSource came = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether somebody listens now.</summary>
    public bool IsThere
    {
        get { lock (sync) return listening is not null; }
    }

    /// <summary>Returns when the listener has them; throws what it throws.</summary>
    public async Task TellAsync(IReadOnlyList<EventEnvelope> events, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next;
            Listening? now;
            lock (sync) (now, next) = (listening, came.Task);
            if (now is null)
            {
                await next.WaitAsync(cancellationToken);
                continue;
            }

            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, now.Stopping.Token);
            foreach (var some in events.Chunk(now.Most)) await now.Handler(some, ending.Token);
            return;
        }
    }

    public IAsyncDisposable Listen(int most, Func<IReadOnlyList<EventEnvelope>, CancellationToken, Task> handler)
    {
        var mine = new Listening(this, most, handler);
        lock (sync)
        {
            if (listening is not null) throw new InvalidOperationException("Inside one process one listens to a group in order.");
            listening = mine;
            came.TrySetResult();
        }
        return mine;
    }

    private void Leave(Listening gone)
    {
        lock (sync)
        {
            if (listening != gone) return;
            listening = null;
            came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private sealed class Listening(OrderedListener owner, int most, Func<IReadOnlyList<EventEnvelope>, CancellationToken, Task> handler) : IAsyncDisposable
    {
        public int Most { get; } = most;

        public Func<IReadOnlyList<EventEnvelope>, CancellationToken, Task> Handler { get; } = handler;

        public CancellationTokenSource Stopping { get; } = new();

        // Whoever tells right now still looks at it: the source is left to the collector.
        public async ValueTask DisposeAsync()
        {
            owner.Leave(this);
            await Stopping.CancelAsync();
        }
    }
}
