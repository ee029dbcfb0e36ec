using Pennypost.Store;
using Store.Writer;
using Outcome = Pennypost.Store.Decision<Store.Writer.Counter, long>;

namespace Store.Tests;

/// <summary>The due index: committed with its partition, claimed under a lease, gone only with the partition's next commit.</summary>
public sealed class ClaimingWhatIsDue
{
    private static readonly TimeSpan _lease = TimeSpan.FromMinutes(1);

    private static Task<Executed<long>> ChangeAsync(StateStore store, PartitionId partition, params Func<DateTimeOffset, DueChange>[] changes) =>
        store.ExecuteAsync<Counter, long>(
            partition,
            Counter.Codec,
            RecordKeys.None,
            view => new Outcome.Commit(new Counter(1), 0) { Due = [.. changes.Select(change => change(view.Now))] },
            0,
            default);

    private static Func<DateTimeOffset, DueChange> In(string key, double seconds, int priority = 4, string payload = "") =>
        now => new DueChange.Set(key, now.AddSeconds(seconds), priority, Counter.Bytes(payload));

    [Theory, OnEveryStore]
    public async Task Hands_out_each_entry_once_when_its_time_has_come(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var (store, other) = (backing.Open(), backing.Open());
        await ChangeAsync(store, Backing.Counter(1), In("past", -10, 2, "hello"), In("future", 600));
        await ChangeAsync(store, Backing.Counter(2), In("past", -20));

        var claims = (await store.ClaimDueAsync(10, _lease, default)).Concat(await other.ClaimDueAsync(10, _lease, default)).ToList();

        Assert.Equal(2, claims.Count);
        var claim = Assert.Single(claims, claim => claim.Partition.Equals(Backing.Counter(1)));
        Assert.Equal(("past", 2, "hello"), (claim.Key, claim.Priority, Counter.Text(claim.Payload)));
        var next = (await store.NextDueAsync(default))!.Value;
        // The leases end before the future entry is due.
        Assert.InRange(next - await store.NowAsync(default), TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(61));
    }

    [Theory, OnEveryStore]
    public async Task Hands_an_entry_out_again_when_its_lease_ended(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        await ChangeAsync(store, Backing.Counter(), In("a", -10));

        Assert.Single(await store.ClaimDueAsync(10, TimeSpan.FromSeconds(1), default));
        Assert.Empty(await store.ClaimDueAsync(10, _lease, default));
        await Eventually.TrueAsync(async () => (await store.ClaimDueAsync(10, _lease, default)).Count == 1, TimeSpan.FromSeconds(15), "the lease ended");
        Assert.Empty(await store.ClaimDueAsync(10, _lease, default));
    }

    [Theory, OnEveryStore]
    public async Task Lets_an_entry_go_only_with_a_commit_of_its_partition(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        await ChangeAsync(store, Backing.Counter(), In("removed", -10), In("replaced", -10), In("kept", -10));
        Assert.Equal(3, (await store.ClaimDueAsync(10, TimeSpan.FromSeconds(1), default)).Count);

        await ChangeAsync(store, Backing.Counter(), _ => new DueChange.Remove("removed"), In("replaced", 600, 1));

        List<DueClaim> again = [];
        await Eventually.TrueAsync(
            async () =>
            {
                again.AddRange(await store.ClaimDueAsync(10, _lease, default));
                return again.Count > 0;
            },
            TimeSpan.FromSeconds(5),
            "the lease of the one that was kept ended");
        Assert.Equal("kept", Assert.Single(again).Key);
        await store.AdvanceClockAsync(TimeSpan.FromSeconds(601), default);
        Assert.Equal(("replaced", 1), Assert.Single((await store.ClaimDueAsync(10, _lease, default)).Select(claim => (claim.Key, claim.Priority))));
    }

    [Theory, OnEveryStore]
    public async Task Makes_a_replaced_entry_claimable_at_its_new_time_though_it_was_leased(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        await ChangeAsync(store, Backing.Counter(), In("a", -10));
        Assert.Single(await store.ClaimDueAsync(10, _lease, default));

        await ChangeAsync(store, Backing.Counter(), In("a", -5, 0, "again"));

        Assert.Equal("again", Counter.Text(Assert.Single(await store.ClaimDueAsync(10, _lease, default)).Payload));
    }

