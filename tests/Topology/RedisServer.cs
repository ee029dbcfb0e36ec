using System.Diagnostics;
using StackExchange.Redis;

namespace Topology;

/// <summary>A Redis process of the tests' own: private port and folder, every acknowledged write on the disk.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private static readonly Lazy<Task<RedisServer>> _shared = new(StartSharedAsync);
    private readonly string _folder;
    private readonly SmallDisk? _disk;
    private Process? _process;

    private RedisServer(SmallDisk? disk = null) =>
        (_disk, _folder) = (disk, disk?.Folder ?? Directory.CreateTempSubdirectory("pennypost-redis-").FullName);

    public int Port { get; } = Ports.Free(1)[0];

    public string Folder => _folder;

    public string ConnectionString => $"127.0.0.1:{Port}";

    /// <summary>The one that all conformance tests use, each under a prefix of its own.</summary>
    public static Task<RedisServer> SharedAsync() => _shared.Value;

    private static async Task<RedisServer> StartSharedAsync()
    {
        var server = await StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Remove();
        return server;
    }

    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer();
        await server.RunAsync();
        return server;
    }

    /// <summary>One of its own, with more on its command line.</summary>
    public static async Task<RedisServer> StartWithAsync(params string[] more)
    {
        var server = new RedisServer();
        await server.RunAsync(more);
        return server;
    }

    /// <summary>One that keeps its data on a disk that can be filled.</summary>
    public static async Task<RedisServer> StartOnAsync(SmallDisk disk)
    {
        var server = new RedisServer(disk);
        await server.RunAsync();
        return server;
    }

    /// <summary>Whether its process runs.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>The process that runs now, or ran last; 0 for none.</summary>
    public int Id => _process?.Id ?? 0;

    /// <summary>A Cluster of one node that has all slots: it refuses keys of two slots in one call as any Cluster does.</summary>
    public static async Task<RedisServer> StartClusterAsync()
    {
        var server = new RedisServer();
        await server.RunAsync("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1");
        await using var connection = await server.ConnectAsync();
        await connection.GetServer(server.ConnectionString).ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", 0, 16383);
        return server;
    }

    /// <summary>Starts it on what is in its folder.</summary>
    public async Task RunAsync(params string[] more)
    {
        var start = _disk is null ? new ProcessStartInfo("redis-server") : SmallDisk.Start("redis-server");
        start.RedirectStandardOutput = true;
        foreach (var argument in (string[])
        [
            "--bind", "127.0.0.1", "--port", $"{Port}", "--dir", _folder, "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--logfile", "redis.log",
            "--enable-debug-command", "yes", .. more,
        ])
            start.ArgumentList.Add(argument);
        try
        {
            _process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new InvalidOperationException("redis-server is not installed, and the store's tests need a real one. Run ./test in the repository's root: it installs it (apt-get install redis-server).");
        }

        await Eventually.TrueAsync(IsReadyAsync, TimeSpan.FromSeconds(20), "Redis answers");
    }

    private async Task<bool> IsReadyAsync()
    {
        if (_process!.HasExited)
            throw new InvalidOperationException("redis-server ended: " + await File.ReadAllTextAsync(Path.Combine(_folder, "redis.log")));
        try
        {
            await using var connection = await ConnectAsync();
            await connection.GetDatabase().PingAsync();
            return true;
        }
        catch (RedisException)
        {
            return false;
        }
    }

    public async Task<ConnectionMultiplexer> ConnectAsync() => await ConnectionMultiplexer.ConnectAsync(ConnectionString + ",connectTimeout=1000,abortConnect=true,allowAdmin=true");

    /// <summary>As a crash would: no warning, nothing flushed.</summary>
    public void Kill()
    {
        if (_process is null)
            return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Tells it to end, and waits for nothing.</summary>
    public void Strike() => _process?.Kill();

    private void Remove()
    {
        Kill();
        // A disk is its owner's.
        if (_disk is null)
            Directory.Delete(_folder, recursive: true);
    }

    public ValueTask DisposeAsync()
    {
        Remove();
        return ValueTask.CompletedTask;
    }
}
