using Pennypost.Store;
using Pennypost.Store.Redis;
using StackExchange.Redis;

namespace Pennypost.Bench.Servers;

/// <summary>Each commit goes to Redis with all that it would write, as the call of a script that does nothing: what is left out is what Redis does with it, and the disk.</summary>
internal sealed class NoOpScript(string connectionString) : NullStore
{
    private const int EntriesPerMark = 64;

    private readonly RedisKey[][] keys = [.. Enumerable.Range(0, 4_096).Select(shard => new RedisKey[] { $"{{noop:s{shard}}}" })];
    private ConnectionMultiplexer? connection;
    private IDatabase? redis;
    private byte[] script = [];

    public override async Task OpenAsync(int shards, CancellationToken ct)
    {
        connection = await ConnectionMultiplexer.ConnectAsync(connectionString);
        redis = connection.GetDatabase();
        script = await connection.GetServers()[0].ScriptLoadAsync("return 1");
    }

    public override async Task<CommitReply> CommitAsync(int shard, ShardCommit commit)
    {
        await redis!.ScriptEvaluateAsync(script, keys[shard], RedisCommit.Arguments(commit, EntriesPerMark)).ConfigureAwait(false);
        return Confirmed(commit);
    }

    public override async ValueTask DisposeAsync()
    {
        if (connection is not null) await connection.DisposeAsync();
        await base.DisposeAsync();
    }
}
