using System.Collections.Concurrent;
using System.Text.Json;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Transport.Tests;

/// <summary>F68, F70: events on a real broker, read by ours and by others.</summary>
public sealed class TellingEventsOverRabbitMq
{
    [Fact]
    public async Task A_group_hears_each_event_once_in_the_order_of_its_subject_however_late_it_listens()
    {
        var broker = await RabbitServer.SharedAsync();
        await using var source = await RunningTransport.StartAsync(broker, "credits");
        await source.Topic.PublishAsync([.. Enumerable.Range(1, 40).SelectMany(n => new[] { RunningTransport.Event(n), RunningTransport.Event(n, subject: "pool-2") })], default);
        await source.Topic.PublishAsync([RunningTransport.Event(1, subject: "m-1", type: "message.sent") with { Data = new MessageEvent() }], default);

        await using var listener = await RunningTransport.StartAsync(broker);
        var heard = new ConcurrentQueue<EventEnvelope>();
        await using var subscription = listener.Topic.Subscribe(EventGroup.DispatcherOfPools, (happened, _) =>
        {
            heard.Enqueue(happened);
            return Task.CompletedTask;
        });
        await Eventually.TrueAsync(() => heard.Count >= 80, "all events are heard");

        foreach (var subject in new[] { "pool-1", "pool-2" })
            Assert.Equal(Enumerable.Range(1, 40).Select(n => (long)n), heard.Where(happened => happened.Subject == subject).Select(happened => happened.Sequence));
        Assert.Equal(80, heard.Select(happened => happened.EventId).Distinct().Count());
        Assert.Equal(RunningTransport.Event(7), heard.Single(happened => happened is { Subject: "pool-1", Sequence: 7 }));
    }

    [Fact]
    public async Task Two_instances_of_a_group_share_its_events_and_a_handler_that_fails_is_called_again()
    {
        var broker = await RabbitServer.SharedAsync();
        await using var one = await RunningTransport.StartAsync(broker);
        await using var two = await RunningTransport.StartAsync(broker);
        var (heard, failed) = (new ConcurrentBag<string>(), new ConcurrentDictionary<string, int>());
        Task HandleAsync(EventEnvelope happened, CancellationToken ct)
        {
            if (happened.Sequence % 10 == 0 && failed.AddOrUpdate(happened.EventId, 1, (_, times) => times + 1) < 3)
                throw new InvalidOperationException("canary");
            heard.Add(happened.EventId);
            return Task.CompletedTask;
        }

        await using var first = one.Topic.Subscribe(EventGroup.DispatcherOfPools, HandleAsync);
        await using var second = two.Topic.Subscribe(EventGroup.DispatcherOfPools, HandleAsync);
        await one.Topic.PublishAsync([.. Enumerable.Range(1, 50).Select(n => RunningTransport.Event(n, subject: $"pool-{n}"))], default);
        await Eventually.TrueAsync(() => heard.Count >= 50, "all events are heard");

        Assert.Equal(50, heard.Distinct().Count());
        Assert.Equal(50, heard.Count);
    }

    /// <summary>F42: the error queue of events, with replay.</summary>
    [Fact]
    public async Task An_event_that_no_attempt_could_deal_with_is_set_aside_and_replayed()
    {
        var broker = await RabbitServer.SharedAsync();
        await using var transport = await RunningTransport.StartAsync(broker);
        var (broken, heard) = (true, new ConcurrentQueue<long>());
        await using var subscription = transport.Topic.Subscribe(EventGroup.DispatcherOfPools, (happened, _) =>
        {
            if (broken && happened.Sequence == 1)
                throw new InvalidOperationException("canary");
            heard.Enqueue(happened.Sequence);
            return Task.CompletedTask;
        });
        await transport.Topic.PublishAsync([RunningTransport.Event(1), RunningTransport.Event(2)], default);
        await Eventually.TrueAsync(() => heard.Contains(2), "the event behind the broken one is heard");

        broken = false;
        var (replayed, left) = (0, 0);
        await Eventually.TrueAsync(async () =>
        {
            (replayed, left) = await transport.Errors.ReplayAsync(ErrorQueue.Events, "acme", 10, default);
            return replayed == 1;
        }, TimeSpan.FromSeconds(20), "the error is replayed");
        await Eventually.TrueAsync(() => heard.Contains(1), "the replayed event is heard");

        Assert.Equal(0, left);
        Assert.Equal([2, 1], heard);
    }

