using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Topology;

namespace Pennypost.Bench;

/// <summary>A process of this run; it ends with it.</summary>
internal sealed partial class OwnProcess : IAsyncDisposable
{
    private static readonly TimeSpan Starting = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Stopping = TimeSpan.FromSeconds(10);

    private readonly Process process;
    private readonly string? folder;
    private readonly Func<Task>? stop;

    internal OwnProcess(Process process, Uri address, string? folder = null, Func<Task>? stop = null) => (this.process, Address, this.folder, this.stop) = (process, address, folder, stop);

    public Uri Address { get; }

    /// <summary>Its folder, if it writes.</summary>
    public string Folder => folder ?? throw new InvalidOperationException("This process keeps nothing.");

    /// <summary>User and system time of it and all it started, so far, in seconds.</summary>
    public double CpuSeconds() => Family(process.Id).Sum(id => OwnSeconds(id) + EndedChildrenSeconds(id));

    private static IEnumerable<int> Family(int id)
    {
        yield return id;
        string children;
        try
        {
            children = File.ReadAllText($"/proc/{id}/task/{id}/children");
        }
        catch (IOException)
        {
            // It ended meanwhile; its parent counts it.
            yield break;
        }

        foreach (var child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            foreach (var one in Family(int.Parse(child, CultureInfo.InvariantCulture)))
                yield return one;
    }

    // A process's own clock is exact; /proc counts hundredths of a second.
    private static double OwnSeconds(int id) => ClockGetTime((~id << 3) | 2, out var time) == 0 ? time.Seconds + (time.Nanoseconds * 1e-9) : 0;

    private static double EndedChildrenSeconds(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            // The second field is the name in brackets, which may hold anything; those of children that ended are the 16th and 17th.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture)) / 100.0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>This program again, or another build of it, as a server.</summary>
    public static Task<OwnProcess> SelfAsync(params string[] arguments) => BuildAsync(typeof(OwnProcess).Assembly.Location, new Dictionary<string, string>(), arguments);

    public static async Task<OwnProcess> BuildAsync(string assembly, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, ArgumentList = { assembly } };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Starting);
        var line = await process.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException($"'{string.Join(' ', arguments)}' ended before it listened.");
        return new OwnProcess(process, new Uri(line));
    }

    /// <summary>It gives way to every other process from now on.</summary>
    public void GiveWay() => process.PriorityClass = ProcessPriorityClass.Idle;

    /// <summary>What its store has committed so far.</summary>
    public Committed Committed()
    {
        process.StandardInput.WriteLine();
        process.StandardInput.Flush();
        var said = (process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("A server ended during the run.")).Split(' ');
        long[] numbers = [.. said.Select(number => long.Parse(number, CultureInfo.InvariantCulture))];
        return new Committed(numbers[0], numbers[1], numbers[2], numbers[3] / 1_000.0);
    }

    /// <summary>A Redis with every acknowledged write on the disk, in a folder of its own. It does not rewrite its log, so that no round pays for the ones before.</summary>
    public static async Task<OwnProcess> RedisAsync()
    {
        var folder = Directory.CreateTempSubdirectory("pennypost-bench-").FullName;
        var port = Ports.Free(1)[0];
        var process = Process.Start(new ProcessStartInfo("redis-server")
        {
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "--bind", "127.0.0.1", "--port", $"{port}", "--dir", folder, "--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0", "--save", "",
                "--logfile", "redis.log",
            },
        })!;
        var redis = new OwnProcess(process, new Uri($"redis://127.0.0.1:{port}"), folder);
        for (var started = Stopwatch.GetTimestamp(); ; await Task.Delay(20))
        {
            using var socket = new TcpClient();
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return redis;
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(started) < Starting && !process.HasExited)
            {
                // Not yet.
            }
        }
    }

    /// <summary>A PostgreSQL with every acknowledged commit on the disk, in a folder of its own; installed if need be. It may not listen yet.</summary>
    public static OwnProcess Postgres(int port)
    {
        var folder = Directory.CreateTempSubdirectory("pennypost-bench-").FullName;
        var process = Process.Start(new ProcessStartInfo("bash") { ArgumentList = { Path.Combine(AppContext.BaseDirectory, "postgres-server"), folder, $"{port}" } })!;
        return new OwnProcess(process, new Uri($"postgres://localhost:{port}"), folder, () => Process.Start("kill", ["-INT", $"{process.Id}"]).WaitForExitAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (stop is not null) await stop();
        if (process.StartInfo.RedirectStandardInput) process.StandardInput.Close();
        using var patience = new CancellationTokenSource(process.StartInfo.RedirectStandardInput || stop is not null ? Stopping : TimeSpan.Zero);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
        if (folder is not null) Directory.Delete(folder, recursive: true);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out TimeSpec time);
}

/// <summary>What a server's store has committed, and what it cost the server.</summary>
/// <param name="Commits">Calls of the store; 0 where it is none of ours.</param>
/// <param name="Commands">Decided in them.</param>
/// <param name="AllocatedBytes">By the process.</param>
/// <param name="CompilerCpu">Seconds of the just-in-time compiler.</param>
internal readonly record struct Committed(long Commits, long Commands, long AllocatedBytes, double CompilerCpu)
{
    public Committed Since(Committed before) =>
        new(Commits - before.Commits, Commands - before.Commands, AllocatedBytes - before.AllocatedBytes, CompilerCpu - before.CompilerCpu);
}
