using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Pennypost.Store;
using Store.Writer;

namespace Store.Tests;

public sealed class OpeningAStore
{
    [Theory, OnEveryStore]
    public async Task Refuses_another_number_of_shards_and_says_which_is_right(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        await backing.Open(options => options.Shards = 4).OpenAsync(default);

        var mismatch = await Assert.ThrowsAsync<StoreMismatchException>(() => backing.Open(options => options.Shards = 8).OpenAsync(default));

        Assert.Contains("created with 4 shards and cannot be opened with 8", mismatch.Message, StringComparison.Ordinal);
        await backing.Open(options => options.Shards = 4).OpenAsync(default);
    }

    [Fact]
    public void Names_every_wrong_setting_at_once()
    {
        var options = new StoreOptions { Backend = StoreBackend.Redis, Shards = 0, MaxBatch = 0, Prefix = "a{b}" };

        var exception = Assert.Throws<OptionsValidationException>(() => new StateStore("test", options, TimeProvider.System, NullLogger<StateStore>.Instance));

        Assert.All(["Shards", "MaxBatch", "Prefix"], name => Assert.Contains(exception.Failures, failure => failure.Contains(name, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Says_that_Redis_cannot_be_reached()
    {
        var options = new StoreOptions { Backend = StoreBackend.Redis, ConnectionString = "127.0.0.1:1", ConnectTimeout = TimeSpan.FromSeconds(2) };
        await using var store = new StateStore("test", options, TimeProvider.System, NullLogger<StateStore>.Instance);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.OpenAsync(default));
    }

    [Fact]
    public async Task Works_on_a_Redis_Cluster()
    {
        await using var server = await RedisServer.StartClusterAsync();
        await using var store = Processes.Open(StoreBackend.Redis, server.ConnectionString);
        // The Cluster takes a moment until it calls itself complete.
        await Eventually.ValueAsync(() => store.NowAsync(default), "the Cluster is complete");
        await Task.WhenAll(Enumerable.Range(0, 100).Select(n => store.AddAsync(Backing.Counter(n % 40), $"i{n}")));
        await store.ExecuteAsync<Counter, long>(
            Backing.Counter(),
            Counter.Codec,
            RecordKeys.None,
            view => new Decision<Counter, long>.Commit(new Counter(7), 7) { Records = [new RecordChange.Delete("i1")], Due = [new DueChange.Set("d", view.Now, 3, [1])] },
            0,
            default);

        Assert.Equal("d", Assert.Single(await store.ClaimDueAsync(10, TimeSpan.FromMinutes(1), default)).Key);
        Assert.Equal(40, (await store.ListAsync("counter", "t1", 100, null, default)).Partitions.Count);
        Assert.IsType<JournalVerification.Intact>(await store.VerifyAsync(Backing.Counter(), default));
        Assert.NotNull(await store.Storage.TakeRelayAsync(0, "relay", TimeSpan.FromSeconds(10), null, 10));
        Assert.NotEmpty((await store.ReadShardJournalAsync(Backing.Counter().ShardOf(16), 0, 100, default)).Entries);
        Assert.DoesNotContain("i1", await store.IdsAsync(Backing.Counter()));
    }

    [Theory, OnEveryStore]
    public async Task Keeps_everything_from_one_run_to_the_next(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        await using (var store = backing.Open())
            await store.AddAsync(Backing.Counter(), "a", 5);

        Assert.Equal(5, await backing.Open().TotalAsync(Backing.Counter()));
    }

    [Theory, OnEveryStore]
    public async Task Lists_a_tenants_partitions_of_a_kind_in_pages(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        var mine = Enumerable.Range(0, 25).Select(n => new PartitionId("pool", "t1", $"p{n:00}")).ToList();
        await Task.WhenAll(mine.Append(new PartitionId("pool", "t2", "other")).Append(new PartitionId("plans", "t1", "other")).Select(partition => store.AddAsync(partition, "a")));
        await store.ExecuteAsync<Counter, long>(
            new PartitionId("pool", "t1", "hidden"), Counter.Codec, RecordKeys.None, _ => new Decision<Counter, long>.Commit(new Counter(1), 1) { Listed = false }, 0, default);

        var (found, token) = (new List<PartitionId>(), (string?)null);
        do
        {
            var page = await store.ListAsync("pool", "t1", 10, token, default);
            Assert.InRange(page.Partitions.Count, 1, 10);
            found.AddRange(page.Partitions);
            token = page.NextPageToken;
        }
        while (token is not null);

        Assert.Equal(mine, found);
        Assert.Empty((await store.ListAsync("pool", "t3", 10, null, default)).Partitions);
    }

    [Theory, OnEveryStore]
    public async Task Pages_through_records_by_prefix(Kept kept)
    {
        await using var backing = await Backing.NewAsync(kept);
        var store = backing.Open();
        foreach (var prefix in new[] { "hold/", "hold", "holdx/", "lot/" })
            await Task.WhenAll(Enumerable.Range(0, 300).Select(n => store.AddAsync(Backing.Counter(), $"{prefix}{n}")));

        var (found, token) = (new HashSet<string>(), (string?)null);
        do
        {
            var page = await store.RecordsAsync(Backing.Counter(), "hold/", 50, token, default);
            found.UnionWith(page.Records.Select(record => record.Key));
            token = page.NextPageToken;
        }
        while (token is not null);

        Assert.Equal(Enumerable.Range(0, 300).Select(n => $"hold/{n}").Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }
}

/// <summary>Ids come from callers: none of them may reach outside its place.</summary>
public sealed class NamingAPartition
{
    [Theory]
    [InlineData("Pool", "t", "p")]
    [InlineData("pool", "", "p")]
    [InlineData("pool", "t:x", "p")]
    [InlineData("pool", "t", "p}{other")]
    [InlineData("pool", "t", "p*")]
    [InlineData("pool", "t", "p\nq")]
    [InlineData("pool", "t", "p|q")]
    [InlineData("pool", "t", "ä")]
    [InlineData("pool", "t", "..")]
    [InlineData("pool", "t", "a/b")]
    [InlineData("", "t", "p")]
    public void Refuses_what_is_no_id(string kind, string tenant, string id) => Assert.Throws<ArgumentException>(() => new PartitionId(kind, tenant, id));

    [Fact]
    public void Names_every_part_that_is_wrong()
    {
        var message = Assert.Throws<ArgumentException>(() => new PartitionId("K", new string('t', 65), new string('i', 129))).Message;

        Assert.All(["kind", "tenant", "id must"], part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a*")]
    [InlineData("a{b}")]
    [InlineData("")]
    [InlineData("a\r\nSET x")]
    public async Task Refuses_record_keys_that_are_none(string key)
    {
        await using var backing = await Backing.NewAsync(Kept.InMemory);
        var store = backing.Open();

        await Assert.ThrowsAsync<ArgumentException>(() => store.AddAsync(Backing.Counter(), key));
        await Assert.ThrowsAsync<ArgumentException>(() => store.ReadAsync(Backing.Counter(), Counter.Codec, [key], 0, default));
        await Assert.ThrowsAsync<ArgumentException>(() => store.ListAsync("counter", "t1", 10, "a:b", default));
    }

    [Fact]
    public void Spreads_neighbours_evenly_and_for_ever()
    {
        var perShard = Enumerable.Range(0, 16_000).GroupBy(n => new PartitionId("pool", "t", $"p{n}").ShardOf(16)).Select(group => group.Count()).ToList();

        Assert.Equal(16, perShard.Count);
        Assert.All(perShard, count => Assert.InRange(count, 800, 1_200));
        // Stored data rests on these.
        Assert.Equal([0, 0, 0], new[] { "a", "b", "c" }.Select(id => new PartitionId("pool", "t", id).ShardOf(1)));
    }
}
