using Pennypost.Store;
using Store.Writer;

namespace Store.Tests;

/// <summary>Following the journal: whichever process appends, in the order of each shard, from any position.</summary>
public sealed class FollowingTheJournal
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private static void Quickly(StoreOptions options) => options.FollowPoll = TimeSpan.FromMilliseconds(20);

    private static async Task<List<JournaledEntry>> TakeAsync(JournalFollower follower, int entries)
    {
        var taken = new List<JournaledEntry>();
        while (taken.Count < entries)
            taken.AddRange((await follower.NextAsync(_patience, default) ?? throw new TimeoutException($"{taken.Count} of {entries} entries came.")).Entries);
        return taken;
    }

    private static IEnumerable<(string, long)> Names(IEnumerable<JournaledEntry> entries) => entries.Select(entry => (entry.Partition.Key, entry.Number));

    [Theory, OnEveryStore]
    public async Task Hands_out_what_any_process_appends_once_and_in_order(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var (here, there) = (backing.Open(Quickly), backing.Open(Quickly));
        await here.AddAsync(Backing.Counter(), "before");
        using var follower = await here.FollowAsync(null, null, _ => true, null, default);
        Assert.Null(await follower.NextAsync(TimeSpan.FromMilliseconds(50), default));

        var adding = Task.WhenAll(Enumerable.Range(0, 200).Select(n => (n % 2 == 0 ? here : there).AddAsync(Backing.Counter(n % 10), $"i{n}")));
        var taken = await TakeAsync(follower, 200);
        await adding;

        Assert.Equal(200, taken.Count);
        foreach (var partition in taken.GroupBy(entry => entry.Partition))
        {
            var first = partition.Key.Equals(Backing.Counter()) ? 2 : 1;
            Assert.Equal(Enumerable.Range(first, 20).Select(number => (long)number), partition.Select(entry => entry.Number));
        }

        Assert.Null(await follower.NextAsync(TimeSpan.FromMilliseconds(50), default));
    }

    [Theory, OnEveryStore]
    public async Task Goes_on_from_any_position_of_another_follower(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var (here, there) = (backing.Open(Quickly), backing.Open(Quickly));
        using var follower = await here.FollowAsync(null, null, _ => true, null, default);
        for (var n = 0; n < 150; n++)
            await here.AddAsync(Backing.Counter(n % 7), $"i{n}");
        var (positions, pages) = (new List<long[]> { follower.Positions.ToArray() }, new List<IReadOnlyList<JournaledEntry>>());
        while (await follower.NextAsync(TimeSpan.FromMilliseconds(100), default) is { } page)
        {
            pages.Add(page.Entries);
            positions.Add([.. follower.Positions]);
        }

        for (var at = 0; at < positions.Count; at++)
        {
            var rest = pages.Skip(at).SelectMany(page => page).ToList();
            using var other = await there.FollowAsync(positions[at], null, _ => true, null, default);
            Assert.Equal(Names(rest).Order(), Names(await TakeAsync(other, rest.Count)).Order());
        }
    }

    [Theory, OnEveryStore]
    public async Task Reads_only_the_shards_that_are_asked_for_and_begins_with_the_one_named(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(Quickly);
        var zero = new long[store.Shards];
        for (var n = 0; n < 40; n++)
            await store.AddAsync(Backing.Counter(n), $"i{n}");
        var (one, other) = (Backing.Counter(3).ShardOf(store.Shards), Backing.Counter(4).ShardOf(store.Shards));
        Assert.NotEqual(one, other);

        using (var follower = await store.FollowAsync(zero, [Backing.Counter(3)], _ => true, null, default))
        {
            Assert.All((await follower.NextAsync(_patience, default))!.Entries, entry => Assert.Equal(one, entry.Shard));
            Assert.Null(await follower.NextAsync(TimeSpan.FromMilliseconds(50), default));
        }

        using var begins = await store.FollowAsync(zero, [Backing.Counter(3)], _ => true, other, default);
        Assert.Equal(other, (await begins.NextAsync(_patience, default))!.Entries[0].Shard);
        Assert.Equal(one, (await begins.NextAsync(_patience, default))!.Entries[0].Shard);
    }

    [Theory, OnEveryStore]
    public async Task Says_so_when_the_store_was_set_back_behind_it(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(Quickly);
        await store.AddAsync(Backing.Counter(), "a");
        var restore = await backing.SnapshotAsync();
        await store.AddAsync(Backing.Counter(), "b");
        using var follower = await store.FollowAsync(null, null, _ => true, null, default);
        var positions = follower.Positions.ToArray();

        await restore();

        await Assert.ThrowsAsync<JournalPositionException>(() => follower.NextAsync(_patience, default));
        await Assert.ThrowsAsync<JournalPositionException>(() => store.FollowAsync(positions, null, _ => true, null, default));
    }

    [Theory, OnEveryStore]
    public async Task Looks_for_what_others_append_only_while_somebody_follows(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        Faults line = null!;
        var store = backing.Open(Quickly, around: inner => line = new Faults(inner));
        await store.AddAsync(Backing.Counter(), "a");
        Assert.Equal(0, line.LooksAtEnds);
        var (first, second) = (await store.FollowAsync(null, null, _ => true, null, default), await store.FollowAsync(null, null, _ => true, null, default));
        await Eventually.TrueAsync(() => line.LooksAtEnds > 4 * store.Shards, "the ends are looked at");

        first.Dispose();
        var looks = line.LooksAtEnds;
        await Eventually.TrueAsync(() => line.LooksAtEnds > looks + store.Shards, "one follower is left");
        second.Dispose();
        second.Dispose();
        await Task.Delay(100);
        looks = line.LooksAtEnds;
        await Task.Delay(200);
        Assert.Equal(looks, line.LooksAtEnds);
    }
}
