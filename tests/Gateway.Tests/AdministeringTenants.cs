using System.Diagnostics;
using Grpc.Core;
using Pennypost.Errors.V1;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Tests;

// F69: tenants, and who may administer them.
public sealed class AdministeringTenants(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    [Fact]
    public async Task A_tenant_is_put_gets_its_first_key_and_works()
    {
        using var operators = gateway.Client(await gateway.KeyAsync("operators", Scopes.All));

        var put = await gateway.SendAsync("PUT", "/v1/tenants/north", """{"displayName": "Northern branch", "callsPerSecond": 20}""", operators);
        var made = await gateway.SendAsync("POST", "/v1/apiKeys", """{"tenantId": "north", "displayName": "first", "scopes": ["messages:read", "keys:write", "keys:read"]}""", operators);
        Assert.True(ApiKeyText.TryParse((string?)made.Json["secret"], out var first));
        using var north = gateway.Client(first);

        Assert.Equal(("north", "Northern branch", 20, false), ((string?)put.Json["tenant"]!["tenantId"], (string?)put.Json["tenant"]!["displayName"], (int?)put.Json["tenant"]!["callsPerSecond"], (bool?)put.Json["tenant"]!["suspended"]));
        Assert.Equal("north", first.Tenant);
        Assert.Equal(200, (await gateway.SendAsync("GET", "/v1/messages", client: north)).Status);
        // Its keys are its own from here on; the installation's operator still sees them.
        Assert.Contains(first.KeyId, (await gateway.SendAsync("GET", "/v1/apiKeys", client: north)).Text, StringComparison.Ordinal);
        Assert.Contains(first.KeyId, (await gateway.SendAsync("GET", "/v1/apiKeys?tenantId=north", client: operators)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(first.KeyId, (await gateway.SendAsync("GET", "/v1/apiKeys", client: operators)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tenants_are_listed_by_id_in_pages_those_with_a_first_key_by_the_command_line_too()
    {
        using var operators = gateway.Client(await gateway.KeyAsync("operators", Scopes.All));
        foreach (var id in new[] { "page-b", "page-a", "page-c" }) await gateway.SendAsync("PUT", $"/v1/tenants/{id}", "{}", operators);

        var (seen, token) = (new List<string>(), "");
        do
        {
            var page = await gateway.SendAsync("GET", $"/v1/tenants?pageSize=2&pageToken={token}", client: operators);
            Assert.InRange(page.Json["tenants"]!.AsArray().Count, 0, 2);
            seen.AddRange(page.Json["tenants"]!.AsArray().Select(tenant => (string)tenant!["tenantId"]!));
            token = (string)page.Json["nextPageToken"]!;
        }
        while (token.Length > 0);

        Assert.Equal(seen.Order(StringComparer.Ordinal), seen);
        Assert.Superset(new HashSet<string> { "acme", "zenith", "operators", "page-a", "page-b", "page-c" }, seen.ToHashSet());
    }

    [Fact]
    public async Task A_suspended_tenant_gets_one_clear_error_from_every_call_within_a_second_and_comes_back()
    {
        using var operators = gateway.Client(await gateway.KeyAsync("operators", Scopes.All));
        var key = await gateway.KeyAsync("debtor", Scopes.OfATenant);
        using var debtor = gateway.Client(key);
        Assert.Equal(200, (await gateway.SendAsync("GET", "/v1/messages", client: debtor)).Status);

        await gateway.SendAsync("PUT", "/v1/tenants/debtor", """{"suspended": true}""", operators);
        var watch = Stopwatch.StartNew();
        while ((await gateway.SendAsync("GET", "/v1/messages", client: debtor)).Status == 200) Assert.InRange(watch.Elapsed.TotalSeconds, 0, 1);
        foreach (var (verb, path, body) in new[] { ("GET", "/v1/messages", null), ("POST", "/v1/messages", RunningGateway.MessageJson("late")), ("GET", "/v1/apiKeys", null), ("GET", "/v1/tenants", null), ("GET", "/v1/events:watch", null) })
        {
            var refused = await gateway.SendAsync(verb, path, body, debtor);
            Assert.Equal((403, "TENANT_SUSPENDED"), (refused.Status, refused.Reason));
        }
        var grpc = RpcFault.From(await Assert.ThrowsAsync<RpcException>(async () => await gateway.Api.ListMessagesAsync(new ListMessagesRequest(), RunningGateway.As(key))));
        // Whoever has no valid key learns nothing of it.
        using var guesser = gateway.Client(ApiKeyText.New("debtor"));
        var guessed = await gateway.SendAsync("GET", "/v1/messages", client: guesser);
        var shown = await gateway.SendAsync("GET", "/v1/tenants/debtor", client: operators);
        await gateway.SendAsync("PUT", "/v1/tenants/debtor", "{}", operators);
        watch.Restart();
        while ((await gateway.SendAsync("GET", "/v1/messages", client: debtor)).Status != 200) Assert.InRange(watch.Elapsed.TotalSeconds, 0, 1);

        Assert.Equal((ErrorReason.TenantSuspended, StatusCode.PermissionDenied), (grpc.ErrorReason, grpc.Code));
        Assert.Equal("CREDENTIAL_INVALID", guessed.Reason);
        Assert.NotNull(shown.Json["tenant"]!["suspendTime"]);
    }

    [Fact]
    public async Task What_a_tenant_may_call_is_its_own_limit_from_within_a_second_on()
    {
        using var operators = gateway.Client(await gateway.KeyAsync("operators", Scopes.All));
        using var slow = gateway.Client(await gateway.KeyAsync("slow", Scopes.OfATenant));
        await gateway.SendAsync("PUT", "/v1/tenants/slow", """{"keyCallsPerSecond": 3}""", operators);

        var watch = Stopwatch.StartNew();
        Answer answer;
        do
        {
            Assert.InRange(watch.Elapsed.TotalSeconds, 0, 2);
            answer = await gateway.SendAsync("GET", "/v1/messages", client: slow);
        }
        while (answer.Status == 200);

        Assert.Equal((429, "RATE_LIMITED", "3"), (answer.Status, answer.Reason, answer.Response.Headers.GetValues("ratelimit-limit").Single()));
        Assert.Equal(200, (await gateway.SendAsync("GET", "/v1/messages")).Status);
    }

    [Fact]
    public async Task A_change_by_an_old_etag_changes_nothing()
    {
        using var operators = gateway.Client(await gateway.KeyAsync("operators", Scopes.All));
        var first = await gateway.SendAsync("PUT", "/v1/tenants/raced", """{"displayName": "one"}""", operators);
        var second = await gateway.SendAsync("PUT", "/v1/tenants/raced", $$"""{"displayName": "two", "etag": "{{first.Json["tenant"]!["etag"]}}"}""", operators);
        var again = await gateway.SendAsync("PUT", "/v1/tenants/raced", """{"displayName": "two"}""", operators);
        var late = await gateway.SendAsync("PUT", "/v1/tenants/raced", $$"""{"displayName": "three", "etag": "{{first.Json["tenant"]!["etag"]}}"}""", operators);

        Assert.Equal((200, 200, 409, "LOST_RACE"), (second.Status, again.Status, late.Status, late.Reason));
        Assert.Equal((string?)second.Json["tenant"]!["etag"], (string?)again.Json["tenant"]!["etag"]);
        Assert.Equal("two", (string?)(await gateway.SendAsync("GET", "/v1/tenants/raced", client: operators)).Json["tenant"]!["displayName"]);
    }

    [Fact]
    public async Task Nobody_suspends_the_tenant_of_their_own_key_and_everything_wrong_is_named()
    {
        using var operators = gateway.Client(await gateway.KeyAsync("operators", Scopes.All));

        var own = await gateway.SendAsync("PUT", "/v1/tenants/operators", """{"suspended": true}""", operators);
        var wrong = await gateway.SendAsync("PUT", "/v1/tenants/a%20b", """{"callsPerSecond": -1, "keyCallsPerSecond": 1000001, "keyConcurrentCalls": 100001, "callsPerDay": "1000000001"}""", operators);

        Assert.Equal(["tenant.suspended"], own.Violations);
        Assert.Equal(["tenant.calls_per_day", "tenant.calls_per_second", "tenant.key_calls_per_second", "tenant.key_concurrent_calls", "tenant.tenant_id"], wrong.Violations.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("GET", "/v1/tenants", null)]
    [InlineData("GET", "/v1/tenants/zenith", null)]
    [InlineData("PUT", "/v1/tenants/zenith", """{"suspended": true}""")]
    [InlineData("GET", "/v1/apiKeys?tenantId=zenith", null)]
    [InlineData("GET", "/v1/operator-acts?tenantId=zenith", null)]
    [InlineData("POST", "/v1/apiKeys", """{"tenantId": "zenith", "displayName": "theirs", "scopes": ["messages:read"]}""")]
    [InlineData("POST", "/v1/apiKeys/kx:rotate", """{"tenantId": "zenith"}""")]
    [InlineData("DELETE", "/v1/apiKeys/kx?tenantId=zenith", null)]
    [InlineData("POST", "/v1/apiKeys", """{"displayName": "more", "scopes": ["tenants:read"]}""")]
    [InlineData("POST", "/v1/apiKeys", """{"displayName": "more", "scopes": ["tenants:write"]}""")]
    public async Task A_tenants_key_administers_no_tenant_and_gives_nobody_the_right_to(string verb, string path, string? body)
    {
        var refused = await gateway.SendAsync(verb, path, body);

        Assert.Equal((403, "SCOPE_MISSING"), (refused.Status, refused.Reason));
        Assert.Contains("tenants:", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_that_is_not_there_is_not_made_by_naming_it()
    {
        using var operators = gateway.Client(await gateway.KeyAsync("operators", Scopes.All));
        foreach (var (verb, path, body) in new[]
        {
            ("GET", "/v1/tenants/nowhere", null),
            ("GET", "/v1/apiKeys?tenantId=nowhere", null),
            ("POST", "/v1/apiKeys", """{"tenantId": "nowhere", "displayName": "x", "scopes": ["messages:read"]}"""),
            ("GET", "/v1/tenants/nowhere", null),
        })
        {
            var refused = await gateway.SendAsync(verb, path, body, operators);
            Assert.Equal((404, "TENANT_NOT_FOUND"), (refused.Status, refused.Reason));
        }
    }
}
