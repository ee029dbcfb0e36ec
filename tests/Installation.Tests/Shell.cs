using System.Collections.Concurrent;
using System.Diagnostics;

namespace Installation.Tests;

/// <summary>A command as a user pastes it, whose lines can be read while it runs.</summary>
internal sealed class Shell : IDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(150);
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly Process _process;

    public Shell(string command, string folder, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("bash", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Take(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Take(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public IReadOnlyList<string> Output => [.. _output];

    public bool HasEnded => _process.HasExited;

    public IReadOnlyList<string> Errors => [.. _errors];

    private static void Take(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
    }

    public Task SaysAsync(string line) => WaitAsync(() => _output.Contains(line), line);

    public Task ComplainsAsync(string part) => WaitAsync(() => _errors.Any(line => line.Contains(part, StringComparison.Ordinal)), part);

    private async Task WaitAsync(Func<bool> said, string what)
    {
        try
        {
            await Eventually.TrueAsync(() => said() || _process.HasExited, _limit, what);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"It did not say \"{what}\".\n{this}");
        }

        // The last lines may come after the end.
        if (_process.HasExited)
            await _process.WaitForExitAsync();
        Assert.True(said(), $"It ended without \"{what}\".\n{this}");
    }

    /// <summary>Waits until something that it started answers.</summary>
    public async Task AnswersAsync(string url)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.False(HasEnded, ToString());
                try
                {
                    return (await http.GetAsync(url)).IsSuccessStatusCode;
                }
                catch (Exception away) when (away is HttpRequestException or TaskCanceledException)
                {
                    return false;
                }
            },
            _limit,
            $"{url} answers");
    }

    /// <summary>Waits for its end, and answers its exit code.</summary>
    public async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(_limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"It did not end within {_limit.TotalSeconds:0} s.\n{this}");
        }

        return _process.ExitCode;
    }

    public override string ToString() => string.Join('\n', [.. _output, "on stderr:", .. _errors]);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
