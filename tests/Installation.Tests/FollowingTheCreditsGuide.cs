using System.Text.RegularExpressions;

namespace Installation.Tests;

/// <summary>What services/credits/README.md tells people to paste is what works, word by word but for ports and the folder of the data: credits runs, and is loaded, alone.</summary>
public sealed partial class FollowingTheCreditsGuide
{
    private static readonly IReadOnlyList<string> _blocks = Guide.Commands("services", "credits", "README.md");

    [Theory]
    [InlineData("SQLite")]
    [InlineData("Redis")]
    public async Task Credits_runs_alone_serves_a_Python_client_and_is_loaded(string store)
    {
        var folder = Directory.CreateTempSubdirectory("pennypost-credits-alone-");
        await using var redis = store == "Redis" ? await RedisServer.StartAsync() : null;
        var ports = Ports.Free(2);
        string Here(string command) => command
            .Replace("dotnet run ", "dotnet run --no-build ", StringComparison.Ordinal)
            .Replace("5101", $"{ports[0]}", StringComparison.Ordinal)
            .Replace("5102", $"{ports[1]}", StringComparison.Ordinal)
            .Replace(".data/credits.db", Path.Combine(folder.FullName, "credits.db"), StringComparison.Ordinal)
            .Replace("127.0.0.1:6379", redis?.ConnectionString, StringComparison.Ordinal);
        try
        {
            Assert.Equal(["dotnet", "dotnet", "clients/python/generate", "dotnet"], _blocks.Select(block => block.Split([' ', '\n'])[0]));
            using var service = new Shell(Here(_blocks[store == "Redis" ? 1 : 0]), Repository.Root);
            await service.AnswersAsync($"http://127.0.0.1:{ports[1]}/health/ready");

            // ./test generated the client before this: once more would pull it from under others who use it.
            var (generate, client) = (_blocks[2].Split('\n')[0], _blocks[2].Split('\n')[1]);
            Assert.Equal("clients/python/generate", generate);
            var generated = Path.Combine(folder.FullName, "generated");
            using var generating = new Shell($"{generate} {generated}", Repository.Root);
            Assert.True(await generating.EndAsync() == 0, generating.ToString());
            var example = Here(client).Replace("clients/python/generated", generated, StringComparison.Ordinal);
            using var first = new Shell(example, Repository.Root);
            Assert.True(await first.EndAsync() == 0 && first.Errors.Count == 0, first.ToString());
            Assert.Equal("hold hello-1 HOLD_STATE_HELD", first.Output[0]);
            Assert.Equal(["refund REFUND_RESULT_REFUNDED", "50 available, 0 held, 1 spent, 1 refunded", "journal verified 5 entries"], first.Output.Skip(2));
            using var again = new Shell(example, Repository.Root);
            Assert.True(await again.EndAsync() == 0, again.ToString());
            Assert.Equal(["refund REFUND_RESULT_ALREADY_REFUNDED", "50 available, 0 held, 1 spent, 1 refunded", "journal verified 5 entries"], again.Output.Skip(2));

            using var load = new Shell(Here(_blocks[3]).Replace("--seconds 10", "--seconds 1 --pools 10", StringComparison.Ordinal), Repository.Root);
            Assert.True(await load.EndAsync() == 0, load.ToString());
            Assert.Contains(load.Output, line => Answered().IsMatch(line));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [GeneratedRegex(@"^Placed [1-9].* holds in .*: [1-9].* a second")]
    private static partial Regex Answered();
}