    [Theory, OnEveryStore]
    public async Task Takes_priorities_first_and_tenants_in_turns(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(options => options.Shards = 1);
        await ChangeAsync(store, new PartitionId("counter", "big", "c"), [.. Enumerable.Range(0, 50).Select(n => In($"n{n:00}", -100 + n))]);
        await ChangeAsync(store, new PartitionId("counter", "small", "c"), In("only", -1), In("urgent", -1, 0), In("idle", -500, 7));

        var claims = await store.ClaimDueAsync(4, _lease, default);

        Assert.Equal("urgent", claims[0].Key);
        Assert.Contains(claims, claim => claim.Key == "only");
        Assert.Equal(["n00", "n01"], claims.Where(claim => claim.Partition.Tenant == "big").Select(claim => claim.Key));
        var rest = await store.ClaimDueAsync(100, _lease, default);
        Assert.Equal(49, rest.Count);
        Assert.Equal("idle", rest[^1].Key);
    }

    /// <summary>What filled one shard held up what was urgent in the others until it was that shard's turn.</summary>
    [Theory, OnEveryStore]
    public async Task Lets_no_shard_wait_for_all_that_is_due_in_the_others(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(options => options.Shards = 4);
        var shards = Enumerable.Range(0, 200).Select(Backing.Counter).GroupBy(counter => counter.ShardOf(4)).ToList();
        foreach (var counters in shards)
        {
            await ChangeAsync(store, counters.First(), [.. Enumerable.Range(0, 50).Select(n => In($"n{n:00}", -100 + n))]);
            await ChangeAsync(store, counters.Last(), In("urgent", -1, 0));
        }

        var claims = await store.ClaimDueAsync(10, _lease, default);

        Assert.Equal(["urgent", "urgent", "urgent", "urgent"], claims.Take(4).Select(claim => claim.Key));
        Assert.Equal(10, claims.Count);
        // Where less is wanted than there are shards, each has its turn.
        var alone = new List<int>();
        for (var turn = 0; turn < 4; turn++)
            alone.Add(Assert.Single(await store.ClaimDueAsync(1, _lease, default)).Partition.ShardOf(4));
        Assert.Equal(4, alone.Distinct().Count());
    }

    /// <summary>With one free place at a time, the tenant that was due first had all of them.</summary>
    [Theory, OnEveryStore]
    public async Task Takes_tenants_in_turns_also_one_by_one(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(options => options.Shards = 1);
        await ChangeAsync(store, new PartitionId("counter", "big", "c"), [.. Enumerable.Range(0, 50).Select(n => In($"n{n:00}", -100 + n))]);
        await ChangeAsync(store, new PartitionId("counter", "small", "c"), In("one", -1), In("two", -1));

        var tenants = new List<string>();
        for (var claim = 0; claim < 4; claim++)
            tenants.Add(Assert.Single(await store.ClaimDueAsync(1, _lease, default)).Partition.Tenant);

        Assert.Equal(2, tenants.Count(tenant => tenant == "small"));
    }

    [Theory, OnEveryStore]
    public async Task Leaves_what_has_been_due_for_longer_if_it_is_told_to(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(options => options.Shards = 1);
        await ChangeAsync(store, new PartitionId("counter", "big", "c"), [In("new", -1), .. Enumerable.Range(0, 50).Select(n => In($"old{n:00}", -100 + n))]);
        await ChangeAsync(store, new PartitionId("counter", "small", "c"), In("urgent", -60, 0), In("also-new", -1));

        var claims = await store.ClaimDueAsync(10, _lease, default, TimeSpan.FromSeconds(20));

        Assert.Equal(["also-new", "new"], claims.Select(claim => claim.Key).Order());
        Assert.Equal(51, (await store.ClaimDueAsync(100, _lease, default)).Count);
    }

    [Theory, OnEveryStore]
    public async Task Finds_the_free_entry_among_many_leased_ones(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open(options => options.Shards = 2);
        for (var counter = 0; counter < 4; counter++)
            await ChangeAsync(store, Backing.Counter(counter), [.. Enumerable.Range(0, 500).Select(n => In($"n{n}", -10))]);
        var leased = (await store.ClaimDueAsync(1_000, _lease, default)).Concat(await store.ClaimDueAsync(1_000, _lease, default)).ToList();
        Assert.Equal(2_000, leased.Distinct().Count());

        await ChangeAsync(store, Backing.Counter(9), In("free", -1));

        Assert.Equal("free", Assert.Single(await store.ClaimDueAsync(1_000, _lease, default)).Key);
    }

    [Theory, OnEveryStore]
    public async Task Says_when_to_look_next_and_rings_when_that_changes(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        Assert.Null(await store.NextDueAsync(default));
        await ChangeAsync(store, Backing.Counter(1), In("later", 100));
        await store.WaitForDueChangeAsync(TimeSpan.FromSeconds(5), default);
        var waiting = store.WaitForDueChangeAsync(TimeSpan.FromMinutes(1), default);

        await ChangeAsync(store, Backing.Counter(2), In("sooner", 50));

        await waiting.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.InRange((await store.NextDueAsync(default))!.Value - await store.NowAsync(default), TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(50));
    }
}
