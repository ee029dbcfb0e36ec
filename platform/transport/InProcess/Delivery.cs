using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Pennypost.Transport;

/// <summary>Limits of the in-process transport.</summary>
public sealed record TransportLimits
{
    /// <summary>Items that may wait per group or queue; a publisher waits for room.</summary>
    public int Capacity { get; init; } = 4_096;

    /// <summary>Attempts per item before it is parked.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>Pause before the second attempt; doubles up to <see cref="MaxPause"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest pause between attempts.</summary>
    public TimeSpan MaxPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Errors kept per topic or queue; the oldest are dropped beyond it, and that is logged.</summary>
    public int MaxParked { get; init; } = 1_000;
}

/// <summary>The errors that were given up on, bounded.</summary>
internal sealed class ErrorShelf(int limit, ILogger log)
{
    private readonly Queue<ParkedError> errors = new();

    public IReadOnlyList<ParkedError> All
    {
        get { lock (errors) return [.. errors]; }
    }

    public void Park(ParkedError error, Exception exception)
    {
        lock (errors)
        {
            errors.Enqueue(error);
            if (errors.Count > limit)
            {
                errors.Dequeue();
                log.ErrorsOverflow(error.Group, limit);
            }
        }
        log.Parked(exception, error.Group, error.Id, error.Tenant, error.Attempts);
    }
}

/// <summary>Takes items from a channel, a number at once, and calls the handler with bounded retries.</summary>
internal sealed class Delivery<T> : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly Task[] loops;
    private readonly Action? onDispose;
    private int disposed;

    public Delivery(ChannelReader<T> items, int concurrency, Func<T, CancellationToken, Task> handler, TransportLimits limits, Action<T, int, Exception> park, Action? onDispose = null)
    {
        this.onDispose = onDispose;
        loops = [.. Enumerable.Range(0, concurrency).Select(_ => Task.Run(() => LoopAsync(items, handler, limits, park)))];
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        onDispose?.Invoke();
        await stopping.CancelAsync();
        await Task.WhenAll(loops);
        stopping.Dispose();
    }

    private async Task LoopAsync(ChannelReader<T> items, Func<T, CancellationToken, Task> handler, TransportLimits limits, Action<T, int, Exception> park)
    {
        try
        {
            await foreach (var item in items.ReadAllAsync(stopping.Token)) await HandleAsync(item, handler, limits, park);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Whoever published it still has it: the journal is the outbox, the due index the queue's.
        }
    }

    private async Task HandleAsync(T item, Func<T, CancellationToken, Task> handler, TransportLimits limits, Action<T, int, Exception> park)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await handler(item, stopping.Token);
                return;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                throw;
            }
            catch (Exception exception) when (attempt >= limits.MaxAttempts)
            {
                // One bad item must not stop those behind it.
                park(item, attempt, exception);
                return;
            }
            catch (Exception)
            {
                await Task.Delay(Pause(attempt, limits), stopping.Token);
            }
        }
    }

    private static TimeSpan Pause(int attempt, TransportLimits limits)
    {
        var pause = limits.FirstPause * Math.Pow(2, Math.Min(attempt - 1, 20));
        return pause < limits.MaxPause ? pause : limits.MaxPause;
    }
}
