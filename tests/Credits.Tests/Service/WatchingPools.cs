using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;
using Topology;
using static Pennypost.Credits.Tests.Service.CreditsApp;

namespace Pennypost.Credits.Tests.Service;

/// <summary>F13: changes of pools as a stream that can be taken up anywhere.</summary>
public sealed class WatchingPools
{
    private static readonly string Prefix = "w" + Guid.NewGuid().ToString("N")[..8];

    [Fact]
    public async Task F13_What_one_instance_books_another_tells_and_every_token_goes_on_with_exactly_the_rest()
    {
        await using var left = await StartAsync(Keeping.Redis, Prefix);
        await using var right = await StartAsync(Keeping.Redis, Prefix);
        string[] pools = ["p1", "p2", "p3"];
        foreach (var pool in pools) await left.OpenAsync(pool);
        using var watch = new Watch(right, new WatchPoolsRequest());
        await watch.BeginsAsync();
        var before = (await EntriesAsync(left, pools)).Sum(pool => pool.Value.Count);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            await left.Place($"h{i}", pools[i % 3]);
            // A capture and its refund are two entries of one commit when the reply was faster.
            if (i % 3 == 0) await left.RefundAsync($"h{i}");
        }));
        var after = await EntriesAsync(left, pools);
        var expected = after.Sum(pool => pool.Value.Count) - before;
        await Eventually.TrueAsync(() => watch.Events.Count() >= expected, "all is told");

        var told = watch.Items.ToList();
        foreach (var pool in pools)
        {
            var entries = watch.Events.Where(item => item.Event.PoolId == pool).Select(item => item.Event.Entry).ToList();
            Assert.Equal(after[pool].Skip(2), entries);
        }

        // From each token, at either instance: the rest, and no more.
        for (var at = 0; at < told.Count; at++)
        {
            var rest = told.Skip(at + 1).Where(item => item.Event is not null).Select(item => item.Event).ToList();
            using var resumed = new Watch(at % 2 == 0 ? left : right, new WatchPoolsRequest { ResumeToken = told[at].ResumeToken });
            await Eventually.TrueAsync(() => resumed.Events.Count() >= rest.Count && resumed.Items.Any(), "the rest is told");
            foreach (var pool in pools)
                Assert.Equal(rest.Where(told => told.PoolId == pool), resumed.Events.Select(item => item.Event).Where(told => told.PoolId == pool));
            Assert.Equal(rest.Count, resumed.Events.Count());
        }
    }

    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task A_watch_tells_the_pools_that_it_is_asked_for_and_never_another_tenants(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        using var all = new Watch(app, new WatchPoolsRequest());
        using var some = new Watch(app, new WatchPoolsRequest { PoolIds = { "p2", "not-yet" } });
        using var others = new Watch(app, new WatchPoolsRequest(), "other");
        using var othersByName = new Watch(app, new WatchPoolsRequest { PoolIds = { "p1", "p2" } }, "other");
        foreach (var watch in new[] { all, some, others, othersByName }) await watch.BeginsAsync();
        await app.OpenAsync("p1");
        await app.OpenAsync("p2");
        await app.OpenAsync("not-yet");
        await app.OpenAsync("theirs", tenant: "other");
        await app.Place("h1", "p2");

        await Eventually.TrueAsync(() => all.Events.Count() == 7 && some.Events.Count() == 5 && others.Events.Count() == 2, "each is told its own");
        Assert.Equal(["not-yet", "p1", "p2"], all.Events.Select(item => item.Event.PoolId).Distinct().Order());
        Assert.Equal(["not-yet", "p2"], some.Events.Select(item => item.Event.PoolId).Distinct().Order());
        Assert.Equal(["theirs"], others.Events.Select(item => item.Event.PoolId).Distinct());
        Assert.Empty(othersByName.Events);
        Assert.Equal([EntryKind.Created, EntryKind.Granted, EntryKind.Held], some.Events.Where(item => item.Event.PoolId == "p2").Select(item => item.Event.Entry.Kind));

        // The other tenant's traffic moves nobody's entries into a resumed stream either.
        using var stranger = new Watch(app, new WatchPoolsRequest { ResumeToken = all.Items.First().ResumeToken }, "third");
        await stranger.BeginsAsync();
        await app.Place("h2", "p2");
        await Eventually.TrueAsync(() => some.Events.Count() == 6, "the hold is told");
        Assert.Empty(stranger.Events);
    }

    [Fact]
    public async Task Without_news_it_says_where_it_is_and_a_long_silence_costs_no_entry()
    {
        await using var app = await StartAsync(settings: ("Credits:WatchHeartbeat", "00:00:00.100"));
        await app.OpenAsync();
        using var watch = new Watch(app, new WatchPoolsRequest());
        await Eventually.TrueAsync(() => watch.Items.Count(item => item.Event is null) >= 4, "signs of life");
        await app.Place("h1");
        await Eventually.TrueAsync(() => watch.Events.Any(), "the hold is told");
        Assert.Equal("h1", Assert.Single(watch.Events).Event.Entry.HoldId);

        // Another tenant's entries are no news, but the place moves on past them.
        var token = watch.Items.Last().ResumeToken;
        await app.OpenAsync("theirs", tenant: "other");
        await Eventually.TrueAsync(() => watch.Items.Last() is { Event: null } last && last.ResumeToken != token, "the place moves on");
    }

    [Fact]
    public async Task A_reader_that_does_not_read_is_waited_for_and_misses_nothing()
    {
        await using var app = await StartAsync();
        await app.OpenAsync(balance: 20_000);
        using var call = app.Client.WatchPools(new WatchPoolsRequest(), As());
        Assert.True(await call.ResponseStream.MoveNext(default));
        var before = (await EntriesAsync(app, ["p1"]))["p1"].Count;
        const int Holds = 5_000;
        await Task.WhenAll(Enumerable.Range(0, Holds).Select(i => app.Place($"h{i}").ResponseAsync));
        var sequences = new List<long>();
        while (sequences.Count < Holds && await call.ResponseStream.MoveNext(default))
            if (call.ResponseStream.Current.Event is { } told) sequences.Add(told.Entry.Sequence);
        Assert.Equal(Enumerable.Range(before + 1, Holds).Select(number => (long)number), sequences);
    }

    [Fact]
    public async Task A_token_that_is_none_is_a_bad_request_and_one_from_ahead_is_said_to_be_lost()
    {
        await using var app = await StartAsync();
        await app.OpenAsync();
        using var watch = new Watch(app, new WatchPoolsRequest());
        await watch.BeginsAsync();
        var token = watch.Items.First().ResumeToken;
        Assert.InRange(token.Length, 20, 200);
        foreach (var wrong in new[] { "x", token[..^1], token + "A", token.ToUpperInvariant() + "a", new string('A', 100_000), Ahead(app, app.Store.Shards + 1, 0) })
        {
            var fault = await FailsAsync(app, new WatchPoolsRequest { ResumeToken = wrong, PoolIds = { "a b" } });
            Assert.Equal(("INVALID_REQUEST", "pool_ids[0] resume_token"), (fault.Reason, string.Join(' ', fault.Violations.Select(violation => violation.Field))));
        }

        var lost = await FailsAsync(app, new WatchPoolsRequest { ResumeToken = Ahead(app, app.Store.Shards, 1_000) });
        Assert.Equal(("WATCH_POSITION_LOST", StatusCode.FailedPrecondition), (lost.Reason, lost.Code));
        var many = await FailsAsync(app, new WatchPoolsRequest { PoolIds = { Enumerable.Range(0, 101).Select(i => $"p{i}") } });
        Assert.Equal("pool_ids", Assert.Single(many.Violations).Field);
    }

    [Fact]
    public async Task So_many_watches_are_served_and_the_next_is_told_to_wait()
    {
        await using var app = await StartAsync(settings: ("Credits:MaxWatches", "2"));
        using var first = new Watch(app, new WatchPoolsRequest());
        await first.BeginsAsync();
        using (var second = new Watch(app, new WatchPoolsRequest()))
        {
            await second.BeginsAsync();
            var fault = await FailsAsync(app, new WatchPoolsRequest());
            Assert.Equal(("QUEUE_FULL", StatusCode.ResourceExhausted), (fault.Reason, fault.Code));
            Assert.NotNull(fault.RetryAfter);
        }

        // Whoever leaves makes room.
        await Eventually.TrueAsync(async () =>
        {
            using var third = new Watch(app, new WatchPoolsRequest());
            await Task.WhenAny(third.Ended, third.BeginsAsync());
            return third.Items.Any();
        }, TimeSpan.FromSeconds(10), "there is room again");
    }

    private static string Ahead(CreditsApp app, int shards, long sequence) =>
        new WatchPosition([.. Enumerable.Repeat(sequence, shards)], 0, 0).ToToken();

    private static async Task<RpcFault> FailsAsync(CreditsApp app, WatchPoolsRequest request)
    {
        using var call = app.Client.WatchPools(request, As());
        return RpcFault.From(await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(default)));
    }

    private static async Task<Dictionary<string, List<Entry>>> EntriesAsync(CreditsApp app, string[] pools)
    {
        var entries = new Dictionary<string, List<Entry>>();
        foreach (var pool in pools)
            entries[pool] = [.. (await app.Client.ListEntriesAsync(new ListEntriesRequest { PoolId = pool, PageSize = 1_000 }, As())).Entries];
        return entries;
    }
}
