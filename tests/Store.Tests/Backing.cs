using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Pennypost.Store;
using Xunit.Sdk;

namespace Store.Tests;

public enum Kept
{
    InMemory,
    InAFile,
    InRedis,
}

/// <summary>The one conformance suite: what holds, holds on every adapter.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnEveryStoreAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => Enum.GetValues<Kept>().Select(kept => new object[] { kept });
}

/// <summary>Stored data of one test's own. Each <see cref="Open"/> is another writer over it, as another process would be.</summary>
internal abstract partial class Backing : IAsyncDisposable
{
    private readonly List<StateStore> _stores = [];

    public static async Task<Backing> NewAsync(Kept kept) => kept switch
    {
        Kept.InMemory => new Memory(),
        Kept.InAFile => new SqliteFile(),
        _ => new Redis(await RedisServer.SharedAsync()),
    };

    public StateStore Open(Action<StoreOptions>? configure = null, TimeProvider? time = null, Func<IStoreBackend, IStoreBackend>? around = null)
    {
        var options = new StoreOptions { RelayPoll = TimeSpan.FromMilliseconds(50) };
        configure?.Invoke(options);
        var backend = Backend(options);
        var store = new StateStore("test", options, time ?? TimeProvider.System, NullLogger.Instance, around?.Invoke(backend) ?? backend);
        _stores.Add(store);
        return store;
    }

    protected abstract IStoreBackend Backend(StoreOptions options);

    /// <summary>Flips one bit in the bytes of the partition's n-th journal batch.</summary>
    public abstract Task FlipBitAsync(PartitionId partition, int batch);

    /// <summary>Cuts the end of the partition's n-th journal batch off.</summary>
    public abstract Task ShortenBatchAsync(PartitionId partition, int batch, int length);

    /// <summary>The bytes of the partition's state.</summary>
    public abstract Task<byte[]> StateAsync(PartitionId partition, int shards = 16);

    /// <summary>Puts other bytes in their place.</summary>
    public abstract Task PutStateAsync(PartitionId partition, byte[] state, int shards = 16);

    /// <summary>Takes the partition's last journal batch away.</summary>
    public abstract Task CutJournalAsync(PartitionId partition);

    /// <summary>Keeps everything as it is now; the result puts it back, as restoring a backup would.</summary>
    public abstract Task<Func<Task>> SnapshotAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        await RemoveAsync();
    }

    protected abstract ValueTask RemoveAsync();

    public static PartitionId Counter(int n = 1) => new("counter", "t1", $"c{n}");
}