    /// <summary>docs/events.md shows this shape.</summary>
    [Fact]
    public async Task A_tenant_reads_its_own_events_as_plain_json_and_nobody_elses()
    {
        var broker = await RabbitServer.SharedAsync();
        await using var transport = await RunningTransport.StartAsync(broker, "dispatcher", "acme", "other");
        await transport.Topic.PublishAsync([RunningTransport.Event(3), RunningTransport.Event(4, tenant: "other")], default);

        await using var connection = await RunningTransport.ConnectAsync(broker, "tenant-acme");
        await using var channel = await connection.CreateChannelAsync();
        var body = (await channel.BasicGetAsync("pennypost.events-of.acme", autoAck: true))!.Body;
        Assert.Null(await channel.BasicGetAsync("pennypost.events-of.acme", autoAck: true));
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => channel.BasicGetAsync("pennypost.events-of.other", autoAck: true));

        using var json = JsonDocument.Parse(body);
        Assert.Equal(["data", "eventId", "sequence", "subject", "tenant", "time", "type"], json.RootElement.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal("pool.granted", json.RootElement.GetProperty("type").GetString());
        Assert.Equal("ENTRY_KIND_GRANTED", json.RootElement.GetProperty("data").GetProperty("entry").GetProperty("kind").GetString());
        Assert.Contains("ACCESS_REFUSED", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publishing_again_until_it_is_confirmed_waits_out_a_broker_that_is_away_and_loses_nothing()
    {
        await using var broker = await RabbitServer.StartAsync();
        await using var transport = await RunningTransport.StartAsync(broker.Whole);
        var heard = new ConcurrentDictionary<long, int>();
        await using var subscription = transport.Topic.Subscribe(EventGroup.DispatcherOfPools, (happened, _) =>
        {
            heard.AddOrUpdate(happened.Sequence, 1, (_, times) => times + 1);
            return Task.CompletedTask;
        });
        await transport.Topic.PublishAsync([.. Enumerable.Range(1, 20).Select(n => RunningTransport.Event(n, subject: $"pool-{n}"))], default);

        broker.Kill();
        var during = UntilConfirmedAsync(transport, [.. Enumerable.Range(21, 20).Select(n => RunningTransport.Event(n, subject: $"pool-{n}"))]);
        await Assert.ThrowsAsync<TimeoutException>(() => during.WaitAsync(TimeSpan.FromSeconds(3)));
        await broker.RestartAsync();
        await during.WaitAsync(RunningTransport.ComesBack);

        await Eventually.TrueAsync(() => heard.Count == 40, RunningTransport.ComesBack, "all events are heard");
    }

    /// <summary>As the relay of the journal does.</summary>
    private static async Task UntilConfirmedAsync(RunningTransport transport, IReadOnlyList<EventEnvelope> events)
    {
        while (true)
        {
            try
            {
                await transport.Topic.PublishAsync(events, default);
                return;
            }
            catch (Exception unconfirmed) when (RunningTransport.IsUnconfirmed(unconfirmed))
            {
                await Task.Delay(100);
            }
        }
    }

    [Fact]
    public async Task A_host_that_starts_before_its_broker_says_what_is_missing_and_goes_on_by_itself()
    {
        await using var broker = await RabbitServer.StartAsync();
        broker.Kill();
        await using var transport = await RunningTransport.StartAsync(broker.Whole);
        using var http = new HttpClient();
        var publishing = UntilConfirmedAsync(transport, [RunningTransport.Event(1)]);

        var answer = await (await http.GetAsync(new Uri(transport.Http, "/health/ready"))).Content.ReadAsStringAsync();
        Assert.Contains("broker", answer, StringComparison.Ordinal);
        Assert.False(publishing.IsCompleted);
        await broker.RestartAsync();
        await publishing.WaitAsync(RunningTransport.ComesBack);

        await Eventually.TrueAsync(async () => (await http.GetAsync(new Uri(transport.Http, "/health/ready"))).IsSuccessStatusCode, RunningTransport.ComesBack, "it is ready");
    }
}
