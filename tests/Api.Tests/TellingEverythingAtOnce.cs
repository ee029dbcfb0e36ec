using System.Text.Json.Nodes;

namespace Pennypost.Api.Tests;

/// <summary>F68: what is wrong with a request is told in one answer, whoever of the services knows it, and by every way alike.</summary>
public sealed class TellingEverythingAtOnce(RunningApi running) : IClassFixture<RunningApi>
{
    [Fact]
    public async Task Of_a_message_with_what_only_the_dispatcher_knows_F68()
    {
        var world = await running.WorldAsync("telling");
        var request = new JsonObject
        {
            ["message"] = JsonNode.Parse("""
                {"messageId": "no id", "prospect": {"profile": "", "email": "no-address"}, "content": {"email": "Hello", "note": "NOTE"}, "policy": "nowhere", "stopWithCompany": true}
                """.Replace("NOTE", new string('n', 301), StringComparison.Ordinal)),
        };

        foreach (var answered in await BothAsync(world, "SendMessage", request))
            Assert.Equal(
                ["message.content.note", "message.content.subject", "message.message_id", "message.policy", "message.prospect.company", "message.prospect.email", "message.prospect.profile"],
                answered.Violations.Distinct().Order(StringComparer.Ordinal));
        foreach (var answered in await BothAsync(world, "SendMessage", []))
            Assert.Contains(answered.Violations, field => field.StartsWith("message", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_webhook_secret_that_is_not_given_stays_and_one_that_is_missing_is_found_F71()
    {
        var world = await running.WorldAsync("deaf");
        var api = new GrpcFace(running.Channel, world.Key);
        var again = world.Example("PutConnection");
        again["connection"]!.AsObject().Remove("webhookSecret");
        var other = (JsonObject)again.DeepClone();
        other["connection"]!["connectionId"] = "deaf";

        Assert.Equal("OK", (await api.CallAsync("PutConnection", again)).Code);
        Assert.Equal("OK", (await api.CallAsync("PutConnection", other)).Code);

        Assert.Equal("CONNECTION_FINDING_OK", (string?)(await api.CallAsync("TestConnection", new JsonObject { ["connectionId"] = "main" })).Json!["test"]!["finding"]);
        Assert.Equal("CONNECTION_FINDING_WEBHOOK_SECRET_MISSING", (string?)(await api.CallAsync("TestConnection", new JsonObject { ["connectionId"] = "deaf" })).Json!["test"]!["finding"]);
    }

    private async Task<Answered[]> BothAsync(World world, string rpc, JsonObject request) =>
        [await new GrpcFace(running.Channel, world.Key).CallAsync(rpc, request), await new RestFace(running.Http, world.Key).CallAsync(rpc, (JsonObject)request.DeepClone())];
}
