using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Pennypost.Standalone.Tests;

/// <summary>The standalone program as a user starts it: a process of its own, free ports, a data folder, its output read line by line.</summary>
internal sealed partial class StandaloneProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private StandaloneProcess(Process process, string folder) => (_process, Folder) = (process, folder);

    public string Folder { get; }

    public Uri Rest { get; private set; } = null!;

    public Uri Grpc { get; private set; } = null!;

    public Uri Sandbox { get; private set; } = null!;

    public string ApiKey => File.ReadAllText(Path.Combine(Folder, "api-key")).Trim();

    public string SandboxKey => SandboxKeyIn(Folder);

    public static string SandboxKeyIn(string folder)
    {
        using var keys = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "keys.json")));
        return keys.RootElement.GetProperty("ProviderKey").GetString()!;
    }

    public string Output => string.Join('\n', _output);

    public static string NewFolder() => Directory.CreateTempSubdirectory("pennypost-standalone-").FullName;

    /// <summary>Starts it without waiting for anything.</summary>
    public static StandaloneProcess Start(string folder, params string[] more) => StartAt(folder, 0, more);

    /// <summary>Starts it with the sandbox on a port that is known before it says so.</summary>
    public static StandaloneProcess StartAt(string folder, int sandboxPort, params string[] more)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        // The demo lets ten days pass: with the usual seven, what is read of its events would hang on when the oldest of them went.
        start.Environment["PENNYPOST_GATEWAY_Gateway__Events__KeepFor"] = "30.00:00:00";
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Pennypost.Standalone.dll"), "--data", folder, "--rest-port", "0", "--grpc-port", "0", "--sandbox-port", sandboxPort.ToString(System.Globalization.CultureInfo.InvariantCulture), .. more])
            start.ArgumentList.Add(argument);
        var process = new Process { StartInfo = start };
        var standalone = new StandaloneProcess(process, folder);
        process.OutputDataReceived += (_, line) => standalone.Take(line.Data);
        process.ErrorDataReceived += (_, line) => standalone.Take(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return standalone;
    }

    /// <summary>Starts it and waits until it serves.</summary>
    public static async Task<StandaloneProcess> ServeAsync(string folder, params string[] more)
    {
        var standalone = Start(folder, more);
        await standalone.WaitForAsync("Serving", TimeSpan.FromSeconds(120));
        return standalone;
    }

    public bool HasExited => _process.HasExited;

    public async Task WaitForAsync(string text, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        while (!_output.Any(line => line.Contains(text, StringComparison.Ordinal)))
        {
            if (_process.HasExited || watch.Elapsed > limit)
                throw new InvalidOperationException($"'{text}' did not appear within {watch.Elapsed.TotalSeconds:F0} s{(_process.HasExited ? $"; the process ended with {_process.ExitCode}" : "")}:\n{Output}");
            await Task.Delay(50);
        }
    }

    public async Task<int> WaitForExitAsync(TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    /// <summary>SIGKILL: nothing is flushed, nobody is told.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit(10_000);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
        await Task.CompletedTask;
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        if (Addresses().Match(line) is { Success: true } match)
            (Rest, Grpc, Sandbox) = (new Uri(match.Groups[1].Value), new Uri(match.Groups[2].Value), new Uri(match.Groups[3].Value));
        _output.Enqueue(line);
    }

    [GeneratedRegex(@"REST (\S+)\s+gRPC (\S+)\s+sandbox provider (\S+)")]
    private static partial Regex Addresses();
}
