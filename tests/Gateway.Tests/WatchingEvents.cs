using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Pennypost.Gateway.Events;
using Pennypost.Gateway.V1;
using Pennypost.Store;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Tests;

/// <summary>F70: the timeline as callers see it.</summary>
public sealed class WatchingEvents : IAsyncLifetime
{
    private readonly RunningGateway gateway = new(new() { ["Gateway:Events:Heartbeat"] = "00:00:00.300", ["Gateway:Events:AtOnce"] = "10", ["Gateway:Events:KeepEvents"] = "1000", ["Store:RelayPoll"] = "00:00:00.500" });

    public Task InitializeAsync() => gateway.InitializeAsync();

    public Task DisposeAsync() => gateway.DisposeAsync();

    [Fact]
    public async Task Every_event_is_told_once_and_in_order_however_often_it_is_published_F70()
    {
        using var watch = await WatchAsync(new());
        await PublishAsync([.. Enumerable.Range(1, 30).Select(n => Told("m1", n))]);
        await PublishAsync([.. Enumerable.Range(21, 20).Select(n => Told("m1", n))]);
        await PublishAsync([Told("m1", 40), Told("m9", 1, "zenith")]);

        Assert.Equal(Enumerable.Range(1, 40).Select(n => (long)n), (await watch.TakeAsync(40)).Select(item => item.Event.Sequence));
        Assert.Null((await watch.NextAsync()).Event);
    }

    [Fact]
    public async Task A_watch_is_taken_up_from_any_of_its_tokens_F70()
    {
        using var watch = await WatchAsync(new());
        await PublishAsync([.. Enumerable.Range(1, 20).Select(n => Told("m1", n))]);
        var items = await watch.TakeAsync(20);

        foreach (var at in (int[])[0, 7, 19])
        {
            using var again = await WatchAsync(new() { ResumeToken = items[at].ResumeToken });
            Assert.Equal(Enumerable.Range(at + 2, 19 - at).Select(n => (long)n), (await again.TakeAsync(19 - at)).Select(item => item.Event.Sequence));
        }
    }

    [Fact]
    public async Task A_quiet_watch_beats_with_a_token_that_goes_on_where_it_is_F70()
    {
        using var watch = await WatchAsync(new() { Types_ = { "pool" } });
        await PublishAsync([Told("m1", 1)]);
        await Eventually(async () => (await gateway.Api.ListEventsAsync(new(), As)).Events.Count == 1);
        WatchEventsResponse beat = new();
        for (var beats = 0; beats < 3; beats++) beat = await watch.NextAsync();

        Assert.Null(beat.Event);
        using var again = await WatchAsync(new() { ResumeToken = beat.ResumeToken });
        await PublishAsync([Told("m1", 2)]);
        Assert.Equal(2, (await again.TakeAsync(1))[0].Event.Sequence);
    }

    [Fact]
    public async Task Of_types_and_subjects_only_what_was_asked_for_comes_F70()
    {
        var from = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch);
        await PublishAsync([Told("m1", 1), Pool("p1", 3), Told("m2", 1), Told("m1", 2)]);

