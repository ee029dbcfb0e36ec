using System.Diagnostics;
using System.Text.Json.Nodes;
using Pennypost.Gateway.Keys;

namespace Pennypost.Api.Tests;

/// <summary>F66: one list of everything that was done by hand, over all services, in which no secret and nobody stands.</summary>
public sealed class ReadingTheAudit(RunningApi running) : IClassFixture<RunningApi>
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);

    /// <summary>A connection, a sender, a policy, a webhook and two keys. The tenant that it puts has a list of its own.</summary>
    private const int MadeByTheWorld = 6;

    private static readonly string[] _done =
        ["PutAccount", "PutConnection", "PutPolicy", "PutAlertSettings", "PutPlanOverride", "CreateApiKey", "RotateApiKey", "RevokeApiKey", "PutWebhook", "RotateWebhookSecret", "ReplayWebhook", "DeleteWebhook", "PauseAccount", "SuppressProspect"];

    [Fact]
    public async Task What_is_set_up_anywhere_stands_in_one_list_with_its_key_and_without_a_secret_F66()
    {
        var world = await running.WorldAsync("audited");
        var rest = new RestFace(running.Http, world.Key);
        var secrets = new List<string> { world.Key.Text.Reveal().Split('.')[2], "a-secret-of-the-tests", "ada-lovelace" };
        foreach (var rpc in _done)
        {
            var answered = await rest.CallAsync(rpc, world.Example(rpc));
            Assert.True(answered.Code == "OK", $"{rpc}: {answered}");
            if ((string?)answered.Json!["secret"] is { Length: > 0 } secret)
                secrets.Add(secret.Split('.')[^1]);
        }

        var listed = await ListedAsync(rest, _done.Length + MadeByTheWorld);

        var kinds = listed.Select(act => ((string)act!["kind"]!)["OPERATOR_ACT_KIND_".Length..]).ToHashSet();
        Assert.Equal([], _done.Select(rpc => string.Concat(rpc.Select((letter, i) => i > 0 && char.IsUpper(letter) ? "_" + letter : char.ToUpperInvariant(letter).ToString()))).Where(kind => !kinds.Contains(kind)));
        Assert.All(listed, act => Assert.Equal("OPERATOR_ACT_STATE_DONE", (string?)act!["state"]));
        Assert.All(listed, act => Assert.Equal($"key:{world.Key.KeyId}", (string?)act!["credential"]));
        Assert.Equal(Enumerable.Range(1, listed.Count).Reverse().Select(number => $"{number}"), listed.Select(act => (string?)act!["number"]));
        foreach (var secret in secrets)
            Assert.DoesNotContain(secret, listed.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        Assert.Empty((await rest.CallAsync("ListOperatorActs", new JsonObject { ["credential"] = "key:k0000000000000000" })).Json!["acts"]!.AsArray());
    }

    [Fact]
    public async Task What_the_installations_operator_does_to_a_tenant_the_tenant_can_read_F66()
    {
        var world = await running.WorldAsync("watched");
        var operators = new RestFace(running.Http, world.Key);
        var made = await operators.CallAsync("CreateApiKey", new JsonObject { ["tenantId"] = "watched-north", ["displayName"] = "first", ["scopes"] = new JsonArray("audit:read", "keys:write") });
        Assert.True(ApiKeyText.TryParse((string?)made.Json!["secret"], out var key), made.ToString());

        // The world put the tenant; then its first key was made.
        var acts = await ListedAsync(new RestFace(running.Http, key), 2);

        Assert.Equal(["OPERATOR_ACT_KIND_CREATE_API_KEY", "OPERATOR_ACT_KIND_PUT_TENANT"], acts.Select(act => (string?)act!["kind"]).Order());
        Assert.All(acts, act => Assert.Equal($"installation:{world.Key.KeyId}", (string?)act!["credential"]));
    }

    /// <summary>What the gateway keeps comes to the list a moment later.</summary>
    private static async Task<JsonArray> ListedAsync(RestFace rest, int count)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var acts = (await rest.CallAsync("ListOperatorActs", new JsonObject { ["pageSize"] = 500 })).Json!["acts"]!.AsArray();
            if (acts.Count(act => (string?)act!["state"] == "OPERATOR_ACT_STATE_DONE") >= count)
                return acts;
            Assert.True(watch.Elapsed < _limit, $"Only {acts.Count} acts are listed.");
            await Task.Delay(20);
        }
    }
}
