using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Pennypost.Store;

namespace Pennypost.Gateway.Events;

/// <summary>Tells whoever watches a timeline that it grew: at once what this instance appended, and what another did by one look for all who watch the tenant. Nobody watches: nothing is looked at.</summary>
internal sealed class TimelineNews(StateStore store, IOptions<TimelineOptions> options, ILogger<TimelineNews> logger)
{
    private readonly ConcurrentDictionary<string, Watched> watched = new(StringComparer.Ordinal);

    public void Ring(string tenant)
    {
        if (watched.TryGetValue(tenant, out var timeline)) timeline.Ring();
    }

    /// <summary>From now on; until disposed.</summary>
    public Listening Listen(string tenant)
    {
        lock (watched)
        {
            var timeline = watched.GetOrAdd(tenant, _ => new Watched());
            if (timeline.Listeners++ == 0) _ = LookAsync(tenant, timeline);
            return new Listening(this, tenant, timeline);
        }
    }

    private async Task LookAsync(string tenant, Watched timeline)
    {
        var (seen, fails) = (-1L, false);
        while (!timeline.Ended.IsCancellationRequested)
        {
            await Task.Delay(options.Value.WatchPoll, timeline.Ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (timeline.Ended.IsCancellationRequested) return;
            try
            {
                var end = (await store.JournalHeadAsync(Timelines.Partition(tenant), timeline.Ended.Token)).Number;
                if (end != seen) timeline.Ring();
                (seen, fails) = (end, false);
            }
            catch (Exception exception) when (exception is StoreException or OperationCanceledException or ObjectDisposedException)
            {
                // Whoever watches waits; the next look tells what was missed. Said once, not each time.
                if (!fails && exception is StoreException) logger.LookFailed(exception.GetType().Name, tenant);
                fails = true;
            }
        }
    }

    internal sealed class Watched
    {
        private TaskCompletionSource next = New();

        public int Listeners { get; set; }

        public CancellationTokenSource Ended { get; } = new();

        public Task Next => Volatile.Read(ref next).Task;

        public void Ring() => Interlocked.Exchange(ref next, New()).TrySetResult();

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal sealed class Listening(TimelineNews news, string tenant, Watched timeline) : IDisposable
    {
        /// <summary>Completes when the timeline grew after this was asked for. Ask before reading: what comes in between must not be missed.</summary>
        public Task Next => timeline.Next;

        public void Dispose()
        {
            lock (news.watched)
            {
                if (--timeline.Listeners > 0) return;
                news.watched.TryRemove(tenant, out _);
                timeline.Ended.Cancel();
            }
        }
    }
}
