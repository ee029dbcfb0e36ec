namespace Pennypost.Gateway.Tests;

/// <summary>F79, F83: rates over REST. What counts say is the dispatcher's and the router's; here is that everything is passed on.</summary>
public sealed class MeasuringRates(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    [Fact]
    public async Task Rates_are_asked_for_with_costs_and_outcomes_and_come_back_whole_F79_F83()
    {
        var answer = await gateway.SendAsync("POST", "/v1/rates:measure", """
            {"startTime": "2026-01-01T00:00:00Z", "endTime": "2026-02-01T00:00:00Z", "matureAfter": "86400s",
             "unitCosts": {"currency": "USD", "creditMicros": "10000000"},
             "outcomes": [{"channel": "CHANNEL_INMAIL", "segment": "founders", "variant": "short", "meetings": "1"}]}
            """);

        Assert.Equal(200, answer.Status);
        var count = answer.Json["counts"]![0]!;
        Assert.Equal(("CHANNEL_INMAIL", "founders", "short", "1"), (count["channel"]!.GetValue<string>(), count["segment"]!.GetValue<string>(), count["variant"]!.GetValue<string>(), count["meetings"]!.GetValue<string>()));
        Assert.Equal(0.2, answer.Json["rates"]![0]!["replyRate"]!["expected"]!.GetValue<double>());
        Assert.Equal("short", answer.Json["comparisons"]![0]!["bestVariant"]!.GetValue<string>());
        Assert.Equal(("10000000", "USD"), (answer.Json["costs"]![0]!["costMicros"]!.GetValue<string>(), answer.Json["costs"]![0]!["currency"]!.GetValue<string>()));
        Assert.Equal(
            ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "86400", "3"),
            (answer.Json["startTime"]!.GetValue<string>(), answer.Json["endTime"]!.GetValue<string>(), answer.Json["youngSent"]!.GetValue<string>(), answer.Json["mergedSent"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Nothing_need_be_said_and_what_is_not_said_is_not_made_up()
    {
        var answer = await gateway.SendAsync("POST", "/v1/rates:measure", "{}");

        Assert.Equal((200, "-1"), (answer.Status, answer.Json["youngSent"]!.GetValue<string>()));
        Assert.Equal((400, "INVALID_REQUEST"), await gateway.SendAsync("POST", "/v1/rates:measure", """{"matureAfter": "soon"}""") is var bad ? (bad.Status, bad.Reason) : default);
    }

    [Fact]
    public async Task A_message_names_its_segment_and_variant_F79()
    {
        await gateway.SendAsync("POST", "/v1/messages", """{"messageId": "by-variant", "prospect": {"profile": "ada"}, "content": {"body": "Hi"}, "segment": "founders", "variant": "short"}""");
        var spec = gateway.Dispatcher.Messages[("acme", "by-variant")].Spec;
        Assert.Equal(("founders", "short"), (spec.Segment, spec.Variant));

        var bad = await gateway.SendAsync("POST", "/v1/messages:batch", """{"messages": [{"messageId": "m", "prospect": {"profile": "ada"}, "content": {"body": "Hi"}, "segment": "a b", "variant": "c d"}]}""");
        Assert.Equal(["messages[0].segment", "messages[0].variant"], bad.Violations);
    }
}
