using StackExchange.Redis;

namespace Pennypost.Standins.Tests.Redis;

public sealed class TalkingToRedis(RedisServer server) : IClassFixture<RedisServer>
{
    private Task<ConnectionMultiplexer> ConnectAsync(Action<ConfigurationOptions>? configure = null)
    {
        var options = new ConfigurationOptions { EndPoints = { { "127.0.0.1", server.Port } }, AbortOnConnectFail = true, AsyncTimeout = 15_000, SyncTimeout = 15_000, ConnectTimeout = 15_000 };
        configure?.Invoke(options);
        return ConnectionMultiplexer.ConnectAsync(options);
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4_095)]
    [InlineData(65_537)]
    [InlineData(1_000_003)]
    [InlineData(32_000_000)]
    public async Task Gives_back_a_value_of_any_size(int length)
    {
        await using var redis = await ConnectAsync();
        var database = redis.GetDatabase();
        var value = Bytes(length);
        await database.StringSetAsync($"value-{length}", value);

        Assert.Equal(value, (byte[]?)await database.StringGetAsync($"value-{length}"));
    }

    [Fact]
    public async Task Keeps_thousands_of_calls_under_way_apart()
    {
        await using var redis = await ConnectAsync();
        var database = redis.GetDatabase();
        var sums = await Task.WhenAll(Enumerable.Range(0, 16).Select(async lane =>
        {
            var right = 0;
            for (var batch = 0; batch < 10; batch++)
            {
                var keys = Enumerable.Range(batch * 50, 50).ToArray();
                await Task.WhenAll(keys.Select(key => database.StringSetAsync($"lane-{lane}-{key}", Bytes(key * 13))));
                var values = await Task.WhenAll(keys.Select(key => database.StringGetAsync($"lane-{lane}-{key}")));
                right += keys.Where((key, i) => Bytes(key * 13).AsSpan().SequenceEqual((byte[]?)values[i])).Count();
            }
            return right;
        }));

        Assert.Equal(16 * 500, sums.Sum());
    }

    [Fact]
    public async Task Reads_replies_of_many_and_nested_elements()
    {
        await using var redis = await ConnectAsync();
        var database = redis.GetDatabase();
        await database.HashSetAsync("hash", [.. Enumerable.Range(0, 5_000).Select(i => new HashEntry(i, $"value {i}"))]);
        var entries = await database.HashGetAllAsync("hash");
        var nested = (RedisResult[])(await database.ScriptEvaluateAsync("return {1, {2, {3, KEYS[1]}, 'x'}, redis.call('HLEN', 'hash')}", ["k"]))!;
        var stream = await database.StreamAddAsync("stream", [new NameValueEntry("a", 1), new NameValueEntry("b", 2)]);
        var read = await database.StreamReadAsync("stream", "0-0");

        Assert.Equal(Enumerable.Range(0, 5_000).Select(i => $"value {i}"), entries.OrderBy(entry => (int)entry.Name).Select(entry => (string?)entry.Value));
        Assert.Equal(5_000, (int)nested[2]);
        Assert.Equal("k", (string?)((RedisResult[])((RedisResult[])nested[1]!)[1]!)[1]);
        Assert.Equal(stream, Assert.Single(read).Id);
        Assert.Equal(["a", "b"], read[0].Values.Select(value => (string?)value.Name));
    }

    [Fact]
    public async Task Commits_a_transaction_and_refuses_one_whose_condition_fails()
    {
        await using var redis = await ConnectAsync();
        var database = redis.GetDatabase();
        await database.StringSetAsync("balance", 10);
        var good = database.CreateTransaction();
        good.AddCondition(Condition.StringEqual("balance", 10));
        _ = good.StringDecrementAsync("balance", 4);
        var stale = database.CreateTransaction();
        stale.AddCondition(Condition.StringEqual("balance", 10));
        _ = stale.StringDecrementAsync("balance", 4);

        Assert.True(await good.ExecuteAsync());
        Assert.False(await stale.ExecuteAsync());
        Assert.Equal(6, (int)await database.StringGetAsync("balance"));
    }

    [Fact]
    public async Task Hears_what_others_publish()
    {
        await using var redis = await ConnectAsync();
        await using var other = await ConnectAsync();
        var heard = new TaskCompletionSource<byte[]?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal("news"), (_, value) => heard.TrySetResult(value));
        var value = Bytes(300_000);
        await other.GetSubscriber().PublishAsync(RedisChannel.Literal("news"), value);

        Assert.Equal(value, await Eventually.Ends(heard.Task));
    }

    [Fact]
    public async Task Works_on_threads_of_its_own()
    {
        using var threads = new SocketManager("own", workerCount: 2, useHighPrioritySocketThreads: true);
        await using var redis = await ConnectAsync(options => options.SocketManager = threads);
        var value = Bytes(200_000);
        await redis.GetDatabase().StringSetAsync("own-threads", value);

        Assert.Equal(value, (byte[]?)await redis.GetDatabase().StringGetAsync("own-threads"));
    }

    [Fact]
    public async Task Ends_while_calls_are_under_way_and_leaves_none_of_them_waiting()
    {
        var redis = await ConnectAsync();
        var database = redis.GetDatabase();
        var calls = Enumerable.Range(0, 200).Select(_ => database.StringSetAsync("under-way", Bytes(50_000))).ToArray();
        await redis.CloseAsync(allowCommandsToComplete: false);
        redis.Dispose();

        foreach (var call in calls) await Eventually.Ends(call.ContinueWith(_ => { }, TaskScheduler.Default));
    }
}

public sealed class LosingRedis
{
    [Fact]
    public async Task Fails_calls_under_way_and_connects_again_when_it_is_back()
    {
        var server = new RedisServer();
        await server.InitializeAsync();
        try
        {
            var options = new ConfigurationOptions { EndPoints = { { "127.0.0.1", server.Port } }, AsyncTimeout = 2_000, ConnectTimeout = 2_000, BacklogPolicy = BacklogPolicy.FailFast, ReconnectRetryPolicy = new LinearRetry(100), HeartbeatInterval = TimeSpan.FromMilliseconds(200) };
            await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
            var database = redis.GetDatabase();
            await database.StringSetAsync("k", "v");
            var waiting = database.ExecuteAsync("DEBUG", "SLEEP", "30");
            await server.KillAsync();

            await Assert.ThrowsAnyAsync<Exception>(() => Eventually.Ends(waiting));
            await Assert.ThrowsAnyAsync<RedisException>(() => Eventually.Ends(database.StringGetAsync("k")));
            await server.StartAsync();
            await Eventually.Holds(() => redis.IsConnected, "it connects again");
            await database.StringSetAsync("k", "again");
            Assert.Equal("again", (string?)await database.StringGetAsync("k"));
        }
        finally
        {
            await server.DisposeAsync();
        }
    }
}
