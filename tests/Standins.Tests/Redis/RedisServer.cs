using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Pennypost.Standins.Tests.Redis;

/// <summary>A Redis process of its own: on loopback, on a free port, with its own folder, ended by its process id.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private readonly string folder = Directory.CreateTempSubdirectory("pennypost-standins-redis-").FullName;
    private Process? process;

    public int Port { get; private set; }

    public async Task InitializeAsync()
    {
        Port = Topology.Ports.Free(1)[0];
        await StartAsync();
    }

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "--port", Port.ToString(), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no", "--daemonize", "no", "--proto-max-bulk-len", "64mb" }) start.ArgumentList.Add(argument);
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new InvalidOperationException("There is no redis-server here. The script ./test at the root of the repository installs it (apt-get install redis-server).", error);
        }
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var end = DateTime.UtcNow + StartLimit;
        while (true)
        {
            try
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException) when (DateTime.UtcNow < end && !process.HasExited)
            {
                await Task.Delay(20);
            }
        }
    }

    /// <summary>As by a power cut: without a word to its clients.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    public async Task DisposeAsync()
    {
        if (process is not null) await KillAsync();
        Directory.Delete(folder, recursive: true);
    }
}
