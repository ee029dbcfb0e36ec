using System.Diagnostics;

namespace Topology;

/// <summary>Redis Cluster as it is run: three masters with a replica each, six processes on loopback, made by <c>redis-cli --cluster create</c>.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private static readonly string[] _clustered = ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", "--cluster-node-timeout", "2000", "--cluster-require-full-coverage", "no"];
    private readonly List<RedisServer> _nodes = [];

    /// <summary>All nodes.</summary>
    public string ConnectionString => string.Join(',', _nodes.Select(node => node.ConnectionString));

    public IReadOnlyList<RedisServer> Nodes => _nodes;

    private static readonly Lazy<Task<RedisCluster>> _shared = new(StartSharedAsync);

    /// <summary>The one that tests share which leave it whole, each under a prefix of its own.</summary>
    public static Task<RedisCluster> SharedAsync() => _shared.Value;

    private static async Task<RedisCluster> StartSharedAsync()
    {
        var cluster = await StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => cluster.DisposeAsync().AsTask().Wait();
        return cluster;
    }

    public static async Task<RedisCluster> StartAsync()
    {
        var cluster = new RedisCluster();
        for (var node = 0; node < 6; node++)
            cluster._nodes.Add(await RedisServer.StartWithAsync(_clustered));
        var create = new ProcessStartInfo("redis-cli") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["--cluster", "create", .. cluster._nodes.Select(node => node.ConnectionString), "--cluster-replicas", "1", "--cluster-yes"])
            create.ArgumentList.Add(argument);
        using var process = Process.Start(create)!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException("redis-cli --cluster create failed: " + said);
        await Eventually.TrueAsync(cluster.IsWholeAsync, TimeSpan.FromSeconds(30), "the cluster is whole");
        return cluster;
    }

    private async Task<bool> IsWholeAsync()
    {
        foreach (var node in _nodes)
        {
            await using var connection = await node.ConnectAsync();
            var info = (string?)await connection.GetServer(node.ConnectionString).ExecuteAsync("CLUSTER", "INFO") ?? "";
            if (!info.Contains("cluster_state:ok", StringComparison.Ordinal) || !info.Contains("cluster_known_nodes:6", StringComparison.Ordinal))
                return false;
        }

        return true;
    }

    /// <summary>The masters now, by their place in <see cref="Nodes"/>.</summary>
    public async Task<IReadOnlyList<int>> MastersAsync()
    {
        var masters = new List<int>();
        for (var node = 0; node < _nodes.Count; node++)
        {
            if (!_nodes[node].IsRunning)
                continue;
            await using var connection = await _nodes[node].ConnectAsync();
            var role = (StackExchange.Redis.RedisResult[]?)await connection.GetServer(_nodes[node].ConnectionString).ExecuteAsync("ROLE");
            if (role is [var name, ..] && (string?)name == "master")
                masters.Add(node);
        }

        return masters;
    }

    /// <summary>Starts a killed node again on what is in its folder.</summary>
    public Task RestartAsync(int node) => _nodes[node].RunAsync(_clustered);

    public async ValueTask DisposeAsync()
    {
        // All at once: a test run that ends gives its handlers a tenth of a second, in which waiting for one after the other leaves the rest running for ever.
        foreach (var node in _nodes)
            node.Strike();
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }
}
