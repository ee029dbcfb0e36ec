using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Pennypost.Store;
using Store.Writer;

namespace Store.Tests;

/// <summary>The journal as outbox: in order, at least once, by one relay per shard.</summary>
public sealed class RelayingTheJournal
{
    private sealed class Sink(Func<int, Exception?>? fault = null) : IJournalSink
    {
        private int _calls;

        public ConcurrentQueue<JournaledEntry> Published { get; } = new();

        public int Calls => _calls;

        public Task PublishAsync(IReadOnlyList<JournaledEntry> entries, CancellationToken ct)
        {
            var exception = fault?.Invoke(Interlocked.Increment(ref _calls));
            foreach (var entry in exception is null ? entries : entries.Take(entries.Count / 2))
                Published.Enqueue(entry);
            return exception is null ? Task.CompletedTask : throw exception;
        }
    }

    private static JournalRelay Relay(StateStore store, IJournalSink sink) => new(store, sink, NullLogger<JournalRelay>.Instance);

    private static void AssertEveryEntryInOrder(IEnumerable<JournaledEntry> published, int counters, int entries)
    {
        foreach (var partition in published.GroupBy(entry => entry.Partition))
        {
            // Repeats are allowed, gaps and leaps are not: each first sight is the next number.
            var next = 1L;
            foreach (var entry in partition)
            {
                Assert.InRange(entry.Number, 1, next);
                next = Math.Max(next, entry.Number + 1);
            }

            Assert.Equal(entries + 1, next);
        }

        Assert.Equal(counters, published.Select(entry => entry.Partition).Distinct().Count());
    }

    [Theory, OnEveryStore]
    public async Task Publishes_everything_once_and_in_order_when_nothing_breaks(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(options => options.RelayBatch = 3);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(n => store.AddAsync(Backing.Counter(n % 4), $"i{n}")));
        var sink = new Sink();
        using var relay = Relay(store, sink);
        await relay.StartAsync(default);
        await Task.WhenAll(Enumerable.Range(40, 40).Select(n => store.AddAsync(Backing.Counter(n % 4), $"i{n}")));

        await Eventually.TrueAsync(() => sink.Published.Count >= 80, "all was published");
        await relay.StopAsync(default);

