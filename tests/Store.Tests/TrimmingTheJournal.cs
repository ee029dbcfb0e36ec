using Pennypost.Store;
using Store.Writer;
using Outcome = Pennypost.Store.Decision<Store.Writer.Counter, long>;

namespace Store.Tests;

/// <summary>F13: the oldest entries of a partition's journal go; what remains is read, proved and written on as before, and nobody else loses anything.</summary>
public sealed class TrimmingTheJournal
{
    private static void OneShard(StoreOptions options) => (options.Shards, options.FollowPoll) = (1, TimeSpan.FromMilliseconds(20));

    /// <summary>One commit with so many entries.</summary>
    private static Task<Executed<long>> AppendAsync(StateStore store, PartitionId partition, int entries) => store.ExecuteAsync<Counter, long>(
        partition,
        Counter.Codec,
        RecordKeys.None,
        view => new Outcome.Commit(new Counter((view.Head?.Total ?? 0) + entries), entries)
        {
            Entries = [.. Enumerable.Range(1, entries).Select(n => new JournalEntry("added", Counter.Bytes($"{(view.Head?.Total ?? 0) + n}")))],
        },
        0,
        default);

    private static async Task RelayAsync(StateStore store, long? upTo = null)
    {
        for (var shard = 0; shard < store.Shards; shard++)
            if ((upTo ?? await store.Storage.JournalEndAsync(shard)) is var sequence and > 0 && (await store.Storage.TakeRelayAsync(shard, "relay", TimeSpan.FromMinutes(1), null, 1))!.Batches.Count > 0)
                await store.Storage.TakeRelayAsync(shard, "relay", TimeSpan.FromMinutes(1), sequence, 1);
    }

    private static async Task<List<JournaledEntry>> ReadAsync(StateStore store, PartitionId partition, long from, int size)
    {
        var entries = new List<JournaledEntry>();
        for (long? next = from; next is { } number;)
        {
            var page = await store.ReadJournalAsync(partition, number, size, default);
            entries.AddRange(page.Entries);
            next = page.NextNumber;
        }

        return entries;
    }

    private static async Task AssertBeginsAfterAsync(StateStore store, PartitionId partition, long start, long end)
    {
        Assert.Equal(start, (await store.JournalStartAsync(partition, default)).Number);
        var intact = Assert.IsType<JournalVerification.Intact>(await store.VerifyAsync(partition, default));
        Assert.Equal(end - start, intact.Entries);
        foreach (var (from, size) in new[] { (1L, 1_000), (1L, 7), (start + 1, 64), (start + ((end - start) / 2) + 1, 5) })
        {
            var entries = await ReadAsync(store, partition, from, size);
            Assert.Equal(Enumerable.Range(0, (int)(end - Math.Max(start, from - 1))).Select(n => Math.Max(start, from - 1) + n + 1), entries.Select(entry => entry.Number));
            Assert.All(entries, entry => Assert.Equal($"{entry.Number}", Counter.Text(entry.Payload)));
        }

        var link = await store.JournalStartAsync(partition, default);
        await foreach (var batch in store.ReadChainAsync(partition, link, await store.JournalHeadAsync(partition, default), default))
            link = batch.Link;
        Assert.Equal(end, link.Number);
    }

    [Theory, OnEveryStore]
    public async Task Keeps_the_rest_whole_wherever_it_is_cut_and_however_often(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var (store, other) = (backing.Open(OneShard), backing.Open(OneShard));
        var (mine, theirs) = (Backing.Counter(1), Backing.Counter(2));
        var random = new Random(3);
        var (ends, all) = (new List<long> { 0 }, 0L);
        var theirsEnd = 0L;
        long start = 0;
        for (var round = 0; round < 6; round++)
        {
            for (var commit = 0; commit < 35; commit++)
            {
                var entries = random.Next(1, 6);
                await AppendAsync(store, mine, entries);
                ends.Add(all += entries);
                await AppendAsync(commit % 2 == 0 ? store : other, theirs, 1);
                theirsEnd++;
            }

            await RelayAsync(store);
            // The last round lets go of everything.
            var upTo = round == 5 ? all : ends.Where(end => end > start).ElementAt(random.Next(ends.Count(end => end > start)));
            Assert.Equal(TrimOutcome.Trimmed, await (round % 2 == 0 ? store : other).TrimJournalAsync(mine, upTo, default));
            Assert.Equal(TrimOutcome.Trimmed, await store.TrimJournalAsync(mine, upTo, default));
            start = upTo;
            await AssertBeginsAfterAsync(store, mine, start, all);
            await AssertBeginsAfterAsync(other, theirs, 0, theirsEnd);
        }

        await AppendAsync(other, mine, 2);
        await AssertBeginsAfterAsync(store, mine, start, all + 2);
    }

    [Theory, OnEveryStore]
    public async Task Lets_nothing_go_that_was_not_relayed(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(OneShard);
        for (var n = 0; n < 6; n++)
            await AppendAsync(store, Backing.Counter(), 1);
        Assert.Equal(TrimOutcome.NotRelayed, await store.TrimJournalAsync(Backing.Counter(), 1, default));

        await RelayAsync(store, upTo: 3);
        Assert.True(await store.IsRelayedAsync(Backing.Counter(), 3, default));
        Assert.False(await store.IsRelayedAsync(Backing.Counter(), 4, default));
        Assert.Equal(TrimOutcome.NotRelayed, await store.TrimJournalAsync(Backing.Counter(), 4, default));
        await AssertBeginsAfterAsync(store, Backing.Counter(), 0, 6);
        Assert.Equal(TrimOutcome.Trimmed, await store.TrimJournalAsync(Backing.Counter(), 3, default));
        await AssertBeginsAfterAsync(store, Backing.Counter(), 3, 6);

        // What is left is relayed as if nothing had been let go of.
        var turn = await store.Storage.TakeRelayAsync(0, "relay", TimeSpan.FromMinutes(1), null, 10);
        Assert.Equal([4L, 5, 6], turn!.Batches.Select(batch => batch.Sequence));
    }

