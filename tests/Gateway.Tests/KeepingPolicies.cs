namespace Pennypost.Gateway.Tests;

/// <summary>Routing policies over REST. What may stand in one is the router's to say; here is that everything is passed on.</summary>
public sealed class KeepingPolicies(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    private const string Policy = """
        {"choice": "CHOICE_BEST_VALUE", "channels": ["CHANNEL_DIRECT_MESSAGE", "CHANNEL_INMAIL"], "creditFloor": "5",
         "conditions": [{"channel": "CHANNEL_INMAIL", "minCredits": "3", "minPriority": "PRIORITY_HIGH", "notGeneric": true}],
         "inmailWarrant": {"highPriority": true, "patienceDays": 7}, "onExhaustion": "ON_EXHAUSTION_WAIT", "stickiness": "STICKINESS_STRICT",
         "hours": {"timeZone": "Europe/Berlin", "days": [1, 2], "fromMinute": 540, "toMinute": 1020}}
        """;

    [Fact]
    public async Task A_policy_that_was_put_is_read_back()
    {
        var put = await gateway.SendAsync("PUT", "/v1/policies/careful", Policy);
        var read = await gateway.SendAsync("GET", "/v1/policies/careful");
        var list = await gateway.SendAsync("GET", "/v1/policies?page_size=7");

        Assert.Equal((200, 200, 200), (put.Status, read.Status, list.Status));
        Assert.Equal(put.Json["policy"]!.ToJsonString(), read.Json["policy"]!.ToJsonString());
        Assert.Equal("careful", read.Json["policy"]!["name"]!.GetValue<string>());
        Assert.Equal("ON_EXHAUSTION_WAIT", read.Json["policy"]!["onExhaustion"]!.GetValue<string>());
        Assert.Contains("careful", list.Text, StringComparison.Ordinal);
        Assert.Equal("7", list.Json["nextPageToken"]!.GetValue<string>());
    }

    [Fact]
    public async Task Validate_only_keeps_nothing_F72()
    {
        var put = await gateway.SendAsync("PUT", "/v1/policies/tried?validate_only=true", Policy);
        var read = await gateway.SendAsync("GET", "/v1/policies/tried");

        Assert.Equal(200, put.Status);
        Assert.Equal((404, "POLICY_NOT_FOUND", "dispatcher.pennypost.dev"), (read.Status, read.Reason, read.Domain));
    }

    [Fact]
    public async Task A_name_that_is_none_is_refused()
    {
        var put = await gateway.SendAsync("PUT", "/v1/policies/no%20name", "{}");
        Assert.Equal((400, "INVALID_REQUEST"), (put.Status, put.Reason));
        Assert.Equal(["policy.name"], put.Violations);
    }

    [Fact]
    public async Task A_message_names_its_policy()
    {
        await gateway.SendAsync("POST", "/v1/messages", """{"messageId": "by-policy", "prospect": {"profile": "ada"}, "content": {"body": "Hi"}, "policy": "careful"}""");
        Assert.Equal("careful", gateway.Dispatcher.Messages[("acme", "by-policy")].Spec.Policy);

        var bad = await gateway.SendAsync("POST", "/v1/messages:batch", """{"messages": [{"messageId": "m", "prospect": {"profile": "ada"}, "content": {"body": "Hi"}, "policy": "no name"}]}""");
        Assert.Equal(["messages[0].policy"], bad.Violations);
    }
}
