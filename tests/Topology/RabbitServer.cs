using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Topology;

/// <summary>A virtual host of a broker.</summary>
/// <param name="Server">The broker.</param>
/// <param name="VirtualHost">Which.</param>
public sealed record Broker(RabbitServer Server, string VirtualHost);

/// <summary>
/// RabbitMQ from Debian's package, one node or three: private ports and folders on loopback, a port mapper of its own, stopped by process id. The users are those of an installation (<see cref="BrokerUsers"/>).
/// </summary>
public sealed class RabbitServer : IAsyncDisposable
{
    private const string Programs = "/usr/lib/rabbitmq/bin/";
    private const int Starts = 3;
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(90);
    // What a node says that found one of its ports taken: by another program, between their choice and their use.
    private static readonly string[] _portTaken = ["dist_port_already_used", "nodistribution", "eaddrinuse"];
    private const int SharedHosts = 32;
    private static readonly Lazy<Task<RabbitServer>> _shared = new(StartSharedAsync);
    private static int _taken;
    private readonly string _folder = Directory.CreateTempSubdirectory("pennypost-rabbit-").FullName;
    private readonly Node[] _nodes;
    private readonly int _mapperPort;

    private RabbitServer(int nodes, Func<int, int[]> free)
    {
        var ports = free(2 * nodes + 1);
        _mapperPort = ports[^1];
        _nodes = [.. Enumerable.Range(0, nodes).Select(index => new Node($"r{index + 1}@localhost", ports[2 * index], ports[2 * index + 1], Path.Combine(_folder, $"r{index + 1}")))];
    }

    /// <summary>Password of every user of these tests.</summary>
    public const string Password = "a-broker-password";

    /// <summary>Where the nodes are, <c>host:port</c> each.</summary>
    public IReadOnlyList<string> Hosts => [.. _nodes.Select(node => $"127.0.0.1:{node.Port}")];

    /// <summary>All of it.</summary>
    public Broker Whole => new(this, "/");

    /// <summary>A virtual host of one node that is shared by all tests that do not break it; its tenants are acme and other.</summary>
    public static async Task<Broker> SharedAsync()
    {
        var server = await _shared.Value;
        var host = Interlocked.Increment(ref _taken);
        return host <= SharedHosts ? new Broker(server, HostName(host)) : throw new InvalidOperationException($"More than {SharedHosts} tests share a broker.");
    }

    private static string HostName(int host) => string.Create(CultureInfo.InvariantCulture, $"test-{host}");

    private static async Task<RabbitServer> StartSharedAsync()
    {
        var server = await StartAsync(1, SharedHosts, ["acme", "other"], Ports.Free);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Remove();
        return server;
    }

    /// <summary>Starts the nodes, and joins them if there are three.</summary>
    public static Task<RabbitServer> StartAsync(int nodes = 1, params string[] tenants) => StartAsync(nodes, 0, tenants, Ports.Free);

    /// <summary>One node on ports that somebody else chose.</summary>
    /// <param name="free">Gives so many ports, and others when it is asked again.</param>
    public static Task<RabbitServer> StartOnAsync(Func<int, int[]> free) => StartAsync(1, 0, [], free);

    private static async Task<RabbitServer> StartAsync(int nodes, int hosts, string[] tenants, Func<int, int[]> free)
    {
        for (var start = 1; ; start++)
        {
            try
            {
                return await StartOnceAsync(nodes, hosts, tenants, free);
            }
            catch (InvalidOperationException exception) when (start < Starts && _portTaken.Any(said => exception.Message.Contains(said, StringComparison.Ordinal)))
            {
                // With other ports.
            }
        }
    }

