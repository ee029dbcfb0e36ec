using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Pennypost.Errors.V1;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Tests;

// F69: keys that are rotated, that end, and that were used.
public sealed class ChangingKeys(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    [Fact]
    public async Task Both_texts_of_a_rotated_key_are_valid_for_the_overlap_and_the_one_before_is_not()
    {
        var old = await gateway.KeyAsync("acme", [Scopes.MessagesRead]);

        var (second, shown) = await RotateAsync(old.KeyId, "60s");
        Assert.Equal((200, 200), (await StatusAsync(old), await StatusAsync(second)));
        var (third, _) = await RotateAsync(old.KeyId, "60s");

        Assert.Equal((401, 200, 200), (await StatusAsync(old), await StatusAsync(second), await StatusAsync(third)));
        Assert.Equal((old.KeyId, old.KeyId), (second.KeyId, third.KeyId));
        Assert.NotNull(shown["rotateTime"]);
        Assert.NotNull(shown["overlapUntil"]);
        Assert.Equal(["messages:read"], shown["scopes"]!.AsArray().Select(scope => (string?)scope));
    }

    [Fact]
    public async Task A_key_that_somebody_has_seen_is_invalid_at_once_without_an_overlap()
    {
        var old = await gateway.KeyAsync("acme", [Scopes.MessagesRead]);
        Assert.Equal(200, await StatusAsync(old));

        var (next, shown) = await RotateAsync(old.KeyId, "0s");

        Assert.Equal((401, 200), (await StatusAsync(old), await StatusAsync(next)));
        Assert.Null(shown["overlapUntil"]);
    }

    [Fact]
    public async Task The_overlap_ends_by_itself()
    {
        var old = await gateway.KeyAsync("acme", [Scopes.MessagesRead]);
        var (next, _) = await RotateAsync(old.KeyId, "1s");
        Assert.Equal(200, await StatusAsync(old));

        await Eventually.HoldsAsync(async () => await StatusAsync(old) == 401);

        Assert.Equal(200, await StatusAsync(next));
    }

    [Fact]
    public async Task A_revoked_key_gets_no_new_text_and_revoking_ends_all_its_texts()
    {
        var old = await gateway.KeyAsync("acme", [Scopes.MessagesRead]);
        var (next, _) = await RotateAsync(old.KeyId, "604800s");

        await gateway.SendAsync("DELETE", $"/v1/apiKeys/{old.KeyId}");
        var again = await gateway.SendAsync("POST", $"/v1/apiKeys/{old.KeyId}:rotate", "{}");

        Assert.Equal((401, 401), (await StatusAsync(old), await StatusAsync(next)));
        Assert.Equal((400, "KEY_NOT_VALID"), (again.Status, again.Reason));
    }

    [Fact]
    public async Task Nobody_gets_hold_of_the_text_of_a_key_that_may_do_more()
    {
        var strong = await gateway.KeyAsync("acme", [Scopes.MessagesRead, Scopes.MessagesWrite]);
        using var weak = gateway.Client(await gateway.KeyAsync("acme", [Scopes.KeysWrite, Scopes.MessagesRead]));

        var refused = await gateway.SendAsync("POST", $"/v1/apiKeys/{strong.KeyId}:rotate", "{}", weak);

        Assert.Equal((403, "SCOPE_MISSING"), (refused.Status, refused.Reason));
        Assert.Contains("messages:write", refused.Text, StringComparison.Ordinal);
        Assert.Equal(200, await StatusAsync(strong));
    }

    [Fact]
    public async Task A_key_ends_when_it_was_said_to_and_gives_no_longer_life_than_its_own()
    {
        var end = DateTimeOffset.UtcNow.AddSeconds(3);
        var brief = await gateway.KeyAsync("acme", [Scopes.MessagesRead, Scopes.KeysWrite], end);
        var lasting = await gateway.KeyAsync("acme", [Scopes.MessagesRead]);
        using var client = gateway.Client(brief);

        var forever = await gateway.SendAsync("POST", "/v1/apiKeys", """{"displayName": "x", "scopes": ["messages:read"]}""", client);
        var longer = await gateway.SendAsync("POST", "/v1/apiKeys", $$"""{"displayName": "x", "scopes": ["messages:read"], "expireTime": "{{Text(end.AddSeconds(1))}}"}""", client);
        var rotated = await gateway.SendAsync("POST", $"/v1/apiKeys/{lasting.KeyId}:rotate", "{}", client);
        var shorter = await gateway.SendAsync("POST", "/v1/apiKeys", $$"""{"displayName": "x", "scopes": ["messages:read"], "expireTime": "{{Text(end.AddSeconds(-0.1))}}"}""", client);
        var past = await gateway.SendAsync("POST", "/v1/apiKeys", """{"displayName": "x", "scopes": ["messages:read"], "expireTime": "2020-01-01T00:00:00Z"}""");
        await Eventually.HoldsAsync(async () => await StatusAsync(brief) == 401);

        Assert.Equal(["expire_time"], forever.Violations);
        Assert.Equal(["expire_time"], longer.Violations);
        Assert.Equal(["key_id"], rotated.Violations);
        Assert.Equal(200, shorter.Status);
        Assert.Equal(["expire_time"], past.Violations);
        Assert.True(DateTimeOffset.UtcNow >= end.AddMilliseconds(-100));
    }

    [Fact]
    public async Task A_key_shows_its_calls_a_day_and_gives_no_more_than_it_has_F69()
    {
        var held = await gateway.KeyAsync("acme", [Scopes.MessagesRead, Scopes.KeysWrite], callsPerDay: 100);
        var (more, unlimited) = (await gateway.KeyAsync("acme", [Scopes.MessagesRead], callsPerDay: 101), await gateway.KeyAsync("acme", [Scopes.MessagesRead]));
        using var client = gateway.Client(held);
        static string Asked(string calls) => $$"""{"displayName": "x", "scopes": ["messages:read"]{{calls}}}""";
        async Task<Answer> CreateAsync(string calls, HttpClient? by = null) => await gateway.SendAsync("POST", "/v1/apiKeys", Asked(calls), by);
        async Task<Answer> RotateByAsync(string keyId) => await gateway.SendAsync("POST", $"/v1/apiKeys/{keyId}:rotate", "{}", client);

        foreach (var calls in new[] { "", ", \"callsPerDay\": \"0\"", ", \"callsPerDay\": \"101\"" }) Assert.Equal(["calls_per_day"], (await CreateAsync(calls, client)).Violations);
        foreach (var key in new[] { more, unlimited }) Assert.Equal(["key_id"], (await RotateByAsync(key.KeyId)).Violations);
        foreach (var calls in new[] { -1, 1_000_000_001 }) Assert.Equal(["calls_per_day"], (await CreateAsync($", \"callsPerDay\": \"{calls}\"")).Violations);
        var made = await CreateAsync(", \"callsPerDay\": \"100\"", client);
        var rotated = await RotateByAsync(held.KeyId);

        Assert.Equal("100", (string?)made.Json["apiKey"]!["callsPerDay"]);
        Assert.Equal((200, "100"), (rotated.Status, (string?)rotated.Json["apiKey"]!["callsPerDay"]));
        Assert.Equal(("100", "0"), ((string?)(await ShownAsync(held))["callsPerDay"], (string?)(await ShownAsync(unlimited))["callsPerDay"]));
        Assert.Equal("1000000000", (string?)(await CreateAsync(", \"callsPerDay\": \"1000000000\"")).Json["apiKey"]!["callsPerDay"]);
    }

    [Fact]
    public async Task A_used_key_shows_when_and_one_that_was_not_shows_nothing()
    {
        var (used, unused) = (await gateway.KeyAsync("acme", [Scopes.MessagesRead]), await gateway.KeyAsync("acme", [Scopes.MessagesRead]));
        await StatusAsync(used);

        await Eventually.HoldsAsync(async () => (await ShownAsync(used))["lastUseTime"] is not null);
        var first = (string?)(await ShownAsync(used))["lastUseTime"];
        await StatusAsync(used);

        Assert.InRange(DateTimeOffset.Parse(first!, CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.Equal(first, (string?)(await ShownAsync(used))["lastUseTime"]);
        Assert.Null((await ShownAsync(unused))["lastUseTime"]);
    }

    [Fact]
    public async Task A_stream_ends_within_a_second_when_its_key_is_revoked()
    {
        var key = await gateway.KeyAsync("acme", [Scopes.EventsRead]);
        using var watching = gateway.Api.WatchEvents(new WatchEventsRequest(), RunningGateway.As(key));
        Assert.True(await watching.ResponseStream.MoveNext(default));

        await gateway.SendAsync("DELETE", $"/v1/apiKeys/{key.KeyId}");
        var watch = Stopwatch.StartNew();
        var fault = RpcFault.From(await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await watching.ResponseStream.MoveNext(default)) { }
        }));

        Assert.Equal(ErrorReason.CredentialInvalid, fault.ErrorReason);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 1.5);
    }

    private async Task<System.Text.Json.Nodes.JsonNode> ShownAsync(ApiKeyText key) =>
        (await gateway.SendAsync("GET", "/v1/apiKeys")).Json["apiKeys"]!.AsArray().Single(shown => (string?)shown!["keyId"] == key.KeyId)!;

    private async Task<(ApiKeyText Key, System.Text.Json.Nodes.JsonNode Shown)> RotateAsync(string keyId, string overlap)
    {
        var rotated = await gateway.SendAsync("POST", $"/v1/apiKeys/{keyId}:rotate", $$"""{"overlap": "{{overlap}}"}""");
        Assert.True(ApiKeyText.TryParse((string?)rotated.Json["secret"], out var key), rotated.Text);
        return (key, rotated.Json["apiKey"]!);
    }

    private async Task<int> StatusAsync(ApiKeyText key)
    {
        using var client = gateway.Client(key);
        return (await gateway.SendAsync("GET", "/v1/messages", client: client)).Status;
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
