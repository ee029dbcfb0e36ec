using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Pennypost.Store;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Tests;

/// <summary>F70: events posted to a real receiver.</summary>
public sealed class DeliveringWebhooks : IAsyncLifetime
{
    private readonly RunningGateway gateway = new(new()
    {
        ["Gateway:Webhooks:AllowLoopback"] = "true",
        ["Gateway:Webhooks:Timeout"] = "00:00:00.500",
        ["Gateway:Webhooks:Lease"] = "00:00:02",
        ["Gateway:Webhooks:FirstPause"] = "00:00:00.050",
        ["Gateway:Webhooks:LongestPause"] = "00:00:00.200",
        ["Gateway:Webhooks:GiveUpAfter"] = "00:00:02",
        ["Gateway:Webhooks:BreakerPause"] = "00:00:00.100",
        ["Gateway:Webhooks:Poll"] = "00:00:00.100",
    });

    private WebhookReceiver receiver = null!;

    public async Task InitializeAsync()
    {
        await gateway.InitializeAsync();
        receiver = await WebhookReceiver.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await gateway.DisposeAsync();
        await receiver.DisposeAsync();
    }

    [Fact]
    public async Task Events_arrive_signed_in_the_order_of_their_subject_and_only_from_then_on_F70()
    {
        await PublishAsync(Told("before", 1));
        var secret = await PutAsync("main");
        await PublishAsync([.. Enumerable.Range(1, 40).SelectMany(n => new[] { Told("m1", n), Told("m2", n) })]);
        await CameAsync(80);

        Assert.Empty(receiver.Of("before"));
        foreach (var subject in (string[])["m1", "m2"]) Assert.Equal(Enumerable.Range(1, 40).Select(n => (long)n), receiver.Of(subject).Select(delivered => delivered.Sequence));
        var first = receiver.Came.First();
        Assert.All(receiver.Came, delivered => Assert.True(delivered.IsSignedBy(secret)));
        Assert.False((first with { Body = first.Body + " " }).IsSignedBy(secret));
        Assert.Equal(first.Id, first.Json["eventId"]!.GetValue<string>());
        Assert.InRange(first.Timestamp, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 20, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        await UntilAsync("main", webhook => webhook["delivered"]!.GetValue<string>() == "80");
    }

    [Fact]
    public async Task A_secret_is_shown_once_stored_sealed_and_never_logged_F70()
    {
        var secret = await PutAsync("main");
        var again = await gateway.SendAsync("PUT", "/v1/webhooks/main", Webhook());
        var got = await gateway.SendAsync("GET", "/v1/webhooks/main");
        await PublishAsync(Told("m1", 1));
        await CameAsync(1);

        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        Assert.Equal("", again.Json["secret"]!.GetValue<string>());
        Assert.DoesNotContain("whsec_", again.Text + got.Text + gateway.Log.All, StringComparison.Ordinal);
        Assert.DoesNotContain(receiver.Url.Authority, gateway.Log.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_a_secret_is_changed_both_sign_F70()
    {
        var old = await PutAsync("main");
        var rotated = await gateway.SendAsync("POST", "/v1/webhooks/main:rotateSecret", "{}");
        var fresh = rotated.Json["secret"]!.GetValue<string>();
        await PublishAsync(Told("m1", 1));
        await CameAsync(1);
        Assert.True(receiver.Came.Last().IsSignedBy(old) && receiver.Came.Last().IsSignedBy(fresh));

        var last = (await gateway.SendAsync("POST", "/v1/webhooks/main:rotateSecret", """{"overlap": "0s"}""")).Json["secret"]!.GetValue<string>();
        await PublishAsync(Told("m1", 2));
        await CameAsync(2);
        Assert.True(receiver.Came.Last().IsSignedBy(last) && !receiver.Came.Last().IsSignedBy(fresh) && !receiver.Came.Last().IsSignedBy(old));
        Assert.Equal(["overlap"], (await gateway.SendAsync("POST", "/v1/webhooks/main:rotateSecret", """{"overlap": "604801s"}""")).Violations);
    }

    [Fact]
    public async Task A_failing_event_holds_up_its_own_subject_only_and_arrives_once_the_receiver_takes_it_F70()
    {
        await PutAsync("main");
        var refuses = true;
        receiver.Answer = delivered => refuses && delivered.Subject == "m1" ? 500 : 200;
        await PublishAsync(Told("m1", 1), Told("m2", 1), Told("m1", 2), Told("m2", 2));
        await CameAsync(2);
        var waiting = await UntilAsync("main", webhook => webhook["retrying"]!.GetValue<int>() == 2);
        refuses = false;
        await CameAsync(4);

        Assert.Equal("WEBHOOK_STATE_ACTIVE", waiting["state"]!.GetValue<string>());
        Assert.Equal([1, 2], receiver.Of("m1").Select(delivered => delivered.Sequence));
        await UntilAsync("main", webhook => webhook["retrying"]!.GetValue<int>() == 0);
    }

    [Fact]
    public async Task What_the_receiver_never_takes_is_given_up_listed_and_replayed_F70()
    {
        await PutAsync("main");
        receiver.Answer = delivered => delivered.Subject == "m1" && delivered.Sequence == 1 ? 410 : 200;
        await PublishAsync(Told("m1", 1), Told("m1", 2), Told("m2", 1));
        await UntilAsync("main", webhook => webhook["failed"]!.GetValue<int>() == 1);
        await CameAsync(2);

        var failures = await gateway.SendAsync("GET", "/v1/webhooks/main/failures");
        var failure = Assert.Single(failures.Json["failures"]!.AsArray())!;
        Assert.Equal(("acme.m1.1", "WEBHOOK_FAILURE_STATUS", 410), (failure["event"]!["eventId"]!.GetValue<string>(), failure["failure"]!.GetValue<string>(), failure["status"]!.GetValue<int>()));
        receiver.Answer = _ => 200;
        var replayed = await gateway.SendAsync("POST", "/v1/webhooks/main:replay", """{"fromTime": "2026-01-01T00:00:00Z", "onlyFailed": true}""");
        Assert.True(replayed.Json["webhook"]!["replaying"]!.GetValue<bool>());
        await CameAsync(3);

        Assert.Equal(["acme.m1.1"], receiver.Came.Skip(2).Select(delivered => delivered.Id));
        await UntilAsync("main", webhook => webhook["failed"]!.GetValue<int>() == 0 && !webhook["replaying"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_range_of_time_is_replayed_under_the_same_ids_F70()
    {
        await PutAsync("main", """{"types": ["message"]}""");
        await PublishAsync(Told("m1", 1), Told("m1", 2));
        await Task.Delay(20);
        await PublishAsync(Told("m1", 3), Pool("p1", 1));
        await Task.Delay(20);
        await PublishAsync(Told("m1", 4));
        await CameAsync(4);
        await UntilAsync("main", webhook => webhook["delivered"]!.GetValue<string>() == "4");
        var third = receiver.Came.Single(delivered => delivered.Sequence == 3).Json["recordTime"]!.GetValue<string>();
        var fourth = receiver.Came.Single(delivered => delivered.Sequence == 4).Json["recordTime"]!.GetValue<string>();

        await gateway.SendAsync("POST", "/v1/webhooks/main:replay", $$"""{"fromTime": "{{third}}", "toTime": "{{fourth}}"}""");
        await CameAsync(5);
        await gateway.SendAsync("POST", "/v1/webhooks/main:replay", """{"fromTime": "2026-01-01T00:00:00Z"}""");
        await CameAsync(9);

        Assert.Equal(["acme.m1.3", "acme.m1.1", "acme.m1.2", "acme.m1.3", "acme.m1.4"], receiver.Came.Skip(4).Select(delivered => delivered.Id));
    }

    [Fact]
    public async Task A_receiver_that_is_down_is_left_alone_and_gets_everything_when_it_is_back_F70()
    {
        await PutAsync("main");
        var tries = new ConcurrentQueue<string>();
        receiver.Answer = delivered =>
        {
            tries.Enqueue(delivered.Id);
            return 503;
        };
        await PublishAsync([.. Enumerable.Range(1, 100).Select(n => Told($"m{n}", 1))]);
        var failing = await UntilAsync("main", webhook => webhook["state"]!.GetValue<string>() == "WEBHOOK_STATE_FAILING");
        await Task.Delay(1_500);
        var tried = tries.Count;
        receiver.Answer = _ => 200;
        await CameAsync(100);

        Assert.NotNull(failing["resumeTime"]);
        Assert.InRange(tried, 5, 60);
        Assert.Equal(100, receiver.Came.Select(delivered => delivered.Id).Distinct().Count());
        var back = await UntilAsync("main", webhook => webhook["state"]!.GetValue<string>() == "WEBHOOK_STATE_ACTIVE");
        Assert.Equal(0, back["failed"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_test_delivery_says_what_came_of_it_F70()
    {
        var secret = await PutAsync("main");
        var well = await gateway.SendAsync("POST", "/v1/webhooks/main:test", "{}");
        receiver.Answer = _ => 404;
        var badly = await gateway.SendAsync("POST", "/v1/webhooks/main:test", "{}");
        receiver.Before = _ => Task.Delay(1_000);
        var late = await gateway.SendAsync("POST", "/v1/webhooks/main:test", "{}");

        Assert.True(well.Json["delivered"]!.GetValue<bool>());
        Assert.True(Assert.Single(receiver.Came).IsSignedBy(secret));
        Assert.Equal("webhook.test", receiver.Came.First().Json["type"]!.GetValue<string>());
        Assert.Equal((false, 404, "WEBHOOK_FAILURE_STATUS"), (badly.Json["delivered"]!.GetValue<bool>(), badly.Json["status"]!.GetValue<int>(), badly.Json["failure"]!.GetValue<string>()));
        Assert.Equal("WEBHOOK_FAILURE_TIMEOUT", late.Json["failure"]!.GetValue<string>());
    }

    [Fact]
    public async Task Switched_off_it_gets_nothing_and_switched_on_it_goes_on_where_it_was_F70()
    {
        await PutAsync("main");
        await PublishAsync(Told("m1", 1));
        await CameAsync(1);
        await gateway.SendAsync("PUT", "/v1/webhooks/main", Webhook(disabled: true));
        await PublishAsync(Told("m1", 2), Told("m1", 3));
        await Task.Delay(400);
        Assert.Single(receiver.Came);
        await gateway.SendAsync("PUT", "/v1/webhooks/main", Webhook());
        await CameAsync(3);

        Assert.Equal([1, 2, 3], receiver.Came.Select(delivered => delivered.Sequence));
    }

    [Fact]
    public async Task Deleted_it_gets_nothing_and_is_not_found_F70()
    {
        await PutAsync("main");
        await gateway.SendAsync("DELETE", "/v1/webhooks/main");
        await PublishAsync(Told("m1", 1));
        await Task.Delay(300);

        Assert.Empty(receiver.Came);
        foreach (var (verb, path) in ((string, string)[])[("GET", ""), ("POST", ":test"), ("POST", ":rotateSecret"), ("GET", "/failures")])
            Assert.Equal((404, "WEBHOOK_NOT_FOUND"), await gateway.SendAsync(verb, "/v1/webhooks/main" + path, verb == "POST" ? "{}" : null) is var answer ? (answer.Status, answer.Reason) : default);
        Assert.Equal(404, (await gateway.SendAsync("POST", "/v1/webhooks/main:replay", """{"fromTime": "2026-01-01T00:00:00Z"}""")).Status);
        Assert.Equal(200, (await gateway.SendAsync("DELETE", "/v1/webhooks/main")).Status);
    }

    [Fact]
    public async Task Webhooks_are_the_tenants_own_listed_by_id_and_twenty_at_most_F70()
    {
        for (var n = 1; n <= 20; n++) await PutAsync($"w{n:00}");
        var first = await gateway.SendAsync("GET", "/v1/webhooks?page_size=15");
        var second = await gateway.SendAsync("GET", $"/v1/webhooks?page_size=15&page_token={first.Json["nextPageToken"]!.GetValue<string>()}");
        using var zenith = gateway.Client(gateway.Zenith);

        Assert.Equal(Enumerable.Range(1, 20).Select(n => $"w{n:00}"), first.Json["webhooks"]!.AsArray().Concat(second.Json["webhooks"]!.AsArray()).Select(webhook => webhook!["webhookId"]!.GetValue<string>()));
        Assert.Equal("", second.Json["nextPageToken"]!.GetValue<string>());
        Assert.Equal(400, (await gateway.SendAsync("PUT", "/v1/webhooks/w21", Webhook())).Status);
        Assert.Equal(200, (await gateway.SendAsync("PUT", "/v1/webhooks/w20", Webhook())).Status);
        Assert.Empty((await gateway.SendAsync("GET", "/v1/webhooks", client: zenith)).Json["webhooks"]!.AsArray());
        Assert.Equal(404, (await gateway.SendAsync("GET", "/v1/webhooks/w01", client: zenith)).Status);
        await PublishAsync(Told("m1", 1, "zenith"));
        await Task.Delay(200);
        Assert.Empty(receiver.Came);
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_a_webhook_is_named_F70()
    {
        var answer = await gateway.SendAsync("PUT", "/v1/webhooks/a%20b", """{"url": "http://10.0.0.1/", "filter": {"types": ["A"], "subjects": ["x y"]}, "displayName": "" }""");

        Assert.Equal(["webhook.webhook_id", "webhook.url", "webhook.filter.types[0]", "webhook.filter.subjects[0]"], answer.Violations);
        Assert.Equal(["from_time"], (await gateway.SendAsync("POST", "/v1/webhooks/main:replay", "{}")).Violations);
    }

    [Fact]
    public async Task An_idle_webhook_leaves_nothing_due_F70()
    {
        await PutAsync("main");
        await PublishAsync(Told("m1", 1));
        await CameAsync(1);
        var store = gateway.App.Services.GetRequiredService<StateStore>();

        // But for the day when the oldest events are let go of.
        await WatchingEvents.Eventually(async () => await store.NextDueAsync(default) is { } due && due > DateTimeOffset.UtcNow.AddHours(1));
    }

    private string Webhook(string filter = "null", bool disabled = false) => $$"""{"url": "{{receiver.Url}}", "filter": {{filter}}, "disabled": {{(disabled ? "true" : "false")}} }""";

    private async Task<string> PutAsync(string id, string filter = "null")
    {
        var answer = await gateway.SendAsync("PUT", $"/v1/webhooks/{id}", Webhook(filter));
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json["secret"]!.GetValue<string>();
    }

    private Task CameAsync(int count) => WatchingEvents.Eventually(() => Task.FromResult(receiver.Came.Count >= count));

    private async Task<JsonNode> UntilAsync(string id, Predicate<JsonNode> holds)
    {
        JsonNode webhook = null!;
        await WatchingEvents.Eventually(async () => holds(webhook = (await gateway.SendAsync("GET", $"/v1/webhooks/{id}")).Json["webhook"]!));
        return webhook;
    }

    private Task PublishAsync(params EventEnvelope[] events) => gateway.App.Services.GetRequiredService<IEventTopic>().PublishAsync(events, default);

    private static EventEnvelope Told(string messageId, long sequence, string tenant = "acme") => new()
    {
        EventId = $"{tenant}.{messageId}.{sequence}",
        Tenant = tenant,
        Type = "message.sent",
        Subject = messageId,
        Sequence = sequence,
        Time = DateTimeOffset.UtcNow,
        Data = new MessageEvent { Sequence = sequence, Kind = MessageEventKind.Sent },
    };

    private static EventEnvelope Pool(string poolId, long number) =>
        new() { EventId = $"pool:acme:{poolId}:{number}", Tenant = "acme", Type = "pool.granted", Subject = poolId, Sequence = number, Time = DateTimeOffset.UtcNow, Data = new PoolEvent { PoolId = poolId } };
}
