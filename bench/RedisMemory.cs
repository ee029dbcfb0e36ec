using System.Globalization;
using Pennypost.Bench.Report;
using StackExchange.Redis;

namespace Pennypost.Bench;

/// <summary>What a store of ours takes in Redis, by kind of key (state, record, journal, due, list, page), and altogether.</summary>
internal sealed class RedisMemory(ConnectionMultiplexer connection) : IAsyncDisposable
{
    private const string Total = "all, fragmentation left out";

    public static async Task<RedisMemory> ConnectAsync(OwnProcess redis) => new(await ConnectionMultiplexer.ConnectAsync(redis.Address.Authority + ",allowAdmin=true"));

    public async Task<Bytes> ReadAsync()
    {
        var (server, redis) = (connection.GetServers()[0], connection.GetDatabase());
        var bytes = new Dictionary<string, long>();
        await foreach (var key in server.KeysAsync(pageSize: 1_000))
        {
            // {store:shard}:kind or {store:shard}:kind:more
            var kind = ((string)key!)[(((string)key!).IndexOf('}', StringComparison.Ordinal) + 2)..].Split(':')[0];
            bytes[kind] = bytes.GetValueOrDefault(kind) + (long)await redis.ExecuteAsync("MEMORY", "USAGE", key, "SAMPLES", 0);
        }

        bytes[Total] = long.Parse((await server.InfoAsync("memory")).SelectMany(group => group).Single(pair => pair.Key == "used_memory").Value, CultureInfo.InvariantCulture);
        return new Bytes(bytes.ToDictionary(kind => kind.Key, kind => (double)kind.Value));
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    /// <summary>By kind of key.</summary>
    internal sealed record Bytes(IReadOnlyDictionary<string, double> ByKind)
    {
        public double Of(string kind) => ByKind.GetValueOrDefault(kind);

        /// <summary>What came, for each of so many things.</summary>
        public Bytes Since(Bytes before, long things) => new(ByKind.ToDictionary(kind => kind.Key, kind => (kind.Value - before.Of(kind.Key)) / things));

        public IEnumerable<SizeRow> Rows(string of) => ByKind.Where(kind => kind.Value >= 0.05).OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => new SizeRow(kind.Key, kind.Value, of));
    }
}
