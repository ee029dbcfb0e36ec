using Microsoft.Extensions.Options;
using Pennypost.Gateway.V1;

namespace Pennypost.Gateway.Events;

/// <summary>The open watches of this instance. Each reads the timeline at its reader's pace, a page at a time.</summary>
internal sealed class EventWatches(Timelines timelines, TimelineNews news, TimeProvider time, IOptions<TimelineOptions> options)
{
    private const int Page = 256;
    private int open;

    /// <summary>Tells what comes after a place until the reader leaves.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="filters">What of it.</param>
    /// <param name="from">The place.</param>
    /// <param name="write">Returns when the reader is ready for more.</param>
    /// <param name="ct">The reader left.</param>
    public async Task TellAsync(string tenant, EventFilters filters, TimelinePosition from, Func<WatchEventsResponse, Task> write, CancellationToken ct)
    {
        try
        {
            if (Interlocked.Increment(ref open) > options.Value.MaxWatches) throw Errors.TooManyWatches(options.Value.MaxWatches);
            await FollowAsync(tenant, filters, from, write, ct);
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    }

    private async Task FollowAsync(string tenant, EventFilters filters, TimelinePosition position, Func<WatchEventsResponse, Task> write, CancellationToken ct)
    {
        using var listening = news.Listen(tenant);
        await write(new WatchEventsResponse { ResumeToken = position.ToToken(tenant) });
        var written = time.GetTimestamp();
        while (true)
        {
            var next = listening.Next;
            if (await timelines.ReadAsync(tenant, position.Number, Page, ct) is not TimelinePage.Read page) throw Errors.PositionLost(null);
            foreach (var line in page.Lines)
            {
                position = line.Position;
                if (line.Event is not { } happened || !filters.Lets(happened)) continue;
                await write(new WatchEventsResponse { Event = happened, ResumeToken = position.ToToken(tenant) });
                written = time.GetTimestamp();
            }

            // Also between pages that hold nothing for this reader: it would else go back far.
            var left = options.Value.Heartbeat - time.GetElapsedTime(written);
            if (left > TimeSpan.Zero && page.Lines.Count == 0) await Task.WhenAny(next, Task.Delay(left, time, ct));
            ct.ThrowIfCancellationRequested();
            if (time.GetElapsedTime(written) < options.Value.Heartbeat) continue;
            await write(new WatchEventsResponse { ResumeToken = position.ToToken(tenant) });
            written = time.GetTimestamp();
        }
    }
}
