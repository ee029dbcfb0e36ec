namespace Pennypost.Standalone.Tests;

/// <summary>The generated clients against the running services: each behaves as the other (F6, F68, F73).</summary>
public sealed class CallingFromAnotherLanguage(RunningStandalone running) : IClassFixture<RunningStandalone>
{
    [Theory]
    [InlineData("node", "closed-1")]
    [InlineData("python", "closed-2")]
    public async Task F68_sends_watches_and_sees_the_refund_after_a_reply(string language, string prospect)
    {
        var client = await ClientInAnotherLanguage.GeneratedAsync(language);
        using var example = client.Example(running.Standalone.Grpc, running.Standalone.ApiKey, $"from-{language}", prospect, "--priority", "high", "--wait-for-refund");
        await running.MessageWhenAsync($"from-{language}", message => (string?)message["state"] == "MESSAGE_STATE_SENT");
        await running.Judge.PostAsync("sandbox/v1/reply", new { account_id = "eve", prospect_id = prospect, text = "Yes, tell me more." });

        var ended = await example.EndAsync();
        Assert.True(ended.Code == 0, ended.ToString());
        Assert.Matches("accepted from-", ended.Output);
        Assert.Matches("SENT INMAIL eve", ended.Output);
        Assert.Matches("REPLIED", ended.Output);
        Assert.Matches("REFUNDED", ended.Output);
    }

    [Theory]
    [InlineData("node", "closed-3")]
    [InlineData("python", "closed-4")]
    public async Task The_same_id_again_gets_the_same_answer_and_one_send(string language, string prospect)
    {
        var client = await ClientInAnotherLanguage.GeneratedAsync(language);
        var first = await SendAsync(client, $"twice-{language}", prospect, "--priority", "high");
        Assert.True(first.Code == 0, first.ToString());
        var again = await SendAsync(client, $"twice-{language}", prospect, "--priority", "high");
        Assert.True(again.Code == 0, again.ToString());

        Assert.Equal(first.Output.Replace("accepted", "known from before", StringComparison.Ordinal), again.Output);
        var delivered = await running.Judge.GetAsync($"sandbox/v1/deliveries?member_id={prospect}");
        Assert.Single(delivered["deliveries"]!.AsArray());
    }

    [Theory]
    [InlineData("node", "closed-5")]
    [InlineData("python", "closed-6")]
    public async Task The_same_id_with_other_content_is_refused_and_names_the_field(string language, string prospect)
    {
        var client = await ClientInAnotherLanguage.GeneratedAsync(language);
        await running.TryPostAsync("v1/messages", $$$"""{"message_id": "reused-{{{language}}}", "prospect": {"profile": "{{{prospect}}}"}, "content": {"subject": "One question", "body": "A question?"}}""");
        var refused = await SendAsync(client, $"reused-{language}", prospect, "--body", "Another question?");

        Assert.Equal(2, refused.Code);
        Assert.StartsWith("ALREADY_EXISTS/MESSAGE_ID_REUSED: ", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("field=content.body", refused.Errors, StringComparison.Ordinal);
        Assert.Empty(refused.Output);
    }

    [Theory]
    [InlineData("node")]
    [InlineData("python")]
    public async Task A_bad_request_shows_every_violation_and_changes_nothing(string language)
    {
        var client = await ClientInAnotherLanguage.GeneratedAsync(language);
        var refused = await SendAsync(client, $"bad-{language}", "somebody@example.com", "--subject", new string('s', 201), "--note", new string('n', 301));

        Assert.Equal(2, refused.Code);
        var lines = refused.Errors.TrimEnd().Split('\n');
        Assert.StartsWith("INVALID_ARGUMENT/INVALID_REQUEST: ", lines[0], StringComparison.Ordinal);
        Assert.Equal(
            ["message.content.note", "message.content.subject", "message.prospect.profile"],
            lines[1..].Select(line => line.Trim().Split(':')[0]).Order(StringComparer.Ordinal));
        using var missing = await running.Rest.GetAsync(new Uri($"v1/messages/bad-{language}", UriKind.Relative));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task F68_what_protoc_generates_is_enough_in_Go_to_be_told_every_violation()
    {
        var client = await ClientInAnotherLanguage.GeneratedAsync("go");
        var refused = await SendAsync(client, "bad-go", "somebody@example.com", "--subject", new string('s', 201));

        Assert.Equal(2, refused.Code);
        var lines = refused.Errors.TrimEnd().Split('\n');
        Assert.StartsWith("InvalidArgument: ", lines[0], StringComparison.Ordinal);
        Assert.Contains("  reason INVALID_REQUEST map[violations:2]", lines);
        Assert.Equal(["message.content.subject", "message.prospect.profile"], lines.Where(line => line.StartsWith("  message.", StringComparison.Ordinal)).Select(line => line.Trim().Split(':')[0]).Order(StringComparer.Ordinal));
    }

    private async Task<Ended> SendAsync(ClientInAnotherLanguage client, string messageId, string prospect, params string[] more)
    {
        using var example = client.Example(running.Standalone.Grpc, running.Standalone.ApiKey, messageId, prospect, more);
        return await example.EndAsync();
    }
}
