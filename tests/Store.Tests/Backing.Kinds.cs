using Microsoft.Data.Sqlite;
using Pennypost.Store;
using Pennypost.Store.Redis;
using Pennypost.Store.Sqlite;
using StackExchange.Redis;

namespace Store.Tests;

internal abstract partial class Backing
{
    private abstract class Sqlite : Backing
    {
        protected abstract T WithConnection<T>(Func<SqliteConnection, T> use);

        private static void Execute(SqliteConnection connection, string sql, params object[] values)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            for (var index = 0; index < values.Length; index++)
                command.Parameters.AddWithValue("$" + (index + 1), values[index]);
            command.ExecuteNonQuery();
        }

        public override Task FlipBitAsync(PartitionId partition, int batch) => ChangeBatch(partition, batch, static bytes =>
        {
            bytes[^1] ^= 1;
            return bytes;
        });

        public override Task ShortenBatchAsync(PartitionId partition, int batch, int length) => ChangeBatch(partition, batch, bytes => bytes[..length]);

        private Task ChangeBatch(PartitionId partition, int batch, Func<byte[], byte[]> change)
        {
            WithConnection(connection =>
            {
                using var read = connection.CreateCommand();
                read.CommandText = "SELECT first_number, batch FROM journal WHERE partition = $1 ORDER BY first_number LIMIT 1 OFFSET $2";
                read.Parameters.AddWithValue("$1", partition.Key);
                read.Parameters.AddWithValue("$2", batch);
                using var row = read.ExecuteReader();
                row.Read();
                var (number, bytes) = (row.GetInt64(0), row.GetFieldValue<byte[]>(1));
                row.Close();
                Execute(connection, "UPDATE journal SET batch = $3 WHERE partition = $1 AND first_number = $2", partition.Key, number, change(bytes));
                return true;
            });
            return Task.CompletedTask;
        }

        public override Task<byte[]> StateAsync(PartitionId partition, int shards) => Task.FromResult(WithConnection(connection =>
        {
            using var read = connection.CreateCommand();
            read.CommandText = "SELECT state FROM partition WHERE key = $1";
            read.Parameters.AddWithValue("$1", partition.Key);
            return (byte[])read.ExecuteScalar()!;
        }));

        public override Task PutStateAsync(PartitionId partition, byte[] state, int shards)
        {
            WithConnection(connection =>
            {
                Execute(connection, "UPDATE partition SET state = $2 WHERE key = $1", partition.Key, state);
                return true;
            });
            return Task.CompletedTask;
        }

        public override Task CutJournalAsync(PartitionId partition)
        {
            WithConnection(connection =>
            {
                Execute(connection, "DELETE FROM journal WHERE partition = $1 AND first_number = (SELECT max(first_number) FROM journal WHERE partition = $1)", partition.Key);
                return true;
            });
            return Task.CompletedTask;
        }

