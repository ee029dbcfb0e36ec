using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Data.Sqlite;
using StackExchange.Redis;

namespace Faults;

/// <summary>What a store holds of a pool, byte by byte, past the service: read, and written back otherwise than it was.</summary>
public abstract class KeptBytes : IAsyncDisposable
{
    public static async Task<KeptBytes> OpenAsync(Installation installation) => installation.Shape.Sqlite
        ? new OfSqlite(installation.SqliteFile)
        : new OfRedis(await ConnectionMultiplexer.ConnectAsync(installation.Redis?.ConnectionString ?? installation.Cluster!.ConnectionString));

    /// <summary>The pool's state: what its next decision rests on.</summary>
    public abstract Task<byte[]> StateAsync(string pool);

    public abstract Task PutStateAsync(string pool, byte[] state);

    /// <summary>The pool's journal: what each commit appended, in order.</summary>
    public abstract Task<IReadOnlyList<byte[]>> JournalAsync(string pool);

    /// <summary>Puts other bytes into the same places; null takes the place away.</summary>
    public abstract Task PutJournalAsync(string pool, IReadOnlyList<byte[]?> batches);

    public abstract ValueTask DisposeAsync();

    private static string Partition(string pool) => $"pool:{Installation.Tenant}:{pool}";

    private sealed class OfRedis(ConnectionMultiplexer connection) : KeptBytes
    {
        private readonly IDatabase _redis = connection.GetDatabase();
        private readonly Dictionary<string, (string Base, StreamEntry[] Stream, List<string> Places)> _known = [];

        public override async Task<byte[]> StateAsync(string pool) => (byte[])(await _redis.HashGetAsync((await KnownAsync(pool)).Base + ":state", Partition(pool)))!;

        public override async Task PutStateAsync(string pool, byte[] state) => await _redis.HashSetAsync((await KnownAsync(pool)).Base + ":state", Partition(pool), state);

        public override async Task<IReadOnlyList<byte[]>> JournalAsync(string pool)
        {
            var (_, stream, places) = await KnownAsync(pool);
            return [.. places.Select(place => (byte[])stream.Single(entry => entry.Id == place)["b"]!)];
        }

        public override async Task PutJournalAsync(string pool, IReadOnlyList<byte[]?> batches)
        {
            var (shard, stream, places) = await KnownAsync(pool);
            var other = places.Zip(batches).ToDictionary(pair => pair.First, pair => pair.Second);
            // A stream cannot be changed in place: it is written again as a whole.
            var transaction = _redis.CreateTransaction();
            _ = transaction.KeyDeleteAsync(shard + ":journal");
            foreach (var entry in stream)
            {
                if (!other.TryGetValue(entry.Id!, out var bytes))
                    bytes = entry["b"];
                if (bytes is not null)
                    _ = transaction.StreamAddAsync(shard + ":journal", [.. entry.Values.Select(value => value.Name == "b" ? new NameValueEntry("b", bytes) : value)], entry.Id);
            }

            if (!await transaction.ExecuteAsync())
                throw new InvalidOperationException("The stream was not written.");
        }

        private async Task<(string Base, StreamEntry[] Stream, List<string> Places)> KnownAsync(string pool)
        {
            if (_known.TryGetValue(pool, out var known))
                return known;
            for (var shard = 0; ; shard++)
            {
                var key = $"{{pennypost-credits:s{shard.ToString(CultureInfo.InvariantCulture)}}}";
                if ((byte[]?)await _redis.HashGetAsync(key + ":state", Partition(pool)) is not { } state)
                    continue;
                var stream = await _redis.StreamRangeAsync(key + ":journal");
                // The state names its last batch, and each batch the one before it.
                var places = new List<string>();
                for (var sequence = BinaryPrimitives.ReadInt64BigEndian(state.AsSpan(17)); sequence > 0;)
                {
                    places.Insert(0, string.Create(CultureInfo.InvariantCulture, $"{sequence}-0"));
                    sequence = (long)stream.Single(entry => entry.Id == places[0])["p"];
                }

                return _known[pool] = (key, stream, places);
            }
        }

        public override async ValueTask DisposeAsync() => await connection.DisposeAsync();
    }

    private sealed class OfSqlite : KeptBytes
    {
        private readonly SqliteConnection _connection;
        private readonly Dictionary<string, List<long>> _places = [];

        public OfSqlite(string file)
        {
            _connection = new SqliteConnection($"Data Source={file};Pooling=False");
            _connection.Open();
            // What is damaged here need not outlive the machine.
            Command("PRAGMA synchronous = OFF").ExecuteNonQuery();
        }

        public override Task<byte[]> StateAsync(string pool) => Task.FromResult((byte[])Command("SELECT state FROM partition WHERE key = $1", Partition(pool)).ExecuteScalar()!);

        public override Task PutStateAsync(string pool, byte[] state)
        {
            Command("UPDATE partition SET state = $2 WHERE key = $1", Partition(pool), state).ExecuteNonQuery();
            return Task.CompletedTask;
        }

        public override Task<IReadOnlyList<byte[]>> JournalAsync(string pool)
        {
            using var rows = Command("SELECT first_number, batch FROM journal WHERE partition = $1 ORDER BY first_number", Partition(pool)).ExecuteReader();
            var (places, batches) = (new List<long>(), new List<byte[]>());
            while (rows.Read())
            {
                places.Add(rows.GetInt64(0));
                batches.Add(rows.GetFieldValue<byte[]>(1));
            }

            _places[pool] = places;
            return Task.FromResult<IReadOnlyList<byte[]>>(batches);
        }

        public override Task PutJournalAsync(string pool, IReadOnlyList<byte[]?> batches)
        {
            using var transaction = _connection.BeginTransaction();
            foreach (var (place, bytes) in _places[pool].Zip(batches))
            {
                // What was taken away comes back, at its old place in the shard.
                if (bytes is null)
                    Command("UPDATE journal SET partition = 'gone:' || partition WHERE partition = $1 AND first_number = $2", Partition(pool), place).ExecuteNonQuery();
                else
                    Command("UPDATE journal SET partition = $1, batch = $3 WHERE partition IN ($1, 'gone:' || $1) AND first_number = $2", Partition(pool), place, bytes).ExecuteNonQuery();
            }

            transaction.Commit();
            return Task.CompletedTask;
        }

        private SqliteCommand Command(string sql, params object[] values)
        {
            var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant of this file.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var index = 0; index < values.Length; index++)
                command.Parameters.AddWithValue("$" + (index + 1), values[index]);
            return command;
        }

        public override ValueTask DisposeAsync() => _connection.DisposeAsync();
    }
}
