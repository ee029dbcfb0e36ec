using System.Globalization;
using Spectre.Console;
using StackExchange.Redis;
using Topology;

namespace Pennypost.Bench;

/// <summary>What four services cost that have nothing to do: processor time of each, and commands to Redis. Aim: under 2 % of a core and under 100 commands a second together.</summary>
internal static class IdleBench
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(40);

    public static async Task<int> RunAsync(CancellationToken ct)
    {
        await using var installation = await Installation.StartAsync(new() { CreditsInstances = 1, DispatcherInstances = 1, PatientTimes = true });
        await installation.SendersAsync(50, "ann");
        AnsiConsole.MarkupLine($"Four services, the sandbox, Redis and RabbitMQ; one sender, nothing to send. {Settling.TotalSeconds:0} s to settle, {Window.TotalSeconds:0} s measured.");
        await Task.Delay(Settling, ct);
        await using var redis = await installation.Redis!.ConnectAsync();
        var server = redis.GetServer(installation.Redis.ConnectionString);
        var (commands, cpu) = (await CommandsAsync(server), Cpu(installation));
        await Task.Delay(Window, ct);
        var (later, used) = (await CommandsAsync(server), Cpu(installation));

        var table = new Table().AddColumns("process", "% of a core");
        var sum = 0.0;
        foreach (var (name, before) in cpu)
        {
            var share = 100 * (used[name] - before) / Window.TotalSeconds;
            if (name != "sandbox") sum += share;
            table.AddRow(name, share.ToString("0.00", CultureInfo.InvariantCulture));
        }

        table.AddRow("the four services", sum.ToString("0.00", CultureInfo.InvariantCulture));
        AnsiConsole.Write(table);
        // One of them is this measurement's own.
        AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Redis commands a second: {(later - commands - 1) / Window.TotalSeconds:0.0}"));
        return 0;
    }

    private static Dictionary<string, double> Cpu(Installation installation) => installation.Services.ToDictionary(service => service.Name, service => service.CpuSeconds);

    private static async Task<long> CommandsAsync(IServer server) =>
        long.Parse((await server.InfoAsync("stats")).SelectMany(group => group).Single(pair => pair.Key == "total_commands_processed").Value, CultureInfo.InvariantCulture);
}
