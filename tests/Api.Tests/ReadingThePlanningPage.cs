using System.Text.Json.Nodes;

namespace Pennypost.Api.Tests;

/// <summary>What docs/planning.md shows of a plan over one's own accounts is asked, and answered so (F29, F73).</summary>
public sealed class ReadingThePlanningPage(RunningApi running) : IClassFixture<RunningApi>
{
    [Fact]
    public async Task The_plan_that_the_page_asks_for_is_made_as_it_shows_F29()
    {
        var world = await running.WorldAsync("planning");
        var page = (await File.ReadAllTextAsync(Repository.PathOf("docs", "planning.md"))).Replace("ada-sales", world.Account, StringComparison.Ordinal);
        var blocks = page.Split("```json\n").Skip(1).Select(block => block[..block.IndexOf("```", StringComparison.Ordinal)]).ToList();
        var asked = blocks[0][(blocks[0].IndexOf('\n', StringComparison.Ordinal) + 1)..];
        var shown = JsonNode.Parse(blocks[1].Replace("[ ... ]", "[]", StringComparison.Ordinal))!;

        var answered = await new RestFace(running.Http, world.Key).SendAsync("POST", "/v1/messages:plan", System.Text.Encoding.UTF8.GetBytes(asked));

        Assert.True(answered.Code == "OK", answered.ToString());
        var missing = Missing(shown, answered.Json!, "").ToList();
        Assert.True(missing.Count == 0, $"{string.Join('\n', missing)}\n{answered}");
    }

    /// <summary>What is shown and is not in the answer; what is written as ... may be anything.</summary>
    private static IEnumerable<string> Missing(JsonNode shown, JsonNode? real, string at) => shown switch
    {
        JsonObject some => some.SelectMany(pair => Missing(pair.Value!, real?[pair.Key], $"{at}.{pair.Key}")),
        JsonArray { Count: > 0 } some => some.SelectMany((item, i) => Missing(item!, (real as JsonArray)?.ElementAtOrDefault(i), $"{at}[{i}]")),
        JsonArray => real is JsonArray { Count: > 0 } ? [] : [$"{at} is {real?.ToJsonString()}"],
        _ => real is not null && (shown.ToJsonString().Contains("...", StringComparison.Ordinal) || shown.ToJsonString() == real.ToJsonString()) ? [] : [$"{at} is {real?.ToJsonString()}"],
    };
}
