using System.Diagnostics;
using System.Text.RegularExpressions;
using Pennypost.Dispatcher.V1;

namespace Dispatcher.Tests.EndToEnd;

/// <summary>A dispatcher in a process of its own, which can be killed like one.</summary>
internal sealed partial class ChildDispatcher : IAsyncDisposable
{
    private readonly Process _process;

    private ChildDispatcher(Process process, DispatcherService.DispatcherServiceClient client) => (_process, Client) = (process, client);

    public DispatcherService.DispatcherServiceClient Client { get; }

    /// <summary>Short leases and limits, so that what a crash left is taken up within seconds.</summary>
    public static async Task<ChildDispatcher> StartAsync(Installation installation, string storeFile, string crashAt)
    {
        string[] settings =
        [
            $"Hosting:ServiceTokens:0={Installation.Token}",
            $"Hosting:Peers:credits={installation.CreditsAddress}",
            $"Hosting:Peers:router={installation.RouterAddress}",
            $"Store:Path={storeFile}",
            "Store:RelayLease=00:00:02",
            "Store:RelayPoll=00:00:01",
            $"Dispatcher:IdentifierKey={Installation.IdentifierKey}",
            $"Hosting:CrashAt={crashAt}",
            "Dispatcher:RecoverAfter=00:00:01",
            "Dispatcher:SettlingTime=00:00:03",
            "Dispatcher:WriteLease=00:00:03",
            "Dispatcher:ClockMargin=00:00:00.500",
            "Dispatcher:VerifyEvery=00:00:00.500",
            "Dispatcher:RetryEvery=00:00:00.500",
            "Dispatcher:WorkLease=00:00:01",
            "Dispatcher:ReleasePoll=00:00:00.100",
            "Dispatcher:Provider:AttemptSeconds=1",
            "Logging:LogLevel:Default=Information",
        ];
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Pennypost.Dispatcher.dll"));
        foreach (var setting in settings)
            start.ArgumentList.Add("--" + setting);
        var process = Process.Start(start)!;
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var lines = new List<string>();
        void Read(object _, DataReceivedEventArgs line)
        {
            if (line.Data is null)
                return;
            lock (lines)
                lines.Add(line.Data);
            if (Listens().Match(line.Data) is { Success: true } found)
                address.TrySetResult(new Uri(found.Groups[1].Value));
        }

        process.OutputDataReceived += Read;
        process.ErrorDataReceived += Read;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (await Task.WhenAny(address.Task, Task.Delay(TimeSpan.FromSeconds(40))) != address.Task)
        {
            process.Kill();
            lock (lines)
                Assert.Fail("The dispatcher did not start: " + string.Join('\n', lines));
        }

        return new ChildDispatcher(process, new(installation.Channel(await address.Task)));
    }

    /// <summary>Waits until it is gone, at most 30 s.</summary>
    public async Task UntilDeadAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [GeneratedRegex(@"dispatcher listens on (http://\S+) \(gRPC\)")]
    private static partial Regex Listens();
}
