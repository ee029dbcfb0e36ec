using System.Net;
using Pennypost.Errors.V1;
using Pennypost.Gateway.V1;

namespace Pennypost.Gateway.Tests;

// F68: gRPC for any language, REST/JSON, OpenAPI.
public sealed class SendingOverRest(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    [Fact]
    public async Task A_message_sent_over_REST_is_read_back_over_gRPC()
    {
        var sent = await gateway.SendAsync("POST", "/v1/messages", RunningGateway.MessageJson("m1"));
        var read = await gateway.Api.GetMessageAsync(new GetMessageRequest { MessageId = "m1" }, RunningGateway.As(gateway.Acme));

        Assert.Equal(200, sent.Status);
        Assert.Equal("MESSAGE_STATE_ACCEPTED", sent.Json["message"]!["state"]!.GetValue<string>());
        Assert.False(sent.Json["existed"]!.GetValue<bool>());
        Assert.Equal("m1", read.Message.MessageId);
    }

    [Fact]
    public async Task The_same_again_is_the_same_and_other_content_is_refused_naming_the_field()
    {
        await gateway.SendAsync("POST", "/v1/messages", RunningGateway.MessageJson("m2"));
        var again = await gateway.SendAsync("POST", "/v1/messages", RunningGateway.MessageJson("m2"));
        var other = await gateway.SendAsync("POST", "/v1/messages", RunningGateway.MessageJson("m2", "Another text"));

        Assert.True(again.Json["existed"]!.GetValue<bool>());
        Assert.Equal(409, other.Status);
        Assert.Equal("MESSAGE_ID_REUSED", other.Reason);
        Assert.Equal("dispatcher.pennypost.dev", other.Domain);
    }

    [Fact]
    public async Task Validate_only_keeps_nothing()
    {
        // F72
        var sent = await gateway.SendAsync("POST", "/v1/messages?validate_only=true", RunningGateway.MessageJson("m3"));
        var read = await gateway.SendAsync("GET", "/v1/messages/m3");

        Assert.Equal(200, sent.Status);
        Assert.Equal(404, read.Status);
    }

    [Fact]
    public async Task Every_violation_is_named_at_once()
    {
        var answer = await gateway.SendAsync("POST", "/v1/messages?colour=red&validate_only=perhaps", """
            {"messageId": "not an id", "prospect": {"profile": 7, "age": 3}, "content": {"subject": true}, "priority": "PRIORITY_HUGE",
             "notBefore": "tomorrow", "accountIds": "a1", "surprise": {}, "message_id": "twice"}
            """);

        Assert.Equal(400, answer.Status);
        Assert.Equal("INVALID_REQUEST", answer.Reason);
        Assert.Equal("gateway.pennypost.dev", answer.Domain);
        Assert.Equal(
            ["colour", "message.account_ids", "message.content", "message.content.subject", "message.message_id", "message.not_before", "message.priority", "message.prospect.age", "message.prospect.profile", "message.surprise", "validate_only"],
            answer.Violations.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_read_does_not_hide_what_is_wrong_with_the_rest()
    {
        // A misspelt field or a wrong type used to be all that was named; the next answer then brought the next mistakes.
        var refused = await gateway.SendAsync("POST", "/v1/messages?colour=red",
            """{"message_id": "no spaces!", "prospect": {"profile": ""}, "content": {"subjekt": "x", "subject": 5}, "priority": "URGENT"}""");

        Assert.Equal(400, refused.Status);
        Assert.Equal(
            ["colour", "message.content", "message.content.subject", "message.content.subjekt", "message.message_id", "message.priority", "message.prospect.profile"],
            refused.Violations.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_call_refuses_what_it_cannot_read_and_asks_nobody()
    {
        var calls = 0;
        using var operators = gateway.Client(await gateway.KeyAsync("acme", Keys.Scopes.All));
        foreach (var method in PublicCalls.All)
        {
            var rule = method.GetOptions().GetExtension(Google.Api.AnnotationsExtensions.Http);
            var (verb, path) = rule.Get.Length > 0 ? ("GET", rule.Get) : rule.Put.Length > 0 ? ("PUT", rule.Put) : rule.Delete.Length > 0 ? ("DELETE", rule.Delete) : ("POST", rule.Post);
            var filled = System.Text.RegularExpressions.Regex.Replace(path, @"\{[^}]*\}", "PRODUCT_PREMIUM");
            var refused = await gateway.SendAsync(verb, filled + "?colour=red", verb is "GET" or "DELETE" ? null : "{}", operators);
            Assert.True(refused.Status == 400, $"{method.Name} answered {refused.Status}");
            Assert.Contains("colour", refused.Violations);
            calls++;
        }
        Assert.True(calls > 20);
    }

    [Fact]
    public async Task F65_Alerts_are_listed_and_their_settings_put()
    {
        var listed = await gateway.SendAsync("GET", "/v1/alerts?page_size=7&page_token=pabc");
        var put = await gateway.SendAsync("PUT", "/v1/alert-settings", """{"lowCredits": "25", "forfeitWithin": "86400s"}""");
        var refused = await gateway.SendAsync("PUT", "/v1/alert-settings", """{"lowCredits": "-1", "forfeitCredits": "100001", "forfeitWithin": "3599s"}""");

        Assert.Equal(("ALERT_KIND_LOW_CREDITS", "p1", "7/pabc"), ($"{listed.Json["alerts"]![0]!["kind"]}", $"{listed.Json["alerts"]![0]!["poolId"]}", $"{listed.Json["nextPageToken"]}"));
        Assert.Equal(("25", "86400s"), ($"{put.Json["settings"]!["lowCredits"]}", $"{put.Json["settings"]!["forfeitWithin"]}"));
        Assert.Equal(["settings.forfeit_credits", "settings.forfeit_within", "settings.low_credits"], refused.Violations.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Shapes_are_named_with_their_limits()
    {
        var answer = await gateway.SendAsync("POST", "/v1/messages:batch", $$"""
            {"messages": [{"messageId": "", "prospect": {"firstName": "{{new string('x', 201)}}"}, "content": {"note": "{{new string('n', 301)}}"}, "accountIds": ["a", "a", "b b"]}]}
            """);

        Assert.Equal(
            ["messages[0].message_id", "messages[0].prospect.profile", "messages[0].prospect.first_name", "messages[0].content.note", "messages[0].account_ids[1]", "messages[0].account_ids[2]"], answer.Violations);
        Assert.Contains("0 to 300 characters; it has 301", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "*")]
    [InlineData("[]", "message")]
    [InlineData("null", "message")]
    [InlineData("\"text\"", "message")]
    public async Task What_is_no_JSON_object_is_refused(string json, string field)
    {
        var answer = await gateway.SendAsync("POST", "/v1/messages", json);

        Assert.Equal(400, answer.Status);
        Assert.Contains(answer.Violations, violation => violation == field || violation.StartsWith("message", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_batch_answers_each_message_at_its_place()
    {
        // F73
        await gateway.SendAsync("POST", "/v1/messages", RunningGateway.MessageJson("b2", "first text"));
        var answer = await gateway.SendAsync("POST", "/v1/messages:batch",
            $$"""{"messages": [{{RunningGateway.MessageJson("b1")}}, {{RunningGateway.MessageJson("b2", "other text")}}, {{RunningGateway.MessageJson("b3")}}]}""");

        var results = answer.Json["results"]!.AsArray();
        Assert.Equal(200, answer.Status);
        Assert.Equal(["b1", "b2", "b3"], results.Select(result => result!["messageId"]!.GetValue<string>()));
        Assert.Equal("MESSAGE_ID_REUSED", results[1]!["refusal"]!["reason"]!.GetValue<string>());
        Assert.Equal("message.content", results[1]!["refusal"]!["field"]!.GetValue<string>());
        Assert.Null(results[0]!["refusal"]);
    }

    [Fact]
    public async Task A_batch_that_is_malformed_anywhere_keeps_nothing()
    {
        var answer = await gateway.SendAsync("POST", "/v1/messages:batch",
            $$"""{"messages": [{{RunningGateway.MessageJson("c1")}}, {"messageId": "c2"}, {{RunningGateway.MessageJson("c1")}}]}""");

        Assert.Equal(["messages[1].prospect", "messages[1].content", "messages[2].message_id"], answer.Violations);
        Assert.DoesNotContain(("acme", "c1"), gateway.Dispatcher.Messages.Keys);
    }

    [Fact]
    public async Task A_batch_of_500_broken_messages_names_them_all_over_REST()
    {
        var answer = await gateway.SendAsync("POST", "/v1/messages:batch", $$"""{"messages": [{{string.Join(',', Enumerable.Repeat("{}", 500))}}]}""");

        Assert.Equal(400, answer.Status);
        Assert.Equal(1_000, answer.Violations.Count);
    }

    [Fact]
    public async Task Queries_fill_fields_of_every_kind()
    {
        var answer = await gateway.SendAsync("GET", "/v1/messages?pageSize=7&page_token=abc&state=MESSAGE_STATE_SENT&campaignId=autumn");

        Assert.Equal(200, answer.Status);
        Assert.Equal("Sent/7/abc/autumn", answer.Json["nextPageToken"]!.GetValue<string>());
    }

    [Fact]
    public async Task Queries_are_checked_like_bodies()
    {
        var answer = await gateway.SendAsync("GET", "/v1/messages?pageSize=seven&state=GONE&pageSize=8&what=1");

        Assert.Equal(400, answer.Status);
        Assert.Equal(["page_size", "state", "what"], answer.Violations.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_path_names_the_thing_and_the_body_may_not_name_another()
    {
        const string account = """{"connectionId": "main", "displayName": "Ada"}""";
        var put = await gateway.SendAsync("PUT", "/v1/accounts/a1", account);
        var other = await gateway.SendAsync("PUT", "/v1/accounts/a1", """{"accountId": "a2", "connectionId": "main"}""");
        var reset = await gateway.SendAsync("POST", "/v1/accounts/a1/breakers/PRODUCT_SALES_NAVIGATOR:reset");
        var unknown = await gateway.SendAsync("POST", "/v1/accounts/a1/breakers/GOLD:reset", "{}");

        Assert.Equal("a1", put.Json["account"]!["accountId"]!.GetValue<string>());
        Assert.Equal(["account.account_id"], other.Violations);
        Assert.Equal("PRODUCT_SALES_NAVIGATOR", reset.Json["breaker"]!["product"]!.GetValue<string>());
        Assert.Equal($"key:{gateway.Acme.KeyId}", gateway.Dispatcher.Actors.Last());
        Assert.Equal(400, unknown.Status);
    }

    /// <summary>F66: an act is its key's, with the reason that the call gives, and the audit of them all can be read.</summary>
    [Fact]
    public async Task What_operators_do_goes_on_with_its_key_and_its_reason_and_is_listed()
    {
        await gateway.SendAsync("PUT", "/v1/accounts/a7", """{"connectionId": "main"}""");
        await gateway.SendAsync("POST", "/v1/accounts/a7:pause", """{"why": "complaints"}""");
        var endless = await gateway.SendAsync("POST", "/v1/accounts/a7:pause", $$"""{"why": "{{new string('w', 501)}}"}""");
        var listed = await gateway.SendAsync("GET", "/v1/operator-acts?pageSize=7&pageToken=12&actor=olga&kind=OPERATOR_ACT_KIND_PAUSE_ACCOUNT");
        var wrong = await gateway.SendAsync("GET", $"/v1/operator-acts?pageSize=501&kind=77&actor={new string('a', 201)}");

        Assert.Equal((gateway.Acme.KeyId, "complaints"), gateway.Dispatcher.Reasons.Last());
        Assert.Equal(["why"], endless.Violations);
        Assert.Equal(["actor", "kind", "page_size"], wrong.Violations.Order(StringComparer.Ordinal));
        var act = Assert.Single(listed.Json["acts"]!.AsArray())!;
        Assert.Equal(
            ("OPERATOR_ACT_KIND_PAUSE_ACCOUNT", "olga", $"key:{gateway.Acme.KeyId}", "7/12"),
            (act["kind"]!.GetValue<string>(), act["actor"]!.GetValue<string>(), act["credential"]!.GetValue<string>(), listed.Json["nextPageToken"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Durations_times_and_unset_numbers_mean_what_they_say()
    {
        var account = await gateway.SendAsync("PUT", "/v1/accounts/a5", """{"connectionId": "main", "spacing": "12.5s"}""");
        var wrong = await gateway.SendAsync("PUT", "/v1/accounts/a5", """{"connectionId": "main", "spacing": "3601s"}""");
        await gateway.SendAsync("POST", "/v1/pools", """{"poolId": "p1", "planId": "free"}""");
        await gateway.SendAsync("POST", "/v1/pools", """{"poolId": "p2", "planId": "free", "openingBalance": "0"}""");

        Assert.Equal("12.500s", account.Json["account"]!["spacing"]!.GetValue<string>());
        Assert.Equal(["account.spacing"], wrong.Violations);
        Assert.False(gateway.Credits.Created.Single(pool => pool.PoolId == "p1").HasOpeningBalance);
        Assert.True(gateway.Credits.Created.Single(pool => pool.PoolId == "p2").HasOpeningBalance);
    }

    [Fact]
    public async Task A_mailbox_s_password_is_never_shown_and_a_wrong_one_is_refused_with_every_reason_F22()
    {
        var put = await gateway.SendAsync(
            "PUT", "/v1/connections/mail", """{"smtp": {"host": "mail.acme.example", "user": "ada", "password": "canary-mail-password", "fromAddress": "ada@acme.example"}}""");
        var get = await gateway.SendAsync("GET", "/v1/connections/mail");
        var wrong = await gateway.SendAsync("PUT", "/v1/connections/mail", """{"apiKey": "k", "colour": "red", "smtp": {"port": 70000, "security": "SMTP_SECURITY_TLS"}}""");

        Assert.Equal((200, 200, 400), (put.Status, get.Status, wrong.Status));
        Assert.DoesNotContain("canary", put.Text + get.Text, StringComparison.Ordinal);
        Assert.Contains("mail.acme.example", get.Text, StringComparison.Ordinal);
        foreach (var field in new[] { "connection.colour", "connection.smtp", "connection.smtp.host", "connection.smtp.port", "connection.smtp.from_address" })
            Assert.Contains($"\"{field}\"", wrong.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_never_come_back()
    {
        var put = await gateway.SendAsync("PUT", "/v1/connections/main", """{"baseUrl": "https://api1.unipile.com:13111", "apiKey": "canary-api-key", "webhookSecret": "canary-webhook-secret"}""");
        var get = await gateway.SendAsync("GET", "/v1/connections/main");

        Assert.Equal(200, put.Status);
        Assert.DoesNotContain("canary", put.Text + get.Text + gateway.Log.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404)]
    [InlineData("DELETE", "/v1/messages", 404)]
    [InlineData("GET", "/v1/messages/m1:dance", 400)]
    public async Task A_path_that_does_not_exist_has_a_reason(string method, string path, int status)
    {
        var answer = await gateway.SendAsync(method, path);

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 404 ? "METHOD_NOT_FOUND" : "INVALID_REQUEST", answer.Reason);
    }

    [Fact]
    public async Task A_body_of_another_type_is_refused()
    {
        using var content = new StringContent(RunningGateway.MessageJson("t1"), System.Text.Encoding.UTF8, "text/plain");
        using var response = await gateway.Http.PostAsync("/v1/messages", content);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("content-type", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"\ud800": 1}""", "message.(unprintable)")]
    [InlineData("""{"content": {"body": "\ud800"}}""", "message.content.body")]
    public async Task Half_a_character_is_a_violation_not_a_crash(string json, string field)
    {
        // Found by the fuzz test: a name that is no text ended in INTERNAL.
        var answer = await gateway.SendAsync("POST", "/v1/messages", json);

        Assert.Equal(400, answer.Status);
        Assert.Contains(field, answer.Violations);
    }

    [Theory]
    [InlineData(-1, 200)]
    [InlineData(0, 200)]
    [InlineData(1, 413)]
    public async Task Bodies_are_read_up_to_the_limit(int over, int status)
    {
        const int limit = 4_096;
        var limited = new RunningGateway(new() { ["Hosting:MaxReceiveMessageBytes"] = $"{limit}" });
        await limited.InitializeAsync();
        var frame = RunningGateway.MessageJson("big", "").Length;

        var answer = await limited.SendAsync("POST", "/v1/messages", RunningGateway.MessageJson("big", new string('x', limit + over - frame)));

        Assert.Equal(status, answer.Status);
        if (status == 413) Assert.Equal("REQUEST_TOO_LARGE", answer.Reason);
        await limited.DisposeAsync();
    }

    [Fact]
    public async Task Depth_is_limited()
    {
        var deep = new string('[', 40) + new string(']', 40);
        var answer = await gateway.SendAsync("POST", "/v1/messages", $$"""{"accountIds": {{deep}}}""");

        Assert.Equal(400, answer.Status);
        Assert.Contains("at most 32 levels", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_of_a_peer_keeps_its_domain_and_its_time_to_wait()
    {
        var fault = new Pennypost.Hosting.FaultDomain("dispatcher").QuotaUsedUp(ErrorReason.QueueFull, "Full.", "queue", TimeSpan.FromSeconds(3));
        gateway.Dispatcher.OnAccept = request => request.Message.MessageId == "full" ? fault : null;

        var answer = await gateway.SendAsync("POST", "/v1/messages", RunningGateway.MessageJson("full"));

        Assert.Equal(429, answer.Status);
        Assert.Equal("QUEUE_FULL", answer.Reason);
        Assert.Equal("dispatcher.pennypost.dev", answer.Domain);
        Assert.Equal(TimeSpan.FromSeconds(3), answer.Response.Headers.RetryAfter?.Delta);
    }
}
