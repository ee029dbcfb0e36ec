using System.Text.RegularExpressions;

namespace Installation.Tests;

/// <summary>What services/router/README.md tells people to paste is what works, word by word but for ports: the router runs, explains, judges counts and is loaded, alone (F15, F16, F27, F79, F83).</summary>
public sealed partial class FollowingTheRouterGuide
{
    private const string Python = "PYTHONPATH=clients/python/generated:clients/python";

    [Fact]
    public async Task The_router_runs_alone_explains_an_answer_to_a_Python_client_judges_counts_and_is_loaded()
    {
        var text = await File.ReadAllTextAsync(Repository.PathOf("services", "router", "README.md"));
        var blocks = Guide.Commands("services", "router", "README.md");
        var shown = Guide.Blocks(text, "").Select(block => block.TrimEnd('\n').Split('\n')).ToList();
        var folder = Directory.CreateTempSubdirectory("pennypost-router-alone-");
        var ports = Ports.Free(2);
        string Here(string command) => command
            .Replace("dotnet run ", "dotnet run --no-build ", StringComparison.Ordinal)
            .Replace("5201", $"{ports[0]}", StringComparison.Ordinal)
            .Replace("5202", $"{ports[1]}", StringComparison.Ordinal)
            .Replace("--seconds 10", "--seconds 1", StringComparison.Ordinal);
        try
        {
            // The last measures for minutes; tests/Bench.Tests runs a moment of it.
            Assert.Equal(["dotnet", "clients/python/generate", Python, "dotnet"], blocks.Select(block => block.Split([' ', '\n'])[0]));
            using var router = new Shell(Here(blocks[0]), Repository.Root);
            await router.AnswersAsync($"http://127.0.0.1:{ports[1]}/health/ready");

            var (generate, client) = (blocks[1].Split('\n')[0], blocks[1].Split('\n')[1]);
            var generated = Path.Combine(folder.FullName, "generated");
            using var generating = new Shell($"{generate} {generated}", Repository.Root);
            Assert.True(await generating.EndAsync() == 0, generating.ToString());

            string Generated(string command) => Here(command).Replace("clients/python/generated", generated, StringComparison.Ordinal);
            var example = Generated(client);
            foreach (var way in (string[])["", " --stream", " --senders 17"])
            {
                using var load = new Shell(example + way, Repository.Root);
                Assert.True(await load.EndAsync() == 0 && load.Errors.Count == 0, load.ToString());
                if (way != " --senders 17") Assert.Equal(shown[0], load.Output.SkipLast(1));
                Assert.Matches(Routed(), load.Output[^1]);
                Assert.Contains(way == " --senders 17" ? "102 candidates each" : "12 candidates each", load.Output[^1], StringComparison.Ordinal);
            }

            // F27, F79, F83: what was computed in another way (mpmath) when the page was written.
            using var rates = new Shell(Generated(blocks[2]), Repository.Root);
            Assert.True(await rates.EndAsync() == 0 && rates.Errors.Count == 0, rates.ToString());
            Assert.Equal(shown[1], rates.Output);

            using var refused = new Shell(example.Replace("a-service-token", "another-token", StringComparison.Ordinal), Repository.Root);
            Assert.Equal(1, await refused.EndAsync());
            Assert.StartsWith("UNAUTHENTICATED/", refused.Errors[0], StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [GeneratedRegex(@"^Routed [1-9][\d,]* prospects, \d+ candidates each, in .*: [1-9][\d,]* a second; ms p50 ")]
    private static partial Regex Routed();
}
