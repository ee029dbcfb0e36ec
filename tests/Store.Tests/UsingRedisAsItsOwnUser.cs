using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Pennypost.Store;
using StackExchange.Redis;
using Store.Writer;

namespace Store.Tests;

/// <summary>The users that <c>deploy/make-secrets</c> makes, on a real Redis: enough for the store, and nothing else.</summary>
public sealed class UsingRedisAsItsOwnUser : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pennypost-users-").FullName;
    private RedisServer _server = null!;

    public async Task InitializeAsync()
    {
        using (var script = Process.Start(Repository.PathOf("deploy", "make-secrets"), ["--to", Path.Combine(_folder, "secrets")]))
        {
            await script.WaitForExitAsync();
            Assert.Equal(0, script.ExitCode);
        }
        _server = await RedisServer.StartAsync();
        await using var admin = await _server.ConnectAsync();
        // The default user stays on: it is the tests' administrator.
        foreach (var words in Secret("redis-users.acl").Split('\n').Select(line => line.Split(' ')).Where(words => words[1] != "default"))
            await admin.GetServer(_server.ConnectionString).ExecuteAsync("ACL", ["SETUSER", .. words[1..]]);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("credits")]
    [InlineData("dispatcher")]
    [InlineData("gateway")]
    public async Task Lets_a_service_do_all_that_a_store_does_without_one_refusal(string service)
    {
        await using var store = Open(service, Secret("redis-" + service));
        var due = Backing.Counter(100);
        await store.OpenAsync(default);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(n => store.AddAsync(Backing.Counter(n % 40), $"i{n}")));
        await store.ExecuteAsync<Counter, long>(
            due,
            Counter.Codec,
            RecordKeys.None,
            view => new Decision<Counter, long>.Commit(new Counter(7), 7) { Records = [new RecordChange.Delete("i1")], Due = [new DueChange.Set("d", view.Now, 3, [1])] },
            0,
            default);

        Assert.Equal(40 + 1, (await store.ListAsync("counter", "t1", 100, null, default)).Partitions.Count);
        Assert.Equal("d", Assert.Single(await store.ClaimDueAsync(10, TimeSpan.FromMinutes(1), default)).Key);
        Assert.Contains("i1", await store.IdsAsync(Backing.Counter()));
        Assert.IsType<JournalVerification.Intact>(await store.VerifyAsync(Backing.Counter(), default));
        Assert.NotEmpty((await store.ReadShardJournalAsync(Backing.Counter().ShardOf(16), 0, 100, default)).Entries);
        Assert.NotNull(await store.Storage.TakeRelayAsync(Backing.Counter().ShardOf(16), "relay", TimeSpan.FromSeconds(10), null, 10));
        await store.Storage.NextDueAsync(0);
        using var follower = await store.FollowAsync(new long[16], null, _ => true, null, default);
        Assert.NotNull(await follower.NextAsync(TimeSpan.FromSeconds(10), default));
        await RelayAllAsync(store);
        Assert.Equal(TrimOutcome.Trimmed, await store.TrimJournalAsync(Backing.Counter(), 1, default));
        Assert.Equal(1, (await store.JournalStartAsync(Backing.Counter(), default)).Number);
        Assert.True(await store.WasTrimmedBehindAsync(Backing.Counter().ShardOf(16), 0, _ => true));
        await store.Storage.RaiseOffsetAsync(0, 1);
        Assert.Empty(await RefusalsAsync());
    }

    [Fact]
    public async Task Keeps_a_service_out_of_the_keys_of_another()
    {
        await using var dispatcher = Open("dispatcher", Secret("redis-dispatcher"));
        await dispatcher.AddAsync(Backing.Counter(), "a");
        await using var intruder = Open("dispatcher", Secret("redis-credits"));

        await Assert.ThrowsAnyAsync<StoreException>(() => intruder.OpenAsync(default));

        Assert.NotEmpty(await RefusalsAsync());
        Assert.Equal(1, await dispatcher.TotalAsync(Backing.Counter()));
    }

    [Theory]
    [InlineData("FLUSHALL")]
    [InlineData("KEYS", "*")]
    [InlineData("SCAN", "0")]
    [InlineData("ACL", "LIST")]
    [InlineData("SHUTDOWN")]
    [InlineData("SAVE")]
    [InlineData("DEL", "{pennypost-credits:s0}:meta")]
    [InlineData("GET", "{pennypost-dispatcher:s0}:meta")]
    [InlineData("HGETALL", "{pennypost-credits:s0}:meta")]
    public async Task Refuses_what_no_store_needs(params string[] command)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(Here(Secret("redis-credits")));

        var refusal = await Assert.ThrowsAsync<RedisServerException>(() => connection.GetDatabase().ExecuteAsync(command[0], [.. command[1..]]));

        Assert.StartsWith("NOPERM", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>It is what the container's health check uses, and its password is known to everyone.</summary>
    [Fact]
    public async Task Lets_whoever_asks_know_that_it_is_there_and_nothing_else()
    {
        // By hand, because a client library asks for more before it says that it is connected.
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, _server.Port);
        await using var stream = connection.GetStream();
        using var answers = new StreamReader(stream);
        await stream.WriteAsync("AUTH health none\r\nPING\r\nGET anything\r\nINFO\r\n"u8.ToArray());

        Assert.Equal("+OK", await answers.ReadLineAsync());
        Assert.Equal("+PONG", await answers.ReadLineAsync());
        Assert.StartsWith("-NOPERM", await answers.ReadLineAsync(), StringComparison.Ordinal);
        Assert.StartsWith("-NOPERM", await answers.ReadLineAsync(), StringComparison.Ordinal);
    }

    private static async Task RelayAllAsync(StateStore store)
    {
        var shard = Backing.Counter().ShardOf(16);
        Assert.NotNull(await store.Storage.TakeRelayAsync(shard, "relay", TimeSpan.FromSeconds(10), await store.Storage.JournalEndAsync(shard), 10));
        Assert.Equal(await store.Storage.JournalEndAsync(shard), await store.Storage.RelayCursorAsync(shard));
    }

    private StateStore Open(string service, string connection) =>
        new(service, new StoreOptions { Backend = StoreBackend.Redis, ConnectionString = Here(connection) }, TimeProvider.System, NullLogger<StateStore>.Instance);

    private string Here(string connection) => connection.Replace("redis:6379", _server.ConnectionString, StringComparison.Ordinal);

    private string Secret(string name) => File.ReadAllText(Path.Combine(_folder, "secrets", name)).Trim();

    private async Task<RedisResult[]> RefusalsAsync()
    {
        await using var admin = await _server.ConnectAsync();
        return (RedisResult[])(await admin.GetServer(_server.ConnectionString).ExecuteAsync("ACL", "LOG"))!;
    }
}
