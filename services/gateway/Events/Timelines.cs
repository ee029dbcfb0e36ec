using Google.Protobuf;
using Microsoft.Extensions.Options;
using Pennypost.Gateway.Stored;
using Pennypost.Store;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Events;

/// <summary>A line of a timeline: an event at its place, or at its place something that is none.</summary>
internal readonly record struct TimelineLine(TimelinePosition Position, Event? Event);

/// <summary>What reading on from a place came to.</summary>
internal abstract record TimelinePage
{
    private TimelinePage() { }

    /// <param name="Lines">What comes after it; empty at the end.</param>
    public sealed record Read(IReadOnlyList<TimelineLine> Lines) : TimelinePage;

    /// <summary>What comes next is not there any more.</summary>
    /// <param name="First">The earliest time of which every event is kept; null if there is none.</param>
    /// <param name="Start">The place before the first line that is kept.</param>
    public sealed record Lost(DateTimeOffset? First, long Start) : TimelinePage;
}

/// <summary>
/// The timeline of each tenant: the journal of its partition <c>events</c>, in the order in which events came. It is read by number, chained by hashes, and trimmed from its beginning. Whoever delivers to webhooks has
/// their state in the same partition, so that an event and the waking of its webhooks are one commit.
/// </summary>
internal sealed class Timelines(StateStore store, TimelineNews news, EventMeter meter, IOptions<TimelineOptions> options, ILogger<Timelines> logger)
{
    public const string Kind = "events";
    public const string TrimKey = "trim";
    public const string WebhookKeyPrefix = "w/";
    public static readonly HeadCodec<StoredTimeline> Codec = HeadCodec.Message(StoredTimeline.Parser);
    private const int TrimPage = 1_000;
    private const int TrimStepsAtOnce = 20;

    public static PartitionId Partition(string tenant) => new(Kind, tenant, "_");

    /// <summary>Appends what is new; returns when it is durable.</summary>
    public async Task AppendAsync(string tenant, IReadOnlyList<Event> events, CancellationToken ct)
    {
        try
        {
            await TryAppendAsync(tenant, events, ct);
        }
        catch (StoreRewoundException rewound)
        {
            // A copy of what the journals of others say decides nothing: it goes on from what is there. Positions that lie behind are refused by their time.
            logger.TimelineRewound(tenant, rewound.ExpectedVersion, rewound.FoundVersion);
            await store.AcceptRewindAsync(Partition(tenant), rewound.ExpectedVersion, "gateway", ct);
            await TryAppendAsync(tenant, events, ct);
        }
    }

    private async Task TryAppendAsync(string tenant, IReadOnlyList<Event> events, CancellationToken ct)
    {
        string[] keys = [.. events.Select(happened => Appending.StreamKey(happened.EventId)).Distinct()];
        var appended = (await store.ExecuteAsync<StoredTimeline, Appending.Appended>(Partition(tenant), Codec, RecordKeys.Of(keys), view =>
        {
            var found = Appending.Append(events, key => view.Record(key) is { } bytes ? StoredStream.Parser.ParseFrom(bytes).Sequence : null);
            if (found.Fresh.Count == 0) return new Decision<StoredTimeline, Appending.Appended>.Answer(found);
            var (head, nowMs) = (view.Head?.Clone() ?? new StoredTimeline { Version = 1 }, view.Now.ToUnixTimeMilliseconds());
            head.Appended += found.Fresh.Count;
            var due = new List<DueChange>();
            foreach (var webhook in head.Webhooks.Where(webhook => webhook.Asleep))
            {
                webhook.Asleep = false;
                due.Add(Wake(webhook.WebhookId, view.Now));
            }
            var trim = head.TrimUnixMs == 0 ? Appending.TrimTime(view.Now, view.Now, options.Value.KeepFor).ToUnixTimeMilliseconds() : head.TrimUnixMs;
            if (Appending.IsFull(head, options.Value.KeepEvents)) trim = Math.Min(trim, nowMs);
            if (trim != head.TrimUnixMs)
            {
                head.TrimUnixMs = trim;
                due.Add(TrimDue(trim));
            }
            return new Decision<StoredTimeline, Appending.Appended>.Commit(head, found)
            {
                Entries = [.. found.Fresh.Select(Appending.Line)],
                Records = [.. found.Streams.Select(stream => new RecordChange.Put(stream.Key, new StoredStream { Sequence = stream.Value, AppendUnixMs = nowMs }.ToByteArray()))],
                Due = due,
            };
        }, 0, ct)).Answer;
        meter.Appended(appended);
        if (appended.Missed > 0) logger.EventsMissed(tenant, appended.Missed);
        if (appended.Fresh.Count > 0) news.Ring(tenant);
    }

