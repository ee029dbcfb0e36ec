using Pennypost.Store;
using Store.Writer;

namespace Store.Tests;

/// <summary>A store that was set back (a restored backup, a failover that lost writes) is not believed until an operator says so.</summary>
public sealed class AcceptingARewind
{
    [Theory, OnEveryStore]
    public async Task Closes_what_went_back_and_only_that(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        await store.AddAsync(Backing.Counter(1), "a");
        await store.AddAsync(Backing.Counter(2), "a");
        var restore = await backing.SnapshotAsync();
        await store.AddAsync(Backing.Counter(1), "b");
        await restore();

        var refused = await Assert.ThrowsAsync<StoreRewoundException>(() => store.AddAsync(Backing.Counter(1), "c"));
        await Assert.ThrowsAsync<StoreRewoundException>(() => store.TotalAsync(Backing.Counter(1)));
        await Assert.ThrowsAsync<StoreRewoundException>(() => store.AddAsync(Backing.Counter(1), "b"));

        Assert.Equal((2, 1), (refused.ExpectedVersion, refused.FoundVersion));
        Assert.Equal(2, (await store.AddAsync(Backing.Counter(2), "b")).Answer);
    }

    [Theory, OnEveryStore]
    public async Task Opens_again_past_every_version_that_was_acknowledged(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        await store.AddAsync(Backing.Counter(), "a");
        var restore = await backing.SnapshotAsync();
        var lost = await store.AddAsync(Backing.Counter(), "b");
        await restore();
        await Assert.ThrowsAsync<StoreRewoundException>(() => store.TotalAsync(Backing.Counter()));

        var version = await store.AcceptRewindAsync(Backing.Counter(), 0, "operator-1", default);

        Assert.Equal(lost.Version + 1, version);
        Assert.Equal(2, (await store.AddAsync(Backing.Counter(), "c", minVersion: lost.Version)).Answer);
        Assert.Equal(["added", "store.rewind_accepted", "added"], (await store.ReadJournalAsync(Backing.Counter(), 1, 10, default)).Entries.Select(entry => entry.Type));
        Assert.IsType<JournalVerification.Intact>(await store.VerifyAsync(Backing.Counter(), default));
        // Where nothing was set back it does nothing.
        Assert.Equal(version + 1, await store.AcceptRewindAsync(Backing.Counter(), 0, "operator-1", default));
    }

    [Theory, OnEveryStore]
    public async Task Believes_a_peer_that_saw_more(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        await store.AddAsync(Backing.Counter(), "a");

        var refused = await Assert.ThrowsAsync<StoreRewoundException>(() => store.AddAsync(Backing.Counter(), "b", minVersion: 7));
        var accepted = await store.AcceptRewindAsync(Backing.Counter(), refused.ExpectedVersion, "operator-1", default);

        Assert.Equal(8, accepted);
        Assert.Equal(2, (await store.AddAsync(Backing.Counter(), "b", minVersion: 7)).Answer);
    }

    [Theory, OnEveryStore]
    public async Task Notices_another_history_of_the_same_length(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var (store, other) = (backing.Open(), backing.Open());
        await store.AddAsync(Backing.Counter(), "a");
        var restore = await backing.SnapshotAsync();
        await store.AddAsync(Backing.Counter(), "b");
        await restore();
        // A process that knows nothing of it writes on: the version is the same again, the state is not.
        await other.AddAsync(Backing.Counter(), "c", 100);

        await Assert.ThrowsAsync<StoreRewoundException>(() => store.AddAsync(Backing.Counter(), "d"));

        await store.AcceptRewindAsync(Backing.Counter(), 0, "operator-1", default);
        Assert.Equal(102, (await store.AddAsync(Backing.Counter(), "d")).Answer);
    }

    [Theory, OnEveryStore]
    public async Task Remembers_versions_of_partitions_that_left_the_cache(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(options => (options.Shards, options.CacheBytes) = (1, 1 << 20));
        await store.AddAsync(Backing.Counter(0), "a");
        var restore = await backing.SnapshotAsync();
        await store.AddAsync(Backing.Counter(0), "b");
        await Task.WhenAll(Enumerable.Range(1, 3_000).Select(n => store.TotalAsync(Backing.Counter(n))));
        await restore();

        await Assert.ThrowsAsync<StoreRewoundException>(() => store.TotalAsync(Backing.Counter(0)));
    }
}
