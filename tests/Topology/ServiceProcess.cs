using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Topology;

/// <summary>One of our services in a process of its own: it keeps its ports when it is killed and started again.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private const int LinesKept = 400;
    private readonly string _dll;
    private readonly Dictionary<string, string> _settings;
    private readonly Uri _health;
    private readonly ConcurrentQueue<string> _lines = new();
    private Process? _process;

    /// <param name="name">For people.</param>
    /// <param name="dll">Its assembly.</param>
    /// <param name="settings">As on its command line.</param>
    /// <param name="health">Answers when it runs.</param>
    public ServiceProcess(string name, string dll, Dictionary<string, string> settings, Uri health) =>
        (Name, _dll, _settings, _health) = (name, dll, settings, health);

    public string Name { get; }

    /// <summary>Whether its files may meet a full disk.</summary>
    public bool OnSmallDisk { get; init; }

    /// <summary>The process that runs now.</summary>
    public int Id => _process?.Id ?? 0;

    public bool HasExited => _process is not { HasExited: false };

    /// <summary>What it said last.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>Starts it, with these settings changed for good, and waits until it answers.</summary>
    public async Task StartAsync(params (string Key, string Value)[] changes)
    {
        foreach (var (key, value) in changes)
            _settings[key] = value;
        var process = Process.Start(Command())!;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        await Eventually.TrueAsync(async () => await AnswersAsync(http), TimeSpan.FromSeconds(60), $"{Name} answers");
    }

    /// <summary>Runs one of its commands, with its settings, to the end; what it printed.</summary>
    public async Task<string> RunAsync(params string[] command)
    {
        using var process = Process.Start(Command(command))!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{Name} {command[0]}: {await errors}");
    }

    private ProcessStartInfo Command(params string[] command)
    {
        var start = OnSmallDisk ? SmallDisk.Start("dotnet") : new ProcessStartInfo("dotnet");
        (start.RedirectStandardOutput, start.RedirectStandardError, start.WorkingDirectory) = (true, true, AppContext.BaseDirectory);
        // The runtime writes its code into files that are none; where files may not grow it must do without.
        if (OnSmallDisk)
            start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        // Several processes share two cores with their tests: what is compiled twice costs more than it gains.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.ArgumentList.Add(_dll);
        foreach (var argument in command)
            start.ArgumentList.Add(argument);
        foreach (var (key, value) in _settings)
            start.ArgumentList.Add($"--{key}={value}");
        return start;
    }

    private async Task<bool> AnswersAsync(HttpClient http)
    {
        if (HasExited)
        {
            // A crash point may lie on its way to its first answer.
            if (_settings.GetValueOrDefault("Hosting:CrashAt") is { Length: > 0 })
                return true;
            throw new InvalidOperationException($"{Name} ended:\n{Output}");
        }

        try
        {
            using var answer = await http.GetAsync(_health);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception notYet) when (notYet is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>SIGKILL: nothing is flushed, nobody is told.</summary>
    public void Kill()
    {
        if (_process is not { } process)
            return;
        _process = null;
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    /// <summary>SIGSTOP: it is there, and does nothing.</summary>
    public void Stop() => Signal("STOP");

    /// <summary>SIGCONT: it goes on, and knows nothing of the time between.</summary>
    public void Continue() => Signal("CONT");

    /// <summary>Waits until it has died by itself, as at a crash point.</summary>
    public async Task UntilDeadAsync(TimeSpan limit)
    {
        await Eventually.TrueAsync(() => HasExited, limit, $"{Name} has died");
        Kill();
    }

    /// <summary>Whether it is stopped as a whole.</summary>
    public bool IsStopped => _process is { HasExited: false } process && File.ReadAllText($"/proc/{process.Id}/stat") is var stat && stat[(stat.LastIndexOf(')') + 2)..].StartsWith('T');

    /// <summary>Processor seconds that it has used since its start.</summary>
    public double CpuSeconds
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("/bin/kill", ["-" + name, Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        _lines.Enqueue(line);
        while (_lines.Count > LinesKept && _lines.TryDequeue(out _)) { }
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        return ValueTask.CompletedTask;
    }
}
