using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Standalone.Tests;

/// <summary>One standalone installation for all tests of this class; each uses senders, prospects and ids of its own.</summary>
public sealed class RunningStandalone : IAsyncLifetime
{
    private readonly string _folder = StandaloneProcess.NewFolder();

    internal StandaloneProcess Standalone { get; private set; } = null!;

    internal SandboxJudge Judge { get; private set; } = null!;

    internal HttpClient Rest { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Standalone = await StandaloneProcess.ServeAsync(_folder);
        Judge = new SandboxJudge(Standalone.Sandbox, _folder);
        Rest = new HttpClient { BaseAddress = Standalone.Rest };
        Rest.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Standalone.ApiKey);
        // A sender with five credits, and people to write to who answer only when they are told to.
        await Judge.PostAsync("sandbox/v1/world", new
        {
            accounts = new[] { new { id = "eve", name = "Eve", subscriptions = new[] { new { plan = "sales_navigator", balance = 5 } } } },
            prospects = Enumerable.Range(1, 20).Select(n => new { id = $"closed-{n}", degree = "third" }),
        });
        await PutAsync("v1/connections/sandbox", new { base_url = Standalone.Sandbox.ToString(), api_key = Standalone.SandboxKey, webhook_secret = "a-secret-of-the-tests" });
        await PostAsync("v1/pools", new { pool_id = "eve-pool", plan_id = "sales_navigator_core", opening_balance = "5" });
        await PutAsync("v1/accounts/eve", new
        {
            connection_id = "sandbox",
            tier = "TIER_SALES_NAVIGATOR",
            inmail_product = "PRODUCT_SALES_NAVIGATOR",
            pools = new[] { new { product = "PRODUCT_SALES_NAVIGATOR", pool_id = "eve-pool" } },
            spacing = "0s",
        });
        await Judge.PostAsync("api/v1/webhooks", new
        {
            request_url = new Uri(Standalone.Rest, "v1/webhooks/provider/demo/sandbox").ToString(),
            source = "messaging",
            headers = new[] { new { key = "Unipile-Auth", value = "a-secret-of-the-tests" }, new { key = "Content-Type", value = "application/json" } },
        });
    }

    internal Task<JsonNode> PutAsync(string path, object body) => SendAsync(HttpMethod.Put, path, body);

    internal Task<JsonNode> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    internal async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await Rest.GetStringAsync(new Uri(path, UriKind.Relative)))!;

    internal async Task<(HttpStatusCode Status, JsonNode Body)> TryPostAsync(string path, string body, string type = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var response = await Rest.PostAsync(new Uri(path, UriKind.Relative), content);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = new StringContent(System.Text.Json.JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await Rest.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}\n{Standalone.Output}");
        return JsonNode.Parse(text)!;
    }

    internal async Task<JsonNode> MessageWhenAsync(string messageId, Func<JsonNode, bool> holds)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            using var response = await Rest.GetAsync(new Uri($"v1/messages/{messageId}", UriKind.Relative));
            var message = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["message"];
            if (message is not null && holds(message))
                return message;
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"{messageId} stands at {message}\n{Standalone.Output}");
            await Task.Delay(50);
        }
    }

    public async Task DisposeAsync()
    {
        Rest?.Dispose();
        Judge?.Dispose();
        if (Standalone is not null)
            await Standalone.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>What a user does with the public API by hand (F6, F16, F52, F69, F73).</summary>
public sealed class ServingUsers(RunningStandalone running) : IClassFixture<RunningStandalone>
{
    private static string Message(string id, string profile, string body = "One question?", string priority = "PRIORITY_HIGH") =>
        $$"""{"message_id": "{{id}}", "prospect": {"profile": "{{profile}}"}, "content": {"subject": "A question", "body": "{{body}}"}, "priority": "{{priority}}"}""";

    [Fact]
    public async Task Curl_sends_watches_and_sees_the_refund_after_a_reply()
    {
        var authorization = $"authorization: Bearer {running.Standalone.ApiKey}";
        var rest = running.Standalone.Rest;
        var accepted = await Program.RunAsync("curl", ["-sS", $"{rest}v1/messages", "-H", authorization, "-H", "content-type: application/json", "-d", Message("from-curl", "closed-2")]);
        Assert.Contains("\"from-curl\"", accepted, StringComparison.Ordinal);
        var watched = await Program.RunAsync("curl", ["-sS", "-N", "--max-time", "30", $"{rest}v1/messages/from-curl:watch", "-H", authorization, "-H", "accept: application/x-ndjson"]);
        Assert.Contains("MESSAGE_EVENT_KIND_SENT", watched, StringComparison.Ordinal);

        await running.Judge.PostAsync("sandbox/v1/reply", new { account_id = "eve", prospect_id = "closed-2", text = "Yes." });
        var refunded = await running.MessageWhenAsync("from-curl", message => (string?)message["creditsRefunded"] == "1");
        Assert.Equal("1", (string?)refunded["creditsSpent"]);
        var pool = (await running.GetAsync("v1/pools/eve-pool:verify"))!;
        Assert.True((bool)pool["valid"]!, pool.ToJsonString());
    }

    [Fact]
    public async Task The_same_id_again_gets_the_same_answer_and_one_send()
    {
        var body = Message("twice", "closed-3");
        var first = await running.TryPostAsync("v1/messages", body);
        Assert.Equal(HttpStatusCode.OK, first.Status);
        await running.MessageWhenAsync("twice", message => (string?)message["state"] == "MESSAGE_STATE_SENT");
        var again = await running.TryPostAsync("v1/messages", body);
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.True((bool)again.Body["existed"]!);
        Assert.Equal("MESSAGE_STATE_SENT", (string?)again.Body["message"]!["state"]);
        var delivered = await running.Judge.GetAsync("sandbox/v1/deliveries?member_id=closed-3");
        Assert.Single(delivered["deliveries"]!.AsArray());
    }

    [Fact]
    public async Task The_same_id_with_other_content_is_refused_and_names_the_field()
    {
        await running.TryPostAsync("v1/messages", Message("reused", "closed-4"));
        var (status, error) = await running.TryPostAsync("v1/messages", Message("reused", "closed-4", body: "Another question?"));
        Assert.Equal(HttpStatusCode.Conflict, status);
        var info = error["error"]!["details"]!.AsArray().Single(detail => ((string)detail!["@type"]!).EndsWith("google.rpc.ErrorInfo", StringComparison.Ordinal))!;
        Assert.Equal("MESSAGE_ID_REUSED", (string?)info["reason"]);
        Assert.Equal("content.body", (string?)info["metadata"]!["field"]);
    }

    [Fact]
    public async Task A_bad_request_names_every_violation_and_changes_nothing()
    {
        var (status, error) = await running.TryPostAsync(
            "v1/messages", """{"message_id": "no spaces!", "prospect": {"profile": ""}, "content": {"subject": "only"}, "account_ids": ["a b"]}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        var fields = error["error"]!["details"]!.AsArray().Single(detail => ((string)detail!["@type"]!).EndsWith("google.rpc.BadRequest", StringComparison.Ordinal))!["fieldViolations"]!
            .AsArray().Select(violation => (string)violation!["field"]!).ToList();
        foreach (var field in new[] { "message_id", "prospect.profile", "content", "account_ids" })
            Assert.Contains(fields, found => found.Contains(field, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_bad_request_over_gRPC_names_every_violation_and_changes_nothing()
    {
        using var channel = GrpcChannel.ForAddress(running.Standalone.Grpc);
        var client = new PennypostService.PennypostServiceClient(channel);
        var credential = new Metadata { { "authorization", $"Bearer {running.Standalone.ApiKey}" } };
        var broken = new MessageSpec
        {
            MessageId = "bad-over-grpc",
            Prospect = new() { Profile = "somebody@example.com" },
            Content = new() { Subject = new string('s', 201), Note = new string('n', 301) },
            AccountIds = { "eve", "eve" },
        };
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.SendMessageAsync(new() { Message = broken }, credential));

        var fault = RpcFault.From(refused);
        Assert.Equal((StatusCode.InvalidArgument, "INVALID_REQUEST"), (fault.Code, fault.Reason));
        Assert.Equal(
            ["message.account_ids[1]", "message.content.note", "message.content.subject", "message.prospect.profile"],
            fault.Violations.Select(violation => violation.Field).Order(StringComparer.Ordinal));
        var missing = await Assert.ThrowsAsync<RpcException>(async () => await client.GetMessageAsync(new() { MessageId = "bad-over-grpc" }, credential));
        Assert.Equal("MESSAGE_NOT_FOUND", RpcFault.From(missing).Reason);
    }

    [Fact]
    public async Task A_bad_list_names_every_row_and_every_violation_in_it_and_validating_changes_nothing()
    {
        const string Csv = """
            First Name,Last Name,Profile URL,Priority,Subject,Message,Note
            Ada,Good,https://www.linkedin.com/in/closed-5,High,Hello,A question?,
            Ben,Bad,,Urgent,Hello,,
            Cleo,Long,https://www.linkedin.com/in/closed-6,,Hello,A question?,NOTE

            """;
        var csv = Csv.Replace("NOTE", new string('n', 301), StringComparison.Ordinal);
        var (status, answer) = await running.TryPostAsync("v1/messages:importCsv?import_id=looked-at&validate_only=true", csv, "text/csv");
        Assert.Equal(HttpStatusCode.OK, status);
        var rejections = answer["refused"]!.AsArray();
        Assert.Equal([3L, 4L], rejections.Select(row => (long)row!["line"]!));
        Assert.True(rejections[0]!["violations"]!.AsArray().Count >= 3, answer.ToJsonString());
        var kept = await running.GetAsync("v1/messages?page_size=500");
        Assert.DoesNotContain("looked-at", kept.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_preview_explains_every_channel_and_keeps_nothing()
    {
        // F16, F72
        var (status, answer) = await running.TryPostAsync("v1/messages:preview", $$"""{"message": {{Message("", "closed-7")}}}""");
        Assert.Equal(HttpStatusCode.OK, status);
        var candidates = answer["decision"]!["candidates"]!.AsArray();
        Assert.Equal(6, candidates.Count);
        Assert.Equal("CHANNEL_INMAIL", (string?)candidates.Single(candidate => (string?)candidate!["verdict"] == "VERDICT_ELIGIBLE")!["channel"]);
        Assert.All(candidates.Where(candidate => (string?)candidate!["verdict"] == "VERDICT_REJECTED"), candidate => Assert.StartsWith("REASON_", (string?)candidate!["reason"], StringComparison.Ordinal));
        Assert.Empty((await running.Judge.GetAsync("sandbox/v1/deliveries?member_id=closed-7"))["deliveries"]!.AsArray());
    }

    [Fact]
    public async Task Another_key_s_tenant_sees_nothing_and_no_key_is_refused()
    {
        using var stranger = new HttpClient { BaseAddress = running.Standalone.Rest };
        using var refused = await stranger.GetAsync(new Uri("v1/messages", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("CREDENTIAL_INVALID", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_contract_is_served_as_OpenAPI_and_readable_by_reflection()
    {
        var document = await running.GetAsync("openapi.json");
        Assert.Contains("/v1/messages:preview", document["paths"]!.AsObject().Select(path => path.Key));
    }
}