        public override Task<Func<Task>> SnapshotAsync()
        {
            var copy = Path.Combine(Directory.CreateTempSubdirectory("pennypost-copy-").FullName, "copy.db");
            WithConnection(connection =>
            {
                Execute(connection, "VACUUM INTO $1", copy);
                return true;
            });
            return Task.FromResult<Func<Task>>(() =>
            {
                WithConnection(connection =>
                {
                    Execute(connection, "ATTACH $1 AS copy", copy);
                    Execute(connection, "BEGIN IMMEDIATE");
                    foreach (var table in new[] { "shard", "partition", "record", "journal", "trim", "due" })
                        Execute(connection, $"DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM copy.{table};");
                    Execute(connection, "COMMIT");
                    Execute(connection, "DETACH copy");
                    return true;
                });
                Directory.Delete(Path.GetDirectoryName(copy)!, recursive: true);
                return Task.CompletedTask;
            });
        }
    }

    /// <summary>Memory belongs to one connection: its writers share the adapter and nothing else.</summary>
    private sealed class Memory : Sqlite
    {
        private readonly SqliteBackend _backend = new(":memory:", TimeSpan.FromSeconds(3), TimeProvider.System);

        protected override IStoreBackend Backend(StoreOptions options) => new Faults(_backend) { OwnsInner = false };

        protected override T WithConnection<T>(Func<SqliteConnection, T> use) => _backend.WithConnectionAsync(use).GetAwaiter().GetResult();

        protected override ValueTask RemoveAsync() => _backend.DisposeAsync();
    }

    private sealed class SqliteFile : Sqlite
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("pennypost-file-").FullName;

        private string File => Path.Combine(_folder, "test.db");

        protected override IStoreBackend Backend(StoreOptions options) => new SqliteBackend(File, options.CallTimeout, TimeProvider.System);

        protected override T WithConnection<T>(Func<SqliteConnection, T> use)
        {
            using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
            connection.Open();
            return use(connection);
        }

        protected override ValueTask RemoveAsync()
        {
            Directory.Delete(_folder, recursive: true);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Redis(RedisServer server) : Backing
    {
        private readonly string _prefix = "t" + Guid.NewGuid().ToString("N")[..10];

        protected override IStoreBackend Backend(StoreOptions options)
        {
            options.ConnectionString = server.ConnectionString;
            return new RedisBackend(_prefix, options);
        }

        private static string Base(string prefix, PartitionId partition, int shards = 16) => $"{{{prefix}:s{partition.ShardOf(shards)}}}";

        public override Task FlipBitAsync(PartitionId partition, int batch) => ChangeBatchAsync(partition, batch, static bytes =>
        {
            bytes[^1] ^= 1;
            return bytes;
        });

        public override Task ShortenBatchAsync(PartitionId partition, int batch, int length) => ChangeBatchAsync(partition, batch, bytes => bytes[..length]);

        private async Task ChangeBatchAsync(PartitionId partition, int batch, Func<byte[], byte[]> change)
        {
            await using var connection = await server.ConnectAsync();
            var (redis, key) = (connection.GetDatabase(), (RedisKey)(Base(_prefix, partition) + ":journal"));
            var entries = await redis.StreamRangeAsync(key);
            // A stream cannot be changed in place: it is written again, with one batch changed.
            await redis.KeyDeleteAsync(key);
            foreach (var (entry, index) in entries.Select((entry, index) => (entry, index)))
            {
                var bytes = (byte[])entry["b"]!;
                if (index == batch)
                    bytes = change(bytes);
                await redis.StreamAddAsync(key, [.. entry.Values.Select(value => value.Name == "b" ? new NameValueEntry("b", bytes) : value)], entry.Id);
            }
        }

        public override async Task<byte[]> StateAsync(PartitionId partition, int shards)
        {
            await using var connection = await server.ConnectAsync();
            return (byte[])(await connection.GetDatabase().HashGetAsync(Base(_prefix, partition, shards) + ":state", partition.Key))!;
        }

        public override async Task PutStateAsync(PartitionId partition, byte[] state, int shards)
        {
            await using var connection = await server.ConnectAsync();
            await connection.GetDatabase().HashSetAsync(Base(_prefix, partition, shards) + ":state", partition.Key, state);
        }

        public override async Task CutJournalAsync(PartitionId partition)
        {
            await using var connection = await server.ConnectAsync();
            var (redis, key) = (connection.GetDatabase(), (RedisKey)(Base(_prefix, partition) + ":journal"));
            await redis.StreamDeleteAsync(key, [(await redis.StreamRangeAsync(key, count: 1, messageOrder: Order.Descending))[0].Id]);
        }

        public override async Task<Func<Task>> SnapshotAsync()
        {
            await using var connection = await server.ConnectAsync();
            var redis = connection.GetDatabase();
            var kept = new Dictionary<RedisKey, byte[]>();
            foreach (var key in connection.GetServer(server.ConnectionString).Keys(pattern: $"{{{_prefix}:*", pageSize: 1_000))
                kept[key] = (await redis.KeyDumpAsync(key))!;
            return async () =>
            {
                await using var again = await server.ConnectAsync();
                var now = again.GetDatabase();
                foreach (var key in again.GetServer(server.ConnectionString).Keys(pattern: $"{{{_prefix}:*", pageSize: 1_000).ToList())
                    await now.KeyDeleteAsync(key);
                foreach (var (key, value) in kept)
                    await now.KeyRestoreAsync(key, value);
            };
        }

        protected override ValueTask RemoveAsync() => ValueTask.CompletedTask;
    }
}
