using System.Text.RegularExpressions;

namespace Installation.Tests;

/// <summary>What services/dispatcher/README.md tells people to paste is what works, word by word but for ports, folders and the broker's user: the dispatcher runs, and is loaded, without a gateway.</summary>
public sealed partial class FollowingTheDispatcherGuide
{
    private static readonly IReadOnlyList<string> _blocks = Guide.Commands("services", "dispatcher", "README.md");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_dispatcher_runs_with_sandbox_router_and_credits_and_is_loaded(bool onServers)
    {
        var folder = Directory.CreateTempSubdirectory("pennypost-dispatcher-alone-");
        await using var redis = onServers ? await RedisServer.StartAsync() : null;
        var broker = onServers ? await RabbitServer.SharedAsync() : null;
        var ports = Ports.Free(7);
        string Here(string command) => command
            .Replace("dotnet run ", "dotnet run --no-build ", StringComparison.Ordinal)
            .Replace("5190", $"{ports[0]}", StringComparison.Ordinal)
            .Replace("5101", $"{ports[1]}", StringComparison.Ordinal).Replace("5102", $"{ports[2]}", StringComparison.Ordinal)
            .Replace("5201", $"{ports[3]}", StringComparison.Ordinal).Replace("5202", $"{ports[4]}", StringComparison.Ordinal)
            .Replace("5301", $"{ports[5]}", StringComparison.Ordinal).Replace("5302", $"{ports[6]}", StringComparison.Ordinal)
            .Replace(".data/", folder.FullName + "/", StringComparison.Ordinal)
            .Replace("127.0.0.1:6379", redis?.ConnectionString, StringComparison.Ordinal)
            .Replace("127.0.0.1:5672", broker?.Server.Hosts[0], StringComparison.Ordinal)
            .Replace("--Transport:User=guest --Transport:Password=guest", $"--Transport:User=dispatcher --Transport:Password={RabbitServer.Password} --Transport:VirtualHost={broker?.VirtualHost}", StringComparison.Ordinal);
        try
        {
            Assert.Equal(["services/sandbox", "services/router/Router", "services/credits/Credits", "services/dispatcher/Dispatcher", "services/credits/Credits", "services/dispatcher/Dispatcher", "bench"], _blocks.Select(block => Project().Match(block).Groups[1].Value));
            using var sandbox = new Shell(Here(_blocks[0]), Repository.Root);
            using var router = new Shell(Here(_blocks[1]), Repository.Root);
            using var credits = new Shell(Here(_blocks[onServers ? 4 : 2]), Repository.Root);
            await sandbox.AnswersAsync($"http://127.0.0.1:{ports[0]}/health");
            await router.AnswersAsync($"http://127.0.0.1:{ports[4]}/health/ready");
            await credits.AnswersAsync($"http://127.0.0.1:{ports[2]}/health/ready");
            using var dispatcher = new Shell(Here(_blocks[onServers ? 5 : 3]), Repository.Root);
            await dispatcher.AnswersAsync($"http://127.0.0.1:{ports[6]}/health/ready");

            using var load = new Shell(Here(_blocks[6]).Replace("--messages 1000", "--messages 30", StringComparison.Ordinal), Repository.Root);
            Assert.True(await load.EndAsync() == 0, $"{load}\n{dispatcher}");
            Assert.Contains(load.Output, line => Answered().IsMatch(line));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [GeneratedRegex("--project ([^ ]+)")]
    private static partial Regex Project();

    [GeneratedRegex("^Sent 30 messages in .*: [1-9].* a second")]
    private static partial Regex Answered();
}
