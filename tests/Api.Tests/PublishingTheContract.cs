using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pennypost.Gateway;
using Pennypost.Gateway.Rest;

namespace Pennypost.Api.Tests;

/// <summary>F68: the OpenAPI document, as public tools that know nothing else of us read it.</summary>
public sealed partial class PublishingTheContract(RunningApi running) : IClassFixture<RunningApi>
{
    [Fact]
    public async Task A_public_validator_finds_nothing_wrong_and_a_generated_client_sends_a_message_F68()
    {
        var world = await running.WorldAsync("published");
        var document = (JsonObject)JsonNode.Parse(await running.Http.GetStringAsync("openapi.json"))!;
        Assert.Equal("3.1.0", (string?)document["openapi"]);
        // What is answered is as much of the contract as what is asked: each answer is held against its schema as an example of it.
        Assert.True(await PutAnswersAsync(document, world) > 40);

        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, document.ToJsonString());
        var tools = Repository.PathOf("tests", "openapi");
        await Callers.RunAsync(Path.Combine(tools, "generate"), [file], tools, "");
        File.Delete(file);
        var said = await Callers.RunAsync("node", ["dist/send.js", running.Http.BaseAddress!.GetLeftPart(UriPartial.Authority), world.Key.Text.Reveal(), "by-openapi", "ada-lovelace"], tools, "");

        Assert.Equal(
            ["sent by-openapi false", "read by-openapi 0", "watched MESSAGE_EVENT_KIND_ACCEPTED MESSAGE_EVENT_KIND_CANCELLED", "refused 404 MESSAGE_NOT_FOUND no-such"],
            said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task The_file_that_the_import_shows_is_imported_F68()
    {
        var world = await running.WorldAsync("importing");
        var csv = System.Text.Encoding.UTF8.GetBytes(Gateway.Import.CsvImportOpenApi.Example);

        var answered = await new RestFace(running.Http, world.Key).SendAsync("POST", "/v1/messages:importCsv?import_id=spring-list&validate_only=true", csv, "text/csv");

        Assert.True(answered.Code == "OK" && (int?)answered.Json!["acceptedCount"] == 1 && (int?)answered.Json["refusedCount"] == 0, answered.ToString());
    }

    [Fact]
    public void Every_call_shows_a_request_and_no_request_is_shown_of_a_call_that_is_not_there_F68() =>
        Assert.Equal(PublicCalls.All.Select(method => method.Name).Order(), RequestExamples.Rpcs.Order());

    private async Task<int> PutAnswersAsync(JsonObject document, World world)
    {
        var rest = new RestFace(running.Http, world.Key);
        var put = 0;
        foreach (var method in PublicCalls.All.Where(method => World.Calls[method.Name].Own == "OK" && !method.IsServerStreaming))
        {
            var answered = await rest.CallAsync(method.Name, world.Example(method.Name));
            Assert.True(answered.Code == "OK", $"{method.Name}: {answered}");
            var binding = HttpBinding.Of(method)!;
            var path = Dotted().Replace(binding.Template, "{");
            document["paths"]![path]![binding.Verb.ToLowerInvariant()]!["responses"]!["200"]!["content"]!["application/json"]!["example"] = answered.Json!.DeepClone();
            put++;
        }

        return put;
    }

    [GeneratedRegex(@"\{[a-z_]+\.")]
    private static partial Regex Dotted();
}
