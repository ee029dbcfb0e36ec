using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Pennypost.Gateway;
using Pennypost.Gateway.Keys;
using Pennypost.Standalone.Demo;
using Spectre.Console;

namespace Pennypost.Standalone;

/// <summary>What the command line asked for.</summary>
internal sealed record Invocation(DirectoryInfo Data, FileInfo? Demo, int RestPort, int GrpcPort, int SandboxPort, bool Exit);

/// <summary>Starts the installation, runs the demo if asked to, and serves until it is told to stop.</summary>
internal static class Standalone
{
    private const string Tenant = "demo";
    private static readonly TimeSpan DemoLimit = TimeSpan.FromSeconds(40);

    public static async Task<int> RunAsync(Invocation invocation, CancellationToken ct)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect });
        // Into a file or a pipe nothing is wrapped: lines are for grep.
        if (Console.IsOutputRedirected)
            console.Profile.Width = 240;
        var printer = new DemoPrinter(console);
        var world = invocation.Demo is { } list ? Path.Combine(list.DirectoryName!, "world.json") : null;
        if (Unusable(invocation) is { Count: > 0 } problems)
        {
            foreach (var problem in problems)
                await Console.Error.WriteLineAsync(problem);
            return 2;
        }

        // One process per folder: a second one would be another installation with the same sandbox.
        using var claim = Claim(Path.Combine(invocation.Data.FullName, "in-use"));
        if (claim is null)
        {
            await Console.Error.WriteLineAsync($"Another process uses {invocation.Data.FullName}. Stop it, or name another folder with --data.");
            return 2;
        }

        try
        {
            await using var installation = await Installation.StartAsync(
                new(invocation.Data.FullName, invocation.RestPort, invocation.GrpcPort, invocation.SandboxPort, File.Exists(world) ? world : null), ct);
            var apiKey = await ApiKeyAsync(installation, invocation.Data.FullName, ct);
            var place = new DemoPlace(
                installation.Rest, installation.Grpc, installation.Sandbox, Tenant, apiKey, installation.Keys.ProviderKey, installation.Keys.WebhookSecret, installation.Clock, DemoLimit);
            var sound = true;
            if (invocation.Demo is { } csv)
                (sound, _) = await new DemoRun(place, [new DemoList(csv.FullName)], printer).RunAsync(ct);
            if (invocation.Exit)
                return sound ? 0 : 1;
            printer.Serving(place, ready: await DemoInstallation.HasSenderAsync(place, ct));
            await Task.Delay(Timeout.Infinite, ct);
            return 0;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return 0;
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException or SocketException)
        {
            await Console.Error.WriteLineAsync($"{taken.Message} Choose other ports with --rest-port, --grpc-port and --sandbox-port.");
            return 2;
        }
        catch (InvalidDataException broken)
        {
            await Console.Error.WriteLineAsync(broken.Message);
            return 2;
        }
    }

    /// <summary>Everything that can be seen to be in the way before anything is started, a line each.</summary>
    private static List<string> Unusable(Invocation invocation)
    {
        var problems = new List<string>();
        try
        {
            invocation.Data.Create();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problems.Add($"--data: the folder {invocation.Data.FullName} cannot be made or written.");
        }

        // Named all at once, and before a host fails at one of them with a page of stack.
        var taken = new HashSet<int>();
        foreach (var (name, port) in new[] { ("--rest-port", invocation.RestPort), ("--grpc-port", invocation.GrpcPort), ("--sandbox-port", invocation.SandboxPort) })
        {
            if (port == 0)
                continue;
            if (!taken.Add(port))
                problems.Add($"{name}: port {port} is named twice.");
            else if (!IsFree(port))
                problems.Add($"{name}: port {port} is in use or not allowed. Name another one, or 0 for any free one.");
        }

        return problems;
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(System.Net.IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static FileStream? Claim(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The demo tenant's key. It is kept in the data folder, for its owner only: a sandbox's key opens nothing else.</summary>
    private static async Task<string> ApiKeyAsync(Installation installation, string folder, CancellationToken ct)
    {
        var path = Path.Combine(folder, "api-key");
        if (!File.Exists(path) || !ApiKeyText.TryParse((await File.ReadAllTextAsync(path, ct)).Trim(), out var key))
        {
            key = ApiKeyText.New(Tenant);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using var file = new StreamWriter(path, options);
            await file.WriteLineAsync(key.Text.Reveal());
        }

        // Again at every start: a process killed between the file and the gateway's store left a key that nobody knows.
        await installation.Gateway.EnsureApiKeyAsync(key, "standalone", ct);
        return key.Text.Reveal();
    }
}
