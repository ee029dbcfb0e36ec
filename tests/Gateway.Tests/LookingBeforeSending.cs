namespace Pennypost.Gateway.Tests;

/// <summary>What is asked before anything is sent, over REST: whether a connection works (F71), what is to be said of a text (F30), and who is best written to by whom (F29, F73, F75). What there is to find is the dispatcher's and the router's.</summary>
public sealed class LookingBeforeSending(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    [Fact]
    public async Task A_connection_is_tested_by_its_id_F71()
    {
        await gateway.SendAsync("PUT", "/v1/connections/main", """{"baseUrl": "http://127.0.0.1:9", "apiKey": "key-key-key", "webhookSecret": "a-secret-of-sixteen"}""");

        var tested = await gateway.SendAsync("POST", "/v1/connections/main:test", "{}");
        var missing = await gateway.SendAsync("POST", "/v1/connections/other:test");

        Assert.Equal((200, "CONNECTION_FINDING_OK", "ann"), (tested.Status, tested.Json["test"]!["finding"]!.GetValue<string>(), tested.Json["test"]!["accounts"]![0]!["accountId"]!.GetValue<string>()));
        Assert.Equal((404, "CONNECTION_NOT_FOUND"), (missing.Status, missing.Reason));
        using var stranger = gateway.Client(gateway.Zenith);
        Assert.Equal(404, (await gateway.SendAsync("POST", "/v1/connections/main:test", "{}", stranger)).Status);
    }

    [Fact]
    public async Task A_text_is_looked_at_with_the_tier_and_time_that_it_is_for_F30()
    {
        var looked = await gateway.SendAsync("POST", "/v1/content:lint", """{"content": {"body": "Hi"}, "tier": "TIER_PREMIUM", "sendTime": "1970-01-01T00:01:00Z"}""");

        var finding = looked.Json["findings"]![0]!;
        Assert.Equal((200, "Hi Premium 60", "LINT_SEVERITY_WARNING", "CHANNEL_INMAIL"), (looked.Status, finding["text"]!.GetValue<string>(), finding["severity"]!.GetValue<string>(), finding["channels"]![0]!.GetValue<string>()));
        Assert.Equal(["tier"], (await gateway.SendAsync("POST", "/v1/content:lint", """{"content": {"body": "Hi"}, "tier": "TIER_OF_TEARS"}""")).Violations);
    }

    [Fact]
    public async Task A_plan_is_asked_for_with_all_that_it_says_and_comes_back_whole_F29_F73()
    {
        var planned = await gateway.SendAsync("POST", "/v1/messages:plan", """
            {"basis": {"content": {"body": "Hi"}, "policy": "careful"}, "prospects": [{"profile": "ada", "valueMicros": "5"}, {"profile": "bob", "common": {"openProfile": false}}], "explain": true}
            """);

        Assert.Equal(200, planned.Status);
        Assert.Equal(["ada by careful", "bob by careful"], planned.Json["assignments"]!.AsArray().Select(one => $"{one!["prospectId"]} {one["explanation"]}"));
        Assert.Equal(
            ("7", "2", 1, "USD", "1970-01-01T00:00:00Z"),
            ((string)planned.Json["summary"]!["gapMicros"]!, (string)planned.Json["summary"]!["totals"]!["sends"]!, (int)planned.Json["unseen"]!, (string)planned.Json["currency"]!, (string)planned.Json["planTime"]!));
        Assert.Equal(["basis.days"], (await gateway.SendAsync("POST", "/v1/messages:plan", """{"basis": {"days": "soon"}, "prospects": [{"profile": "ada"}]}""")).Violations);
    }

    [Fact]
    public async Task Scenarios_are_compared_by_name_F75()
    {
        var compared = await gateway.SendAsync("POST", "/v1/messages:comparePlans", """
            {"scenarios": [{"name": "a day", "basis": {"days": 1}}, {"name": "a week", "basis": {"days": 7}}], "prospects": [{"profile": "ada"}]}
            """);

        Assert.Equal(["a day 1", "a week 7"], compared.Json["outcomes"]!.AsArray().Select(one => $"{one!["name"]} {one["summary"]!["gapMicros"]}"));
        Assert.Equal((200, 1, "USD"), (compared.Status, (int)compared.Json["unseen"]!, (string)compared.Json["currency"]!));
    }
}