    [Theory, OnEveryStore]
    public async Task Cuts_only_between_commits_and_only_what_is_there(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(OneShard);
        await AppendAsync(store, Backing.Counter(), 3);
        await AppendAsync(store, Backing.Counter(), 3);
        await RelayAsync(store);
        await Assert.ThrowsAsync<ArgumentException>(() => store.TrimJournalAsync(Backing.Counter(), 2, default));
        await Assert.ThrowsAsync<JournalBrokenException>(() => store.TrimJournalAsync(Backing.Counter(9), 2, default));
        await AssertBeginsAfterAsync(store, Backing.Counter(), 0, 6);
    }

    [Theory, OnEveryStore]
    public async Task Stops_before_what_is_not_what_was_written(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        for (var n = 1; n <= 6; n++)
            await AppendAsync(store, Backing.Counter(), 1);
        await RelayAsync(store);
        await backing.FlipBitAsync(Backing.Counter(), batch: 3);

        Assert.Equal(4, (await Assert.ThrowsAsync<JournalBrokenException>(() => store.TrimJournalAsync(Backing.Counter(), 5, default))).Number);
        Assert.Equal(0, (await store.JournalStartAsync(Backing.Counter(), default)).Number);
        Assert.IsType<JournalVerification.Broken>(await store.VerifyAsync(Backing.Counter(), default));
    }

    [Theory, OnEveryStore]
    public async Task Goes_on_after_an_interruption_and_is_whole_in_between(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        Faults line = null!;
        var store = backing.Open(OneShard, around: inner => line = new Faults(inner));
        const int Commits = 520;
        for (var n = 0; n < Commits; n++)
            await AppendAsync(store, Backing.Counter(), 1);
        await RelayAsync(store);
        var steps = 0;
        line.OnTrim = () => ++steps == 2 ? throw new BackendException("the line broke", outcomeUnknown: true, null) : Task.CompletedTask;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.TrimJournalAsync(Backing.Counter(), Commits - 1, default));
        var start = (await store.JournalStartAsync(Backing.Counter(), default)).Number;
        Assert.InRange(start, 1, Commits - 2);
        await AssertBeginsAfterAsync(store, Backing.Counter(), start, Commits);
        Assert.Equal(TrimOutcome.Trimmed, await store.TrimJournalAsync(Backing.Counter(), Commits - 1, default));
        await AssertBeginsAfterAsync(store, Backing.Counter(), Commits - 1, Commits);
    }

    [Theory, OnEveryStore]
    public async Task Takes_two_at_once_and_a_proof_beside_them(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var (store, other) = (backing.Open(OneShard), backing.Open(OneShard));
        for (var n = 0; n < 60; n++)
            await AppendAsync(store, Backing.Counter(), 1);
        await RelayAsync(store);
        var proofs = Enumerable.Range(0, 20).Select(_ => other.VerifyAsync(Backing.Counter(), default));
        var trims = Enumerable.Range(1, 20).Select(n => (n % 2 == 0 ? store : other).TrimJournalAsync(Backing.Counter(), n * 2, default)).ToList();

        Assert.All(await Task.WhenAll(proofs), proof => Assert.IsType<JournalVerification.Intact>(proof));
        Assert.All(await Task.WhenAll(trims), outcome => Assert.Equal(TrimOutcome.Trimmed, outcome));
        await AssertBeginsAfterAsync(store, Backing.Counter(), 40, 60);
    }

    [Theory, OnEveryStore]
    public async Task Tells_a_follower_that_misses_something_and_no_other(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(OneShard);
        var (mine, theirs) = (Backing.Counter(1), Backing.Counter(2));
        for (var n = 0; n < 10; n++)
        {
            await AppendAsync(store, mine, 1);
            await AppendAsync(store, theirs, 1);
        }

        await RelayAsync(store);
        await store.TrimJournalAsync(theirs, 10, default);

        using var follower = await store.FollowAsync([0], null, partition => partition.Equals(mine), null, default);
        Assert.Equal(Enumerable.Range(1, 10).Select(n => (long)n), (await follower.NextAsync(TimeSpan.FromSeconds(20), default))!.Entries.Select(entry => entry.Number));
        using var behind = await store.FollowAsync([17], null, partition => partition.Equals(theirs), null, default);
        await Assert.ThrowsAsync<JournalPositionException>(() => behind.NextAsync(TimeSpan.FromSeconds(20), default));
        // What is still there before the gap is handed out.
        using var near = await store.FollowAsync([18], null, partition => partition.Equals(theirs), null, default);
        Assert.Equal(mine, Assert.Single((await near.NextAsync(TimeSpan.FromSeconds(20), default))!.Entries).Partition);
        await Assert.ThrowsAsync<JournalPositionException>(() => near.NextAsync(TimeSpan.FromSeconds(20), default));
        using var past = await store.FollowAsync([20], null, partition => partition.Equals(theirs), null, default);
        Assert.Null(await past.NextAsync(TimeSpan.FromMilliseconds(50), default));
    }
}
