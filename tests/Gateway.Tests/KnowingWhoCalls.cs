using System.Diagnostics;
using System.Text.RegularExpressions;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Pennypost.Errors.V1;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.Rest;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Tests;

// F69: tenants and scoped API keys.
public sealed partial class KnowingWhoCalls(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    public static TheoryData<string> Rpcs => [.. PublicCalls.All.Select(method => method.Name)];

    [Theory, MemberData(nameof(Rpcs))]
    public void Every_call_has_the_scope_that_its_comment_names(string rpc)
    {
        var method = PublicCalls.Find(rpc)!;
        var comment = new ProtoComments(Protoset.Read()).Of(method);

        Assert.Equal(ScopeInComment().Match(comment).Groups[1].Value, Scopes.Of(PublicCalls.PathOf(method)));
        Assert.NotNull(HttpBinding.Of(method));
    }

    [Theory, MemberData(nameof(Rpcs))]
    public async Task No_call_is_answered_without_a_key(string rpc)
    {
        using var nobody = gateway.Client(null);

        var answer = await CallAsync(rpc, "x1", nobody);

        Assert.Equal(401, answer.Status);
        Assert.Equal("CREDENTIAL_INVALID", answer.Reason);
    }

    [Theory, MemberData(nameof(Rpcs))]
    public async Task A_key_does_only_what_its_scopes_allow(string rpc)
    {
        var needed = Scopes.Of(PublicCalls.PathOf(PublicCalls.Find(rpc)!))!;
        var key = ApiKeyText.New("acme");
        await gateway.App.Services.GetRequiredService<ApiKeys>().KeepAsync(key, "all but one", [.. Scopes.All.Where(scope => scope != needed)], default);
        using var client = gateway.Client(key);

        var answer = await CallAsync(rpc, "x1", client);

        Assert.Equal(403, answer.Status);
        Assert.Equal("SCOPE_MISSING", answer.Reason);
        Assert.Contains(needed, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GetMessage")]
    [InlineData("WatchMessage")]
    [InlineData("CancelMessage")]
    [InlineData("ResolveMessage")]
    [InlineData("GetConnection")]
    [InlineData("GetPolicy")]
    [InlineData("GetAccount")]
    [InlineData("PauseAccount")]
    [InlineData("ResumeAccount")]
    [InlineData("GetBreakerHistory")]
    [InlineData("ResetBreaker")]
    [InlineData("GetPool")]
    [InlineData("TopUpPool")]
    [InlineData("ForecastPool")]
    [InlineData("ChangePoolPlan")]
    [InlineData("CancelPoolPlan")]
    [InlineData("PutPoolTerms")]
    [InlineData("VoidLot")]
    [InlineData("PutSeat")]
    [InlineData("PutBudget")]
    [InlineData("ImportSends")]
    [InlineData("ReconcilePool")]
    [InlineData("ListHolds")]
    [InlineData("ListPoolEntries")]
    [InlineData("VerifyPool")]
    [InlineData("RotateApiKey")]
    [InlineData("RevokeApiKey")]
    public async Task Another_tenants_thing_answers_like_one_that_does_not_exist(string rpc)
    {
        const string id = "matrix";
        await gateway.SendAsync("POST", "/v1/messages", RunningGateway.MessageJson(id));
        await gateway.SendAsync("PUT", $"/v1/connections/{id}", """{"baseUrl": "https://provider.example", "apiKey": "k", "webhookSecret": "0123456789abcdef"}""");
        await gateway.SendAsync("PUT", $"/v1/accounts/{id}", """{"connectionId": "main"}""");
        await gateway.SendAsync("PUT", $"/v1/policies/{id}", "{}");
        await gateway.SendAsync("POST", "/v1/pools", $$"""{"poolId": "{{id}}", "planId": "free"}""");
        var mine = rpc is "RevokeApiKey" or "RotateApiKey" ? (await NewKeyAsync()).KeyId : id;
        using var other = gateway.Client(gateway.Zenith);

        var theirs = await CallAsync(rpc, mine, other);
        var guessed = await CallAsync(rpc, "nosuch", other);
        var own = await CallAsync(rpc, mine, gateway.Http);

        Assert.Equal(404, theirs.Status);
        Assert.Equal((guessed.Status, guessed.Reason, guessed.Text.Replace("nosuch", mine, StringComparison.Ordinal)), (theirs.Status, theirs.Reason, theirs.Text));
        Assert.Equal(200, own.Status);
    }

    [Fact]
    public async Task Lists_show_only_the_tenants_own()
    {
        await gateway.SendAsync("POST", "/v1/messages", RunningGateway.MessageJson("listed"));
        using var other = gateway.Client(gateway.Zenith);

        Assert.DoesNotContain("listed", (await gateway.SendAsync("GET", "/v1/messages", client: other)).Text, StringComparison.Ordinal);
        Assert.Contains("listed", (await gateway.SendAsync("GET", "/v1/messages")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Acme.KeyId, (await gateway.SendAsync("GET", "/v1/apiKeys", client: other)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer pp_live_acme.k1.short")]
    [InlineData("Bearer pp_live_acme.k1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Bearer pp_live_{acme}:x.k1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Basic YWNtZTphY21l")]
    public async Task Every_bad_credential_gets_the_same_words(string authorization)
    {
        using var client = gateway.Client(null);
        if (authorization.Length > 0) client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        var over = await gateway.SendAsync("GET", "/v1/messages", client: client);
        var headers = new Metadata();
        if (authorization.Length > 0) headers.Add("authorization", authorization);
        var grpc = RpcFault.From(await Assert.ThrowsAsync<RpcException>(async () => await gateway.Api.ListMessagesAsync(new ListMessagesRequest(), headers)));

        Assert.Equal("CREDENTIAL_INVALID", over.Reason);
        Assert.Equal("Bearer", over.Response.Headers.WwwAuthenticate.ToString());
        Assert.Equal(ErrorReason.CredentialInvalid, grpc.ErrorReason);
        Assert.Equal(Errors.CredentialInvalid().Message, grpc.Message);
    }

    [Fact]
    public async Task A_key_with_one_character_changed_is_refused()
    {
        var text = gateway.Acme.Text.Reveal();
        var changed = text[..^1] + (text[^1] == 'A' ? 'B' : 'A');
        using var client = gateway.Client(null);
        client.DefaultRequestHeaders.Authorization = new("Bearer", changed);

        Assert.Equal(401, (await gateway.SendAsync("GET", "/v1/messages", client: client)).Status);
    }

    [Fact]
    public async Task A_new_key_is_shown_once_and_kept_only_as_a_hash()
    {
        var (keyId, secret) = await NewKeyAsync();
        var listed = await gateway.SendAsync("GET", "/v1/apiKeys");
        Assert.True(ApiKeyText.TryParse(secret, out var key));
        using var client = gateway.Client(key);

        Assert.Equal(200, (await gateway.SendAsync("GET", "/v1/messages", client: client)).Status);
        Assert.Contains(keyId, listed.Text, StringComparison.Ordinal);
        var random = secret.Split('.')[2];
        Assert.DoesNotContain(random, listed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(random, gateway.Log.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_within_a_second()
    {
        var (keyId, secret) = await NewKeyAsync();
        Assert.True(ApiKeyText.TryParse(secret, out var key));
        using var client = gateway.Client(key);
        Assert.Equal(200, (await gateway.SendAsync("GET", "/v1/messages", client: client)).Status);

        var revoked = await gateway.SendAsync("DELETE", $"/v1/apiKeys/{keyId}");
        var watch = Stopwatch.StartNew();
        while ((await gateway.SendAsync("GET", "/v1/messages", client: client)).Status == 200) Assert.InRange(watch.Elapsed.TotalSeconds, 0, 1);
        var again = await gateway.SendAsync("DELETE", $"/v1/apiKeys/{keyId}");

        Assert.NotNull(revoked.Json["apiKey"]!["revokeTime"]);
        Assert.Equal(revoked.Text, again.Text);
    }

    [Fact]
    public async Task A_key_cannot_make_one_that_may_do_more_than_itself()
    {
        var key = ApiKeyText.New("acme");
        await gateway.App.Services.GetRequiredService<ApiKeys>().KeepAsync(key, "only keys", [Scopes.KeysWrite], default);
        using var client = gateway.Client(key);

        var answer = await gateway.SendAsync("POST", "/v1/apiKeys", """{"displayName": "more", "scopes": ["keys:write", "messages:write"]}""", client);

        Assert.Equal(403, answer.Status);
        Assert.Contains("messages:write", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_everything_that_is_wrong_with_a_new_key()
    {
        var answer = await gateway.SendAsync("POST", "/v1/apiKeys", """{"scopes": ["everything", "keys:read", "root"]}""");

        Assert.Equal(["display_name", "scopes[0]", "scopes[2]"], answer.Violations);
    }

    private async Task<(string KeyId, string Secret)> NewKeyAsync()
    {
        var made = await gateway.SendAsync("POST", "/v1/apiKeys", """{"displayName": "one more", "scopes": ["messages:read"]}""");
        return (made.Json["apiKey"]!["keyId"]!.GetValue<string>(), made.Json["secret"]!.GetValue<string>());
    }

    private Task<Answer> CallAsync(string rpc, string id, HttpClient client)
    {
        var binding = HttpBinding.Of(PublicCalls.Find(rpc)!)!;
        var path = PathField().Replace(binding.Template, match => match.Value == "{product}" ? "PRODUCT_PREMIUM" : id);
        var body = rpc switch
        {
            "TopUpPool" => """{"topUpId": "t1", "credits": 5}""",
            "ResolveMessage" => """{"attempt": 1, "sent": true, "actor": "olga"}""",
            _ when binding.Body.Length > 0 => "{}",
            _ => null,
        };
        return gateway.SendAsync(binding.Verb, path, body, client);
    }

    [GeneratedRegex("Scope: `([a-z:]+)`")]
    private static partial Regex ScopeInComment();

    [GeneratedRegex(@"\{[a-z_.]+\}")]
    private static partial Regex PathField();
}
