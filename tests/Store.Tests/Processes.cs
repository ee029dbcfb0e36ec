using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Pennypost.Store;
using Store.Writer;

namespace Store.Tests;

/// <summary>Writers in processes of their own, to be stopped and killed.</summary>
internal static class Processes
{
    public const string Prefix = "procs";

    public static StateStore Open(StoreBackend backend, string where) =>
        new("test", Options(backend, where), TimeProvider.System, NullLogger<StateStore>.Instance);

    private static StoreOptions Options(StoreBackend backend, string where)
    {
        var options = new StoreOptions { Backend = backend, Path = where, ConnectionString = where, Prefix = Prefix };
        // A process that is stopped while it holds the file's lock is not waited for long.
        if (backend == StoreBackend.Sqlite)
            options.CallTimeout = TimeSpan.FromMilliseconds(200);
        return options;
    }
}

/// <summary>One writer process and what it says was acknowledged.</summary>
internal sealed class WriterProcess : IDisposable
{
    private readonly Process _process;

    public WriterProcess(StoreBackend backend, string where, string ids, int counters)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
            {
                RedirectStandardOutput = true,
                ArgumentList =
                {
                    typeof(Counter).Assembly.Location, backend.ToString(), where, Processes.Prefix, ids, counters.ToString(CultureInfo.InvariantCulture),
                },
            },
        };
        _process.OutputDataReceived += (_, line) =>
        {
            // A line that the kill cut in two has no second word of its own: only whole ones count.
            if (line.Data?.Split(' ') is [var counter, var id])
                Acknowledged.Enqueue((counter, id));
        };
        _process.Start();
        _process.BeginOutputReadLine();
    }

    public ConcurrentQueue<(string Counter, string Id)> Acknowledged { get; } = new();

    public async Task WriteAsync(int more)
    {
        var from = Acknowledged.Count;
        await Eventually.TrueAsync(() => Acknowledged.Count >= from + more, $"{more} more acknowledged");
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Stop() => Signal("STOP");

    public void Continue() => Signal("CONT");

    private void Signal(string name)
    {
        using var kill = Process.Start("/bin/kill", ["-" + name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Continue();
            Kill();
        }

        _process.Dispose();
    }
}