        Assert.Equal(80, sink.Published.Count);
        AssertEveryEntryInOrder(sink.Published, 4, 20);
    }

    [Theory, OnEveryStore]
    public async Task Publishes_again_what_a_crashing_sink_did_not_confirm(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(options => (options.RelayBatch, options.Shards) = (5, 2));
        for (var n = 0; n < 60; n++)
            await store.AddAsync(Backing.Counter(n % 4), $"i{n}");
        var sink = new Sink(call => call % 3 == 1 ? new TimeoutException("the broker is away") : null);
        using var relay = Relay(store, sink);
        await relay.StartAsync(default);

        await Eventually.TrueAsync(() => sink.Published.Distinct(SameEntry.Instance).Count() == 60, "all was published");
        await relay.StopAsync(default);

        AssertEveryEntryInOrder(sink.Published, 4, 15);
        Assert.True(sink.Published.Count > 60);
    }

    [Theory, OnEveryStore]
    public async Task Goes_on_after_the_cursor_when_another_process_takes_over(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var (store, other) = (backing.Open(), backing.Open());
        var (first, second) = (new Sink(), new Sink());
        using (var relay = Relay(store, first))
        {
            await relay.StartAsync(default);
            for (var n = 0; n < 10; n++)
                await store.AddAsync(Backing.Counter(), $"i{n}");
            await Eventually.TrueAsync(() => first.Published.Count == 10, "the first ten were published");
            await relay.StopAsync(default);
        }

        for (var n = 10; n < 20; n++)
            await store.AddAsync(Backing.Counter(), $"i{n}");
        using var successor = Relay(other, second);
        await successor.StartAsync(default);
        await Eventually.TrueAsync(() => second.Published.Count >= 10, "the rest was published");
        await successor.StopAsync(default);

        // The cursor moves after the publish: the last batch may come again, nothing before it.
        Assert.Equal(20, second.Published.Last().Number);
        Assert.InRange(second.Published.First().Number, 10, 11);
    }

    [Theory, OnEveryStore]
    public async Task Lets_one_relay_have_a_shard_and_finds_what_other_processes_left(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var (store, other) = (backing.Open(), backing.Open());
        var sink = new Sink();
        using var left = Relay(store, sink);
        using var right = Relay(other, sink);
        await Task.WhenAll(left.StartAsync(default), right.StartAsync(default));
        // A third process without a relay: no doorbell rings, the slow look finds it.
        var silent = backing.Open();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(n => (n % 2 == 0 ? silent : store).AddAsync(Backing.Counter(n % 5), $"i{n}")));

        await Eventually.TrueAsync(() => sink.Published.Distinct(SameEntry.Instance).Count() == 50, "all was published");
        await Task.WhenAll(left.StopAsync(default), right.StopAsync(default));

        AssertEveryEntryInOrder(sink.Published, 5, 10);
    }

    [Theory, OnEveryStore]
    public async Task Is_not_woken_by_what_is_no_news_and_passes_it_on_with_what_is(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(options => (options.Shards, options.RelayPoll) = (1, TimeSpan.FromMinutes(10)));
        var sink = new Sink();
        using var relay = Relay(store, sink);
        await relay.StartAsync(default);
        await store.AddAsync(Backing.Counter(), "first");
        await Eventually.TrueAsync(() => sink.Published.Count == 1, "the first was published");
        // Where its very first look found the first, the bell that rang for it brings another look, which finds nothing.
        await Task.Delay(TimeSpan.FromSeconds(1));

        await QuietlyAsync(store, "one");
        await QuietlyAsync(store, "two");
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        Assert.Single(sink.Published);

        await store.AddAsync(Backing.Counter(), "last");
        await Eventually.TrueAsync(() => sink.Published.Count == 4, "all was published");
        await relay.StopAsync(default);

        AssertEveryEntryInOrder(sink.Published, 1, 4);

        static async Task QuietlyAsync(StateStore store, string id) => await store.ExecuteAsync<Counter, long>(
            Backing.Counter(),
            Counter.Codec,
            RecordKeys.None,
            view => new Decision<Counter, long>.Commit(view.Head!, 0) { Entries = [new JournalEntry("added", Counter.Bytes(id)) { IsNews = false }] },
            0,
            CancellationToken.None);
    }

    [Theory, OnEveryStore]
    public async Task Looks_again_by_itself_after_another_relay_had_the_shard(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(options => (options.Shards, options.RelayPoll) = (1, TimeSpan.FromMinutes(10)));
        await store.AddAsync(Backing.Counter(), "a");
        // It looked before the second was there, and will not look again.
        Assert.Single((await store.Storage.TakeRelayAsync(0, "other", TimeSpan.FromMinutes(1), null, 10))!.Batches);
        await store.AddAsync(Backing.Counter(), "b");
        var sink = new Sink();
        using var relay = Relay(store, sink);
        await relay.StartAsync(default);
        await Task.Delay(TimeSpan.FromMilliseconds(200));
        Assert.Empty(sink.Published);

        Assert.Empty((await store.Storage.TakeRelayAsync(0, "other", TimeSpan.FromMinutes(1), 1, 0))!.Batches);

        await Eventually.TrueAsync(() => sink.Published.Count == 1, "the second was published");
        await relay.StopAsync(default);
        Assert.Equal(2, sink.Published.Single().Number);
    }

    [Theory, OnEveryStore]
    public async Task Refuses_the_cursor_of_a_relay_that_was_overtaken(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(options => options.Shards = 1);
        await store.AddAsync(Backing.Counter(), "a");
        await store.AddAsync(Backing.Counter(), "b");
        var lease = TimeSpan.FromMilliseconds(100);

        var slow = await store.Storage.TakeRelayAsync(0, "slow", lease, null, 1);
        Assert.Null(await store.Storage.TakeRelayAsync(0, "quick", lease, null, 1));
        RelayTurn? quick = null;
        await Eventually.TrueAsync(async () => (quick = await store.Storage.TakeRelayAsync(0, "quick", TimeSpan.FromMinutes(1), null, 1)) is not null, TimeSpan.FromSeconds(5), "the lease ended");

        Assert.Equal(1, slow!.Batches.Single().Sequence);
        Assert.Equal(1, quick!.Batches.Single().Sequence);
        Assert.Null(await store.Storage.TakeRelayAsync(0, "slow", lease, 1, 1));
        Assert.Equal(2, (await store.Storage.TakeRelayAsync(0, "quick", lease, 1, 1))!.Batches.Single().Sequence);
    }

    private sealed class SameEntry : IEqualityComparer<JournaledEntry>
    {
        public static SameEntry Instance { get; } = new();

        public bool Equals(JournaledEntry? left, JournaledEntry? right) => left!.Partition.Equals(right!.Partition) && left.Number == right.Number;

        public int GetHashCode(JournaledEntry entry) => HashCode.Combine(entry.Partition, entry.Number);
    }
}