    private static async Task<RabbitServer> StartOnceAsync(int nodes, int hosts, string[] tenants, Func<int, int[]> free)
    {
        var server = new RabbitServer(nodes, free);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(server._folder, ".erlang.cookie"), "pennyposttests");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(Path.Combine(server._folder, ".erlang.cookie"), UnixFileMode.UserRead);
            await File.WriteAllTextAsync(Path.Combine(server._folder, "definitions.json"), Definitions(["/", .. Enumerable.Range(1, hosts).Select(HostName)], tenants));
            await Task.WhenAll(server._nodes.Select(server.StartAsync));
            return server;
        }
        catch
        {
            server.Remove();
            throw;
        }
    }

    private static string Definitions(IReadOnlyList<string> hosts, IReadOnlyList<string> tenants)
    {
        var users = BrokerUsers.Of(tenants);
        return JsonSerializer.Serialize(new
        {
            vhosts = hosts.Select(host => new { name = host }),
            users = users.Select(user => new { name = user.Name, password = Password, tags = "" }),
            permissions = hosts.SelectMany(host => users.Select(user => new { user = user.Name, vhost = host, configure = user.Configure, write = user.Write, read = user.Read })),
        });
    }

    /// <summary>The last lines of every node's log.</summary>
    public string Said(int lines) => string.Join('\n', _nodes.Select(node =>
        $"--- {node.Name}:\n{string.Join('\n', Directory.GetFiles(node.Folder, "*.log").SelectMany(File.ReadLines).TakeLast(lines))}"));

    /// <summary>As a crash would: no warning, nothing flushed.</summary>
    public void Kill(int node = 0)
    {
        if (_nodes[node].Process is not { } process)
            return;
        _nodes[node].Process = null;
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }

    /// <summary>Starts a node again on what is in its folder.</summary>
    public Task RestartAsync(int node = 0) => StartAsync(_nodes[node]);

    private async Task StartAsync(Node node)
    {
        Directory.CreateDirectory(node.Folder);
        var peers = string.Concat(_nodes.Select((peer, index) => $"cluster_formation.classic_config.nodes.{index + 1} = {peer.Name}\n"));
        await File.WriteAllTextAsync(Path.Combine(node.Folder, "rabbitmq.conf"), string.Create(CultureInfo.InvariantCulture, $"""
            listeners.tcp.default = 127.0.0.1:{node.Port}
            loopback_users = none
            log.console = false
            vm_memory_high_watermark.absolute = 1GB
            disk_free_limit.absolute = 50MB
            cluster_partition_handling = pause_minority
            cluster_formation.peer_discovery_backend = classic_config
            load_definitions = {Path.Combine(_folder, "definitions.json")}
            """) + "\n" + (_nodes.Length > 1 ? peers : ""));
        await File.WriteAllTextAsync(Path.Combine(node.Folder, "enabled_plugins"), "[].");
        node.Process = Run(node, "rabbitmq-server", []);
        var pid = Path.Combine(node.Folder, "pid");
        await Eventually.TrueAsync(async () => await AliveAsync(node) && File.Exists(pid) && new FileInfo(pid).Length > 0, _startLimit, $"{node.Name} writes its process id");
        await Eventually.TrueAsync(async () => await AliveAsync(node) && await TryAsync(node, "await_startup", "--timeout", "60"), _startLimit, $"{node.Name} has started");
    }

    private static async Task<bool> AliveAsync(Node node)
    {
        if (node.Process is { HasExited: false })
            return true;
        var printed = node.Process is { } process ? await node.PrintedByAsync(process) : "it was stopped";
        throw new InvalidOperationException($"{node.Name} ended: {printed}\n{string.Concat(Directory.GetFiles(node.Folder, "*.log").Select(File.ReadAllText))}");
    }

    private async Task<bool> TryAsync(Node node, params string[] arguments)
    {
        using var control = Run(node, "rabbitmqctl", ["-n", node.Name, .. arguments]);
        await control.WaitForExitAsync();
        return control.ExitCode == 0;
    }

    private Process Run(Node node, string program, IReadOnlyList<string> arguments)
    {
        const string Loopback = "-kernel inet_dist_use_interface {127,0,0,1}";
        var start = new ProcessStartInfo(Programs + program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in new Dictionary<string, string>
        {
            // The cookie, and nothing of whoever runs the tests.
            ["HOME"] = _folder,
            ["RABBITMQ_NODENAME"] = node.Name,
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = node.Port.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_DIST_PORT"] = node.DistributionPort.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(node.Folder, "rabbitmq.conf"),
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(node.Folder, "data"),
            ["RABBITMQ_LOG_BASE"] = node.Folder,
            ["RABBITMQ_PID_FILE"] = Path.Combine(node.Folder, "pid"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(node.Folder, "enabled_plugins"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = Loopback,
            ["RABBITMQ_CTL_ERL_ARGS"] = Loopback,
            ["ERL_EPMD_PORT"] = _mapperPort.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        })
            start.Environment[name] = value;
        try
        {
            var process = Process.Start(start)!;
            process.OutputDataReceived += (_, line) => node.Prints(line.Data);
            process.ErrorDataReceived += (_, line) => node.Prints(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return process;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new InvalidOperationException("RabbitMQ is not installed, and these tests need a real one. Run ./test in the repository's root: it installs it (apt-get install rabbitmq-server).");
        }
    }

    private void Remove()
    {
        for (var node = 0; node < _nodes.Length; node++)
            Kill(node);
        // Its port mapper outlives it.
        using var mapper = Process.Start(new ProcessStartInfo("epmd") { ArgumentList = { "-port", _mapperPort.ToString(CultureInfo.InvariantCulture), "-kill" }, RedirectStandardOutput = true, RedirectStandardError = true });
        mapper?.WaitForExit(5_000);
        Directory.Delete(_folder, recursive: true);
    }

    public ValueTask DisposeAsync()
    {
        Remove();
        return ValueTask.CompletedTask;
    }

    private sealed record Node(string Name, int Port, int DistributionPort, string Folder)
    {
        private const int LinesKept = 50;
        private readonly Queue<string> _printed = new();

        public Process? Process { get; set; }

        /// <summary>A line of the node's or of a command to it: what ends a node before it has a log is said nowhere else.</summary>
        public void Prints(string? line)
        {
            if (line is null)
                return;
            lock (_printed)
            {
                _printed.Enqueue(line);
                if (_printed.Count > LinesKept)
                    _printed.Dequeue();
            }
        }

        /// <summary>The last lines that an ended process printed.</summary>
        public async Task<string> PrintedByAsync(Process ended)
        {
            // Its port mapper may have inherited its output, so the end of that is waited for with a limit.
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await ended.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_printed)
                return string.Join('\n', _printed);
        }
    }
}
