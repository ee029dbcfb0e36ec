using System.Diagnostics;
using Pennypost.Bench.Figures;
using StackExchange.Redis;

namespace Pennypost.Bench;

/// <summary>What Redis alone can do, asked from this process, with one call in flight for each of 16 shards: no service of ours can be faster.</summary>
internal sealed class BareRedis : IAsyncDisposable
{
    private const int Shards = 16;
    private const int HoldsPerBatch = 64;
    private const int BytesPerHold = 60;
    private const int StateBytes = 200;

    /// <summary>Checks a version, sets a state of 200 bytes, appends one packed batch. The least that a fenced journal can do.</summary>
    private const string FencedAppend = """
        if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[1] then
          return 0
        end
        redis.call('HSET', KEYS[1], 'version', ARGV[2], 'state', ARGV[3])
        redis.call('XADD', KEYS[2], '*', 'b', ARGV[4])
        return 1
        """;

    private readonly OwnProcess server;
    private readonly ConnectionMultiplexer connection;
    private readonly byte[] append;
    private readonly byte[] nothing;
    private readonly long[] versions = new long[Shards];

    private BareRedis(OwnProcess server, ConnectionMultiplexer connection, byte[] append, byte[] nothing) =>
        (this.server, this.connection, this.append, this.nothing) = (server, connection, append, nothing);

    public static async Task<BareRedis> ConnectAsync(OwnProcess server)
    {
        var connection = await ConnectionMultiplexer.ConnectAsync(server.Address.Authority);
        var scripts = connection.GetServers()[0];
        return new BareRedis(server, connection, await scripts.ScriptLoadAsync(FencedAppend), await scripts.ScriptLoadAsync("return 1"));
    }

    /// <summary>An operation is one hold of a batch.</summary>
    public Sample Append(TimeSpan length)
    {
        var (state, batch) = (new byte[StateBytes], new byte[HoldsPerBatch * BytesPerHold]);
        Random.Shared.NextBytes(batch);
        return Measure(length, HoldsPerBatch, async (redis, shard) =>
        {
            var before = versions[shard]++;
            if ((int)await redis.ScriptEvaluateAsync(append, [$"{{s{shard}}}:head", $"{{s{shard}}}:journal"], [before, before + 1, state, batch]) != 1)
                throw new InvalidOperationException("The bare append lost its fence.");
        });
    }

    /// <summary>An operation is one call.</summary>
    public Sample DoNothing(TimeSpan length) => Measure(length, 1, (redis, shard) => redis.ScriptEvaluateAsync(nothing, [$"{{s{shard}}}"]));

    private Sample Measure(TimeSpan length, int operationsPerCall, Func<IDatabase, int, Task> call)
    {
        var redis = connection.GetDatabase();
        var (client, store, started) = (Environment.CpuUsage.TotalTime, server.CpuSeconds(), Stopwatch.GetTimestamp());
        var calls = new long[Shards];
        Task.WaitAll(Enumerable.Range(0, Shards).Select(shard => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(started) < length)
            {
                await call(redis, shard);
                calls[shard]++;
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new Sample(calls.Sum() * operationsPerCall, seconds, (Environment.CpuUsage.TotalTime - client).TotalSeconds, server.CpuSeconds() - store, 0, calls.Sum(), calls.Sum() * operationsPerCall, 0, 0);
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
