using System.Diagnostics;

namespace Pennypost.Standalone.Tests;

/// <summary>How another program ended.</summary>
internal sealed record Ended(int Code, string Output, string Errors)
{
    public override string ToString() => $"It ended with {Code}.\n{Output}\n{Errors}";
}

/// <summary>A program of somebody else, started as a user starts it, from the root of the tree or a folder of its own.</summary>
internal sealed class Program : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(150);
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private Program(Process process)
    {
        _process = process;
        // Both at once: a program that fills the pipe nobody reads would never end.
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static Program Start(string program, IEnumerable<string> arguments, string? folder = null, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? Repository.Root };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new Program(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start."));
    }

    /// <summary>Waits for its end; one that does not come within the limit is killed.</summary>
    public async Task<Ended> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"{_process.StartInfo.FileName} did not end within {Limit.TotalSeconds:F0} s: {await _output}{await _errors}");
        }
        return new Ended(_process.ExitCode, await _output, await _errors);
    }

    /// <summary>Runs it to its end, which must be a good one, and answers what it wrote.</summary>
    public static async Task<string> RunAsync(string program, string[] arguments)
    {
        using var started = Start(program, arguments);
        var ended = await started.EndAsync();
        Assert.True(ended.Code == 0, $"{program}: {ended}");
        return ended.Output;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