    public static DueChange Wake(string webhookId, DateTimeOffset at) => new DueChange.Set(WebhookKeyPrefix + webhookId, at, 3, []);

    private static DueChange.Set TrimDue(long unixMs) => new DueChange.Set(TrimKey, DateTimeOffset.FromUnixTimeMilliseconds(unixMs), 7, []);

    /// <summary>Reads on after a place.</summary>
    public async Task<TimelinePage> ReadAsync(string tenant, long after, int most, CancellationToken ct)
    {
        while (true)
        {
            var page = await store.ReadJournalAsync(Partition(tenant), after + 1, most, ct);
            if (page.Entries.Count > 0)
                return page.Entries[0].Number == after + 1
                    ? new TimelinePage.Read([.. page.Entries.Select(Line)])
                    : new TimelinePage.Lost(page.Entries[0].Time, page.Entries[0].Number - 1);
            var (end, start) = (await EndAsync(tenant, ct), await StartAsync(tenant, ct));
            if (end == after) return new TimelinePage.Read([]);
            // What was appended meanwhile is read the next time.
            if (end < after || start > after) return new TimelinePage.Lost(await FirstTimeAsync(tenant, start, ct), start);
        }
    }

    /// <summary>Whether what the position says was told is what stands there.</summary>
    public async Task<TimelinePage.Lost?> FindAsync(string tenant, TimelinePosition position, CancellationToken ct)
    {
        if (position.Number == 0) return null;
        var found = await LineAsync(tenant, position.Number, ct);
        if (found is { } line && line.Position == position) return null;
        var start = await StartAsync(tenant, ct);
        // Gone, but nothing after it.
        return found is null && start == position.Number ? null : new TimelinePage.Lost(await FirstTimeAsync(tenant, start, ct), start);
    }

    /// <summary>One line; null when it is not there.</summary>
    public async Task<TimelineLine?> LineAsync(string tenant, long number, CancellationToken ct) =>
        (await store.ReadJournalAsync(Partition(tenant), number, 1, ct)).Entries is [var entry] && entry.Number == number ? Line(entry) : null;

    /// <summary>The place after which everything that came at or after a time stands; or what is lost of it.</summary>
    public async Task<(TimelinePosition Position, TimelinePage.Lost? Lost)> BeforeAsync(string tenant, DateTimeOffset time, CancellationToken ct)
    {
        var (start, end) = (await StartAsync(tenant, ct), await EndAsync(tenant, ct));
        if (start > 0 && await FirstTimeAsync(tenant, start, ct) is var first && (first is null || time < first)) return (default, new TimelinePage.Lost(first, start));
        // Lines are in the order of their times.
        var (low, high) = (start, end);
        while (low < high)
        {
            var middle = low + ((high - low + 1) / 2);
            if (await LineAsync(tenant, middle, ct) is { } line && line.Position.AtUnixMs >= time.ToUnixTimeMilliseconds()) high = middle - 1;
            else low = middle;
        }
        return (await PositionAsync(tenant, low, ct), null);
    }

    /// <summary>The place before the oldest line that is kept.</summary>
    public async Task<TimelinePosition> OldestAsync(string tenant, CancellationToken ct) => new(await StartAsync(tenant, ct), 0);

    /// <summary>The place behind the last line.</summary>
    public async Task<TimelinePosition> NewestAsync(string tenant, CancellationToken ct) => await PositionAsync(tenant, await EndAsync(tenant, ct), ct);

