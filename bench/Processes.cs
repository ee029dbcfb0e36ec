using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Topology;

namespace Pennypost.Bench;

/// <summary>A process of this run; it ends with it.</summary>
internal sealed class OwnProcess : IAsyncDisposable
{
    private static readonly double TicksPerSecond = 100;
    private readonly Process process;
    private readonly string? folder;

    private OwnProcess(Process process, Uri address, string? folder = null) => (this.process, Address, this.folder) = (process, address, folder);

    public Uri Address { get; }

    /// <summary>User and system time of all its threads so far, in seconds, to a hundredth (/proc/PID/stat).</summary>
    public double CpuSeconds()
    {
        var stat = File.ReadAllText($"/proc/{process.Id}/stat");
        // The second field is the name in brackets, which may hold anything; the times are the 14th and 15th.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>This program again, as a server.</summary>
    public static async Task<OwnProcess> SelfAsync(params string[] arguments)
    {
        var self = Environment.ProcessPath!;
        var start = new ProcessStartInfo(self) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet") start.ArgumentList.Add(typeof(OwnProcess).Assembly.Location);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var line = await process.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException($"'{string.Join(' ', arguments)}' ended before it listened.");
        return new OwnProcess(process, new Uri(line));
    }

    /// <summary>A Redis with every acknowledged write on the disk, in a folder of its own.</summary>
    public static async Task<OwnProcess> RedisAsync()
    {
        var folder = Directory.CreateTempSubdirectory("pennypost-bench-").FullName;
        var port = Ports.Free(1)[0];
        var process = Process.Start(new ProcessStartInfo("redis-server")
        {
            RedirectStandardOutput = true,
            ArgumentList = { "--bind", "127.0.0.1", "--port", $"{port}", "--dir", folder, "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--logfile", "redis.log" },
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
            catch (SocketException) when (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10) && !process.HasExited)
            {
                // Not yet.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process.StartInfo.RedirectStandardInput) process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(folder is null ? 10 : 0));
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
}
