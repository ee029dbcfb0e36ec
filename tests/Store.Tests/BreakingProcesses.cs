using Pennypost.Store;
using Store.Writer;

namespace Store.Tests;

/// <summary>Processes killed, stopped and set back under load: nothing acknowledged is lost, nothing stale is written.</summary>
public sealed class BreakingProcesses : IAsyncLifetime
{
    private const int Counters = 4;
    private readonly string _folder = Directory.CreateTempSubdirectory("pennypost-procs-").FullName;
    private RedisServer? _redis;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_redis is not null)
            await _redis.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<string> WhereAsync(StoreBackend backend)
    {
        if (backend == StoreBackend.Sqlite)
            return Path.Combine(_folder, "test.db");
        _redis = await RedisServer.StartAsync();
        return _redis.ConnectionString;
    }

    private static async Task AssertExactAsync(StateStore store, IEnumerable<(string Counter, string Id)> acknowledged)
    {
        foreach (var counter in Enumerable.Range(0, Counters))
        {
            var partition = Backing.Counter(counter);
            var ids = await store.IdsAsync(partition);
            Assert.Empty(acknowledged.Where(each => each.Counter == partition.Id).Select(each => each.Id).Except(ids));
            // Every id has had its effect once: no update was lost and none done twice.
            Assert.Equal(ids.Count, await store.TotalAsync(partition));
            Assert.Equal(ids.Count, Assert.IsType<JournalVerification.Intact>(await store.VerifyAsync(partition, default)).Entries);
        }
    }

    [Theory]
    [InlineData(StoreBackend.Sqlite)]
    [InlineData(StoreBackend.Redis)]
    public async Task Loses_nothing_acknowledged_when_a_writer_is_killed(StoreBackend backend)
    {
        var where = await WhereAsync(backend);
        var acknowledged = new List<(string, string)>();
        for (var round = 0; round < 3; round++)
        {
            using var writer = new WriterProcess(backend, where, $"r{round}", Counters);
            await writer.WriteAsync(300);
            writer.Kill();
            acknowledged.AddRange(writer.Acknowledged);
        }

        await using var store = Processes.Open(backend, where);
        await AssertExactAsync(store, acknowledged);
    }

    [Fact]
    public async Task Loses_nothing_acknowledged_when_Redis_is_killed()
    {
        var where = await WhereAsync(StoreBackend.Redis);
        using var writer = new WriterProcess(StoreBackend.Redis, where, "w", Counters);
        await using var store = Processes.Open(StoreBackend.Redis, where);
        for (var round = 0; round < 3; round++)
        {
            await writer.WriteAsync(500);
            _redis!.Kill();
            await _redis.RunAsync();
        }

        await writer.WriteAsync(500);
        writer.Kill();
        await AssertExactAsync(store, writer.Acknowledged);
    }

    [Theory]
    [InlineData(StoreBackend.Sqlite)]
    [InlineData(StoreBackend.Redis)]
    public async Task Refuses_the_stale_write_of_a_writer_that_slept(StoreBackend backend)
    {
        var where = await WhereAsync(backend);
        using var writer = new WriterProcess(backend, where, "w", Counters);
        await using var store = Processes.Open(backend, where);
        await store.OpenAsync(default);
        for (var round = 0; round < 5; round++)
        {
            await writer.WriteAsync(200);
            writer.Stop();
            // While it sleeps in the middle of its work, another writer moves every counter on.
            try
            {
                await Task.WhenAll(Enumerable.Range(0, 40).Select(n => store.AddAsync(Backing.Counter(n % Counters), $"awake-{round}-{n}")));
            }
            catch (StoreUnavailableException) when (backend == StoreBackend.Sqlite)
            {
                // It was stopped while it held the file's lock: others are refused, clearly, until it goes on.
            }

            writer.Continue();
        }

        await writer.WriteAsync(200);
        writer.Kill();
        await AssertExactAsync(store, writer.Acknowledged);
    }

    [Theory]
    [InlineData(StoreBackend.Sqlite)]
    [InlineData(StoreBackend.Redis)]
    public async Task Stays_closed_on_a_restored_backup_until_it_is_accepted(StoreBackend backend)
    {
        var where = await WhereAsync(backend);
        var store = Processes.Open(backend, where);
        await store.AddAsync(Backing.Counter(), "a");
        if (backend == StoreBackend.Sqlite)
            await store.DisposeAsync();
        var backup = Backup(backend);

        if (backend == StoreBackend.Sqlite)
            store = Processes.Open(backend, where);
        var lost = await Eventually.ValueAsync(() => store.AddAsync(Backing.Counter(), "b"), "Redis is there again");
        if (backend == StoreBackend.Sqlite)
            await store.DisposeAsync();
        await RestoreAsync(backend, backup);
        if (backend == StoreBackend.Sqlite)
            store = Processes.Open(backend, where);

        // A peer passes on what it was told; on Redis this process remembers it too.
        await Eventually.TrueAsync(() => IsClosedAsync(store, lost.Version), TimeSpan.FromSeconds(20), "the restored store is refused");
        await store.AcceptRewindAsync(Backing.Counter(), lost.Version, "operator-1", default);
        Assert.Equal(2, (await store.AddAsync(Backing.Counter(), "c", minVersion: lost.Version)).Answer);
        Assert.IsType<JournalVerification.Intact>(await store.VerifyAsync(Backing.Counter(), default));
        await store.DisposeAsync();
    }

    private static async Task<bool> IsClosedAsync(StateStore store, long version)
    {
        try
        {
            await store.AddAsync(Backing.Counter(), "refused", minVersion: version);
            throw new InvalidOperationException("The restored store was believed.");
        }
        catch (StoreRewoundException)
        {
            return true;
        }
        catch (StoreUnavailableException)
        {
            // Redis is on its way up.
            return false;
        }
    }

    private string Backup(StoreBackend backend)
    {
        var copy = Directory.CreateDirectory(Path.Combine(_folder, "copy")).FullName;
        if (backend == StoreBackend.Sqlite)
        {
            File.Copy(Path.Combine(_folder, "test.db"), Path.Combine(copy, "test.db"));
            return copy;
        }

        _redis!.Kill();
        CopyAll(_redis.Folder, copy);
        _redis.RunAsync().GetAwaiter().GetResult();
        return copy;
    }

    private async Task RestoreAsync(StoreBackend backend, string copy)
    {
        if (backend == StoreBackend.Sqlite)
        {
            File.Copy(Path.Combine(copy, "test.db"), Path.Combine(_folder, "test.db"), overwrite: true);
            return;
        }

        _redis!.Kill();
        CopyAll(copy, _redis.Folder);
        await _redis.RunAsync();
    }

    private static void CopyAll(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }
}