    private async Task<TimelinePosition> PositionAsync(string tenant, long number, CancellationToken ct) =>
        number > 0 && await LineAsync(tenant, number, ct) is { } line ? line.Position : new TimelinePosition(number, 0);

    /// <summary>How many events of the tenant's were let go of.</summary>
    public async Task<long> StartAsync(string tenant, CancellationToken ct) => (await store.JournalStartAsync(Partition(tenant), ct)).Number;

    public async Task<long> EndAsync(string tenant, CancellationToken ct) => (await store.JournalHeadAsync(Partition(tenant), ct)).Number;

    private async Task<DateTimeOffset?> FirstTimeAsync(string tenant, long start, CancellationToken ct) =>
        (await store.ReadJournalAsync(Partition(tenant), start + 1, 1, ct)).Entries is [var first] ? first.Time : null;

    private static TimelineLine Line(JournaledEntry entry) => new(new TimelinePosition(entry.Number, entry.Time.ToUnixTimeMilliseconds()), Appending.Read(entry));

    /// <summary>Lets go of what is too old or too many, in steps that each leave the whole in order, and says when to look again.</summary>
    public async Task TrimAsync(string tenant, CancellationToken ct)
    {
        var partition = Partition(tenant);
        for (var step = 0; step < TrimStepsAtOnce; step++)
        {
            var now = await store.NowAsync(ct);
            var (start, end) = (await StartAsync(tenant, ct), await EndAsync(tenant, ct));
            var page = (await store.ReadJournalAsync(partition, start + 1, TrimPage, ct)).Entries;
            var going = Trimming.Going(page, now - options.Value.KeepFor, end - options.Value.KeepEvents, isEnd: page.Count == 0 || page[^1].Number == end);
            if (going.Count == 0)
            {
                await AgainAsync(partition, page.Count == 0 ? null : Appending.TrimTime(page[0].Time, now, options.Value.KeepFor), ct);
                return;
            }

            // What was appended last may not have passed the relay yet: a look later finds it so.
            if (!await store.IsRelayedAsync(partition, going[^1].Number, ct))
            {
                await AgainAsync(partition, now + TimeSpan.FromMinutes(1), ct);
                return;
            }

            await ForgetAsync(partition, going, ct);
            await store.TrimJournalAsync(partition, going[^1].Number, ct);
        }

        await AgainAsync(partition, await store.NowAsync(ct), ct);
    }

    /// <summary>What is known of a source goes with its last event: until then every repeat of it is known.</summary>
    private Task<Executed<bool>> ForgetAsync(PartitionId partition, IReadOnlyList<JournaledEntry> going, CancellationToken ct)
    {
        string[] keys = [.. going.Select(Appending.Read).OfType<Event>().Select(happened => Appending.StreamKey(happened.EventId)).Distinct()];
        var last = going[^1].Time.ToUnixTimeMilliseconds();
        return store.ExecuteAsync<StoredTimeline, bool>(partition, Codec, RecordKeys.Of(keys), view =>
        {
            var head = view.Head?.Clone() ?? new StoredTimeline { Version = 1 };
            head.Trimmed = going[^1].Number;
            return new Decision<StoredTimeline, bool>.Commit(head, true)
            {
                Records = [.. keys.Where(key => view.Record(key) is { } bytes && StoredStream.Parser.ParseFrom(bytes).AppendUnixMs <= last).Select(key => new RecordChange.Delete(key))],
            };
        }, 0, ct);
    }

    private Task<Executed<bool>> AgainAsync(PartitionId partition, DateTimeOffset? at, CancellationToken ct) =>
        store.ExecuteAsync<StoredTimeline, bool>(partition, Codec, RecordKeys.None, view =>
        {
            var head = view.Head?.Clone() ?? new StoredTimeline { Version = 1 };
            head.TrimUnixMs = at?.ToUnixTimeMilliseconds() ?? 0;
            return new Decision<StoredTimeline, bool>.Commit(head, true) { Due = [at is null ? new DueChange.Remove(TrimKey) : TrimDue(head.TrimUnixMs)] };
        }, 0, ct);
}
