using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Pennypost.Api.Tests;

/// <summary>F68: ETag, If-Match, If-None-Match and Idempotency-Key over REST, before the services that keep what is put.</summary>
public sealed class PuttingOnCondition(RunningApi running) : IClassFixture<RunningApi>
{
    [Theory]
    [InlineData("policies/careful", """{"creditFloor": "4"}""", """{"creditFloor": "5"}""")]
    [InlineData("accounts/ACCOUNT", """{"connectionId": "main", "displayName": "Ada"}""", """{"connectionId": "main", "displayName": "Ada L."}""")]
    public async Task A_change_with_the_tag_that_was_read_is_made_and_with_an_older_one_it_is_not_F68(string path, string change, string other)
    {
        var world = await running.WorldAsync($"if-match-{path[..8]}");
        path = path.Replace("ACCOUNT", world.Account, StringComparison.Ordinal);
        var read = await SendAsync(world, "GET", path);
        var tag = read.Headers.ETag!.ToString();

        var made = await SendAsync(world, "PUT", path, change, ("If-Match", tag));
        var late = await SendAsync(world, "PUT", path, other, ("If-Match", tag));
        var weak = await SendAsync(world, "PUT", path, other, ("If-Match", $"W/{made.Headers.ETag}"));
        // The same by the body's own field is ABORTED, as over gRPC.
        var body = JsonNode.Parse(other)!.AsObject();
        body["etag"] = tag.Split('"', '.')[1];
        var inBody = await SendAsync(world, "PUT", path, body.ToJsonString());

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.PreconditionFailed, HttpStatusCode.OK, HttpStatusCode.Conflict), (made.StatusCode, late.StatusCode, weak.StatusCode, inBody.StatusCode));
        Assert.NotEqual(tag, made.Headers.ETag!.ToString());
        foreach (var refused in new[] { late, inBody })
        {
            var error = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["error"]!;
            Assert.Equal(((int)refused.StatusCode, "ABORTED", "LOST_RACE"), ((int)error["code"]!, (string?)error["status"], (string?)error["details"]![0]!["reason"]));
        }
    }

    [Fact]
    public async Task What_is_known_already_is_not_sent_again_and_what_moved_is_F68()
    {
        var world = await running.WorldAsync("if-none-match");
        var policy = await SendAsync(world, "GET", "policies/careful");
        var account = await SendAsync(world, "GET", $"accounts/{world.Account}");

        var known = await SendAsync(world, "GET", "policies/careful", null, ("If-None-Match", $"\"another\", W/{policy.Headers.ETag}"));
        var any = await SendAsync(world, "GET", "policies/careful", null, ("If-None-Match", "*"));
        var unknown = await SendAsync(world, "GET", "policies/careful", null, ("If-None-Match", "\"another\""));
        // A pause is no setting: the etag stays, and what is shown does not.
        await SendAsync(world, "POST", $"accounts/{world.Account}:pause", """{"actor": "olga"}""");
        var paused = await SendAsync(world, "GET", $"accounts/{world.Account}", null, ("If-None-Match", account.Headers.ETag!.ToString()));

        Assert.Equal((HttpStatusCode.NotModified, HttpStatusCode.NotModified, HttpStatusCode.OK, HttpStatusCode.OK), (known.StatusCode, any.StatusCode, unknown.StatusCode, paused.StatusCode));
        Assert.Equal((policy.Headers.ETag, ""), (known.Headers.ETag, await known.Content.ReadAsStringAsync()));
        Assert.Equal("no-cache, private", policy.Headers.CacheControl!.ToString());
        Assert.Equal(EtagOf(await account.Content.ReadAsStringAsync()), EtagOf(await paused.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("PUT", "policies/careful", "{}", "If-Match", "*", "if-match")]
    [InlineData("PUT", "policies/careful", "{}", "If-Match", "1", "if-match")]
    [InlineData("PUT", "policies/careful", "{}", "If-Match", "\"\"", "if-match")]
    [InlineData("PUT", "policies/careful", "{}", "If-Match", "\".0123456789abcdef\"", "if-match")]
    [InlineData("PUT", "policies/careful", """{"etag": "7"}""", "If-Match", "\"8.0123456789abcdef\"", "policy.etag")]
    [InlineData("PUT", "policies/careful", "{}", "If-None-Match", "*", "if-none-match")]
    [InlineData("PUT", "connections/main", """{"baseUrl": "http://localhost:1", "apiKey": "k", "webhookSecret": "a-secret-of-the-tests"}""", "If-Match", "\"8\"", "if-match")]
    [InlineData("POST", "messages", """{"messageId": "m", "prospect": {"profile": "ada-lovelace"}, "content": {"body": "Hello"}}""", "If-Match", "\"8\"", "if-match")]
    [InlineData("POST", "messages", """{"messageId": "m", "prospect": {"profile": "ada-lovelace"}, "content": {"body": "Hello"}}""", "Idempotency-Key", "n", "message.message_id")]
    [InlineData("POST", "messages", """{"prospect": {"profile": "ada-lovelace"}, "content": {"body": "Hello"}}""", "Idempotency-Key", "no id", "message.message_id")]
    [InlineData("POST", "messages", """{"prospect": {"profile": "ada-lovelace"}, "content": {"body": "Hello"}}""", "Idempotency-Key", "", "message.message_id")]
    [InlineData("POST", "messages", """{"prospect": {"profile": "ada-lovelace"}, "content": {"body": "Hello"}}""", "Idempotency-Key", "n, m", "message.message_id")]
    public async Task A_condition_that_cannot_be_kept_is_refused_and_named_once_F68(string verb, string path, string body, string header, string value, string field)
    {
        var world = new World("conditions", await running.KeyAsync("conditions"), new Uri("http://localhost:1"), "");

        var refused = await SendAsync(world, verb, path, body, (header, value));

        var error = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["error"]!;
        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_REQUEST"), (refused.StatusCode, (string?)error["details"]![0]!["reason"]));
        Assert.Equal([field], error["details"]![1]!["fieldViolations"]!.AsArray().Select(violation => (string)violation!["field"]!));
    }

    [Theory]
    [InlineData("by-header")]
    [InlineData("\"by-quoted-header\"")]
    public async Task The_header_Idempotency_Key_is_the_message_id_F68(string key)
    {
        var world = await running.WorldAsync($"keyed-{key.Length}");
        const string Body = """{"prospect": {"profile": "ada-lovelace"}, "content": {"body": "Hello"}, "notBefore": "$later"}""";
        var body = world.Fill(Body).ToJsonString();

        var first = await SendAsync(world, "POST", "messages", body, ("Idempotency-Key", key));
        var again = await SendAsync(world, "POST", "messages", body, ("Idempotency-Key", key));
        var other = await SendAsync(world, "POST", "messages", body.Replace("Hello", "Another", StringComparison.Ordinal), ("Idempotency-Key", key));

        var (made, known) = (JsonNode.Parse(await first.Content.ReadAsStringAsync())!, JsonNode.Parse(await again.Content.ReadAsStringAsync())!);
        Assert.Equal((key.Trim('"'), false, true), ((string?)made["message"]!["messageId"], (bool?)made["existed"], (bool?)known["existed"]));
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
    }

    private static string EtagOf(string json) => (string)JsonNode.Parse(json)!["account"]!["etag"]!;

    private async Task<HttpResponseMessage> SendAsync(World world, string verb, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), $"v1/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", world.Key.Text.Reveal());
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await running.Http.SendAsync(request);
    }
}
