using Microsoft.Extensions.DependencyInjection;
using Pennypost.Gateway.Audit;
using Pennypost.Gateway.Keys;
using Pennypost.Store;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Tests;

// F66, F69: every change of keys, tenants, webhooks and plan overrides is on record, and comes to the tenant's one list.
public sealed class RecordingActs : IAsyncLifetime
{
    private readonly RunningGateway gateway = new(new() { ["Gateway:Webhooks:AllowLoopback"] = "true" });

    [Fact]
    public async Task Every_change_is_told_twice_before_it_takes_effect_and_how_it_ended()
    {
        using var operators = gateway.Client(await gateway.KeyAsync("operators", Scopes.All));
        var made = await gateway.SendAsync("POST", "/v1/apiKeys", """{"displayName": "one more", "scopes": ["messages:read", "events:read"]}""");
        var keyId = (string)made.Json["apiKey"]!["keyId"]!;
        await gateway.SendAsync("POST", $"/v1/apiKeys/{keyId}:rotate", """{"overlap": "60s"}""");
        await gateway.SendAsync("DELETE", $"/v1/apiKeys/{keyId}");
        await gateway.SendAsync("DELETE", "/v1/apiKeys/knobody");
        await gateway.SendAsync("POST", "/v1/apiKeys", """{"displayName": "more", "scopes": ["tenants:write"]}""");
        await gateway.SendAsync("PUT", "/v1/webhooks/main", """{"url": "http://127.0.0.1:9/", "disabled": true}""");
        await gateway.SendAsync("POST", "/v1/webhooks/main:rotateSecret", """{"overlap": "0s"}""");
        await gateway.SendAsync("POST", "/v1/webhooks/main:replay", """{"fromTime": "2020-01-01T00:00:00Z"}""");
        await gateway.SendAsync("DELETE", "/v1/webhooks/main");
        await gateway.SendAsync("PUT", "/v1/plans/sales_navigator_core/override", """{"floor": "4"}""");
        await gateway.SendAsync("PUT", "/v1/tenants/acme", """{"displayName": "Acme"}""", operators);
        var ends = () => gateway.Dispatcher.Acts.Where(told => told.Tenant == "acme" && told.Act.State != OperatorActState.Begun).ToList();
        await Eventually.HoldsAsync(() => ends().Count >= 12);

        var byKey = $"key:{gateway.Acme.KeyId}";
        Assert.Equal(
            [
                $"CreateApiKey command-line {gateway.Acme.KeyId} Done",
                $"CreateApiKey {byKey} {keyId} Done",
                $"RotateApiKey {byKey} {keyId} Done",
                $"RevokeApiKey {byKey} {keyId} Done",
                $"RevokeApiKey {byKey} knobody Refused KEY_NOT_FOUND",
                $"CreateApiKey {byKey} * Refused SCOPE_MISSING",
                $"PutWebhook {byKey} main Done",
                $"RotateWebhookSecret {byKey} main Done",
                $"ReplayWebhook {byKey} main Done",
                $"DeleteWebhook {byKey} main Done",
                $"PutPlanOverride {byKey} sales_navigator_core Done",
            ],
            ends().SkipLast(1).Select(told => $"{told.Act.Kind} {told.Act.Credential} {(told.Act.Refusal == "SCOPE_MISSING" ? "*" : told.Act.KeyId)}{told.Act.WebhookId}{told.Act.PlanId} {told.Act.State}{(told.Act.Refusal.Length > 0 ? " " + told.Act.Refusal : "")}"));
        // What the installation's operator did to the tenant stands in the tenant's list.
        Assert.Equal((OperatorActKind.PutTenant, OperatorActState.Done), (ends()[^1].Act.Kind, ends()[^1].Act.State));
        Assert.StartsWith("installation:k", ends()[^1].Act.Credential, StringComparison.Ordinal);
        Assert.Equal(["messages:read", "events:read"], ends()[1].Act.Scopes);
        foreach (var end in ends())
        {
            var begun = gateway.Dispatcher.Acts.First(told => told.ActId == end.ActId);
            Assert.Equal((OperatorActState.Begun, end.Act.Kind, end.Act.ActTime), (begun.Act.State, begun.Act.Kind, begun.Act.ActTime));
            Assert.True(end.Act.EndTime >= end.Act.ActTime);
        }
        var secret = ((string)made.Json["secret"]!).Split('.')[2];
        Assert.All(gateway.Dispatcher.Acts, told => Assert.DoesNotContain(secret, told.Act.ToString(), StringComparison.Ordinal));
        Assert.All(gateway.Dispatcher.Acts, told => Assert.DoesNotContain("127.0.0.1", told.Act.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_is_revoked_though_the_dispatcher_is_away_and_that_is_on_record()
    {
        var key = await gateway.KeyAsync("acme", [Scopes.MessagesRead]);
        await gateway.StopDispatcherAsync();

        var revoked = await gateway.SendAsync("DELETE", $"/v1/apiKeys/{key.KeyId}");
        using var client = gateway.Client(key);

        Assert.Equal(200, revoked.Status);
        Assert.Equal(401, (await gateway.SendAsync("GET", "/v1/apiKeys", client: client)).Status);
        var journal = await gateway.App.Services.GetRequiredService<StateStore>().ReadJournalAsync(new PartitionId(AdministrativeActs.Kind, "acme", "_"), 1, 100, default);
        Assert.Equal([AdministrativeActs.Begun, AdministrativeActs.Ended], journal.Entries.TakeLast(2).Select(entry => entry.Type));
    }

    [Fact]
    public async Task What_only_looks_is_no_act_and_what_is_malformed_is_none()
    {
        await Eventually.HoldsAsync(() => gateway.Dispatcher.Acts.Count >= 4);
        var before = gateway.Dispatcher.Acts.Count;
        await gateway.SendAsync("PUT", "/v1/plans/sales_navigator_core/override?validateOnly=true", """{"floor": "4"}""");
        await gateway.SendAsync("POST", "/v1/apiKeys", "{}");
        await gateway.SendAsync("PUT", "/v1/webhooks/main", """{"url": "no address"}""");
        await gateway.SendAsync("DELETE", "/v1/apiKeys/knobody");
        await Eventually.HoldsAsync(() => gateway.Dispatcher.Acts.Count >= before + 2);

        Assert.Equal([OperatorActKind.RevokeApiKey, OperatorActKind.RevokeApiKey], gateway.Dispatcher.Acts.Skip(before).Select(told => told.Act.Kind));
    }

    [Fact]
    public async Task What_cannot_be_recorded_is_not_done()
    {
        var acts = gateway.App.Services.GetRequiredService<AdministrativeActs>();
        using var leaving = new CancellationTokenSource();
        await leaving.CancelAsync();
        var done = false;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => acts.RecordAsync("acme", "service", new OperatorAct { Kind = OperatorActKind.RevokeApiKey }, () => Task.FromResult(done = true), leaving.Token));

        Assert.False(done);
    }

    public Task InitializeAsync() => gateway.InitializeAsync();

    public Task DisposeAsync() => gateway.DisposeAsync();
}