        async Task<IEnumerable<string>> HeardAsync(ListEventsRequest request) => (await gateway.Api.ListEventsAsync(request, As)).Events.Select(happened => happened.EventId);
        Assert.Equal(["acme.m1.1", "pool:acme:p1:3", "acme.m2.1", "acme.m1.2"], await HeardAsync(new() { FromTime = from }));
        Assert.Equal(["pool:acme:p1:3"], await HeardAsync(new() { Types_ = { "pool" } }));
        Assert.Equal(["acme.m1.1", "acme.m1.2"], await HeardAsync(new() { Subjects = { "m1" } }));
        Assert.Empty((await gateway.Api.ListEventsAsync(new(), RunningGateway.As(gateway.Zenith))).Events);
    }

    [Fact]
    public async Task Pages_and_then_a_watch_lead_through_everything_F70()
    {
        await PublishAsync([.. Enumerable.Range(1, 25).Select(n => Told("m1", n))]);
        var (heard, page) = (new List<long>(), new ListEventsResponse());
        do
        {
            page = await gateway.Api.ListEventsAsync(new() { PageSize = 10, PageToken = page.NextPageToken }, As);
            heard.AddRange(page.Events.Select(happened => happened.Sequence));
        }
        while (page.NextPageToken.Length > 0);
        using var watch = await WatchAsync(new() { ResumeToken = page.ResumeToken });
        await PublishAsync([Told("m1", 26)]);
        heard.AddRange((await watch.TakeAsync(1)).Select(item => item.Event.Sequence));

        Assert.Equal(Enumerable.Range(1, 26).Select(n => (long)n), heard);
    }

    [Fact]
    public async Task A_time_begins_with_what_came_then_F70()
    {
        await PublishAsync([Told("m1", 1)]);
        await Task.Delay(20);
        await PublishAsync([Told("m1", 2), Told("m1", 3)]);
        await Task.Delay(20);
        await PublishAsync([Told("m1", 4)]);
        var all = (await gateway.Api.ListEventsAsync(new(), As)).Events;

        foreach (var happened in all)
        {
            var from = (await gateway.Api.ListEventsAsync(new() { FromTime = happened.RecordTime }, As)).Events;
            Assert.Equal(all.Where(other => other.RecordTime.CompareTo(happened.RecordTime) >= 0), from);
        }
        Assert.Empty((await gateway.Api.ListEventsAsync(new() { FromTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddHours(1)) }, As)).Events);
    }

    [Fact]
    public async Task Over_REST_events_are_server_sent_with_their_token_as_id_F70()
    {
        await PublishAsync([Told("m1", 1), Told("m1", 2)]);
        var page = await gateway.SendAsync("GET", "/v1/events?page_size=1&types=message");
        Assert.Equal(("1", "message.sent", "acme.m1.1"), (page.Json["events"]![0]!["sequence"]!.GetValue<string>(), page.Json["events"]![0]!["type"]!.GetValue<string>(), page.Json["events"]![0]!["eventId"]!.GetValue<string>()));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events:watch");
        request.Headers.Add("Last-Event-ID", page.Json["resumeToken"]!.GetValue<string>());
        using var response = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        string? line, id = null;
        do
        {
            line = await lines.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10));
            if (line!.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
        }
        while (!line.Contains("acme.m1.2", StringComparison.Ordinal));
        Assert.Equal("MESSAGE_EVENT_KIND_SENT", JsonNode.Parse(line["data: ".Length..])!["event"]!["message"]!["kind"]!.GetValue<string>());
        Assert.NotNull(TimelinePosition.Read(id!, "acme"));
    }

    [Fact]
    public async Task What_was_let_go_of_is_never_skipped_silently_F70()
    {
        using var watch = await WatchAsync(new());
        await PublishAsync([.. Enumerable.Range(1, 40).Select(n => Told("m1", n))]);
        var early = (await watch.TakeAsync(40))[0].ResumeToken;
        for (var batch = 0; batch < 11; batch++) await PublishAsync([.. Enumerable.Range((batch * 100) + 41, 100).Select(n => Told("m1", n))]);
        var store = gateway.App.Services.GetRequiredService<StateStore>();
        await Eventually(async () =>
        {
            // Only what the relay has passed goes.
            await store.IsRelayedAsync(Timelines.Partition("acme"), 1140, default);
            await gateway.App.Services.GetRequiredService<Timelines>().TrimAsync("acme", default);
            return (await gateway.Api.ListEventsAsync(new() { PageSize = 1 }, As)).Events[0].Sequence > 40;
        }, seconds: 30);

        var kept = (await gateway.Api.ListEventsAsync(new() { PageSize = 500 }, As)).Events;
        Assert.InRange(kept[0].Sequence, 100, 141);
        var lost = await Assert.ThrowsAsync<RpcException>(async () => { using var again = await WatchAsync(new() { ResumeToken = early }); });
        Assert.Equal(StatusCode.FailedPrecondition, lost.StatusCode);
        var answer = await gateway.SendAsync("GET", $"/v1/events?page_token={early}");
        Assert.Equal((400, "WATCH_POSITION_LOST"), (answer.Status, answer.Reason));
        answer = await gateway.SendAsync("GET", "/v1/events?from_time=2020-01-01T00:00:00Z");
        Assert.Equal("WATCH_POSITION_LOST", answer.Reason);
        Assert.Contains(kept[0].RecordTime.ToDateTimeOffset().ToString("yyyy-MM-ddTHH:mm:ss.fff", System.Globalization.CultureInfo.InvariantCulture), answer.Text, StringComparison.Ordinal);
        // The chain of what is kept still holds.
        Assert.IsType<JournalVerification.Intact>(await store.VerifyAsync(Timelines.Partition("acme"), default));
    }

    /// <summary>Two instances on one store: one hears of events, the other tells them, and takes watches and deliveries up.</summary>
    [Fact]
    public async Task Any_instance_tells_what_another_heard_F70()
    {
        var folder = Directory.CreateTempSubdirectory("pennypost-two-gateways-");
        var settings = new Dictionary<string, string?>
        {
            ["Store:Path"] = folder.FullName,
            ["Gateway:Webhooks:AllowLoopback"] = "true",
            ["Gateway:Webhooks:Timeout"] = "00:00:00.400",
            ["Gateway:Webhooks:Lease"] = "00:00:01",
            ["Gateway:Webhooks:Poll"] = "00:00:00.100",
        };
        var (one, two) = (new RunningGateway(new(settings) { ["Gateway:Webhooks:Deliver"] = "false" }), new RunningGateway(new(settings) { ["Gateway:Events:Listen"] = "false" }));
        await one.InitializeAsync();
        await two.InitializeAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        await one.SendAsync("PUT", "/v1/webhooks/main", $$"""{"url": "{{receiver.Url}}"}""");
        using var watch = new Watch(two.Api.WatchEvents(new(), RunningGateway.As(two.Acme)));
        await watch.NextAsync();
        var topic = one.App.Services.GetRequiredService<IEventTopic>();
        for (var n = 1; n <= 20; n++) await topic.PublishAsync([Told("m1", n), Told("m2", n)], default);
        var items = await watch.TakeAsync(40);

        foreach (var subject in (string[])["m1", "m2"]) Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), items.Where(item => item.Event.Subject == subject).Select(item => item.Event.Sequence));
        using var back = new Watch(one.Api.WatchEvents(new() { ResumeToken = items[29].ResumeToken }, RunningGateway.As(one.Acme)));
        Assert.Equal(items.Skip(30).Select(item => item.Event), (await back.TakeAsync(10)).Select(item => item.Event));
        await Eventually(() => Task.FromResult(receiver.Came.Count >= 40));
        Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), receiver.Of("m1").Select(delivered => delivered.Sequence).Distinct());
        await one.DisposeAsync();
        await two.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Broken_requests_are_refused_with_everything_that_is_wrong_F70()
    {
        var answer = await gateway.SendAsync("GET", "/v1/events:watch?types=A%20B&subjects=x%20y&from_time=2026-01-01T00:00:00Z&resume_token=abc");
        Assert.Equal(["types[0]", "subjects[0]", "from_time"], answer.Violations);
        Assert.Equal(["resume_token"], (await gateway.SendAsync("GET", "/v1/events:watch?resume_token=abc")).Violations);
        Assert.Equal(["page_token"], (await gateway.SendAsync("GET", $"/v1/events?page_token={new TimelinePosition(1, 1).ToToken("zenith")}")).Violations);
    }

    private Metadata As => RunningGateway.As(gateway.Acme);

    private Task PublishAsync(params EventEnvelope[] events) => gateway.App.Services.GetRequiredService<IEventTopic>().PublishAsync(events, default);

    private static EventEnvelope Told(string messageId, long sequence, string tenant = "acme") => new()
    {
        EventId = $"{tenant}.{messageId}.{sequence}",
        Tenant = tenant,
        Type = "message.sent",
        Subject = messageId,
        Sequence = sequence,
        Time = DateTimeOffset.UnixEpoch,
        Data = new MessageEvent { Sequence = sequence, Kind = MessageEventKind.Sent },
    };

    private static EventEnvelope Pool(string poolId, long number) =>
        new() { EventId = $"pool:acme:{poolId}:{number}", Tenant = "acme", Type = "pool.granted", Subject = poolId, Sequence = number, Time = DateTimeOffset.UnixEpoch, Data = new PoolEvent { PoolId = poolId } };

    private async Task<Watch> WatchAsync(WatchEventsRequest request)
    {
        var watch = new Watch(gateway.Api.WatchEvents(request, As));
        // The first item says that it listens.
        Assert.Null((await watch.NextAsync()).Event);
        return watch;
    }

    internal static async Task Eventually(Func<Task<bool>> holds, int seconds = 10)
    {
        var until = DateTime.UtcNow.AddSeconds(seconds);
        while (!await holds())
        {
            Assert.True(DateTime.UtcNow < until, "not in time");
            await Task.Delay(50);
        }
    }

    private sealed class Watch(AsyncServerStreamingCall<WatchEventsResponse> call) : IDisposable
    {
        public async Task<WatchEventsResponse> NextAsync()
        {
            Assert.True(await call.ResponseStream.MoveNext(default).WaitAsync(TimeSpan.FromSeconds(20)));
            return call.ResponseStream.Current;
        }

        /// <summary>So many events, past the beats.</summary>
        public async Task<IReadOnlyList<WatchEventsResponse>> TakeAsync(int count)
        {
            var items = new List<WatchEventsResponse>();
            while (items.Count < count)
                if (await NextAsync() is { Event: not null } item) items.Add(item);
            return items;
        }

        public void Dispose() => call.Dispose();
    }
}
