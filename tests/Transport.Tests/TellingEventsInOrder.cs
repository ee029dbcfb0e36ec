using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Transport.Tests;

/// <summary>F70: a listener that keeps everything, in order, on a real broker and in process.</summary>
public sealed class TellingEventsInOrder
{
    [Fact]
    public async Task A_listener_that_fails_gets_the_same_again_and_another_takes_over_where_it_was_F70()
    {
        var broker = await RabbitServer.SharedAsync();
        await using var one = await RunningTransport.StartAsync(broker, "gateway");
        await using var two = await RunningTransport.StartAsync(broker, "gateway");
        var (heard, batches, fails) = (new ConcurrentQueue<(int By, EventEnvelope Event)>(), new ConcurrentQueue<int>(), 2);
        Func<IReadOnlyList<EventEnvelope>, CancellationToken, Task> By(int listener) => (events, _) =>
        {
            if (events.Any(happened => happened.Sequence == 20) && Interlocked.Decrement(ref fails) >= 0)
                throw new InvalidOperationException("canary");
            batches.Enqueue(events.Count);
            foreach (var happened in events)
                heard.Enqueue((listener, happened));
            return Task.CompletedTask;
        };
        await one.Topic.PublishAsync([.. Enumerable.Range(1, 200).SelectMany(n => new[] { RunningTransport.Event(n), RunningTransport.Event(n, subject: "a-1", type: "account.state") with { Data = new AccountStateEvent() } })], default);

        var first = one.Topic.SubscribeInOrder(EventGroup.Gateway, 16, By(1));
        await using var second = two.Topic.SubscribeInOrder(EventGroup.Gateway, 16, By(2));
        await Eventually.TrueAsync(() => heard.Select(line => line.Event.EventId).Distinct().Count() >= 400, RunningTransport.ComesBack, "all events are heard");
        // One that failed gave its place up: from then on it is the other's turn, or its own again.
        await first.DisposeAsync();
        await one.Topic.PublishAsync([.. Enumerable.Range(201, 20).Select(n => RunningTransport.Event(n))], default);
        await Eventually.TrueAsync(() => heard.Where(line => line is { By: 2, Event.Sequence: > 200 }).Select(line => line.Event.EventId).Distinct().Count() == 20, RunningTransport.ComesBack, "the other one goes on");

        foreach (var (subject, last) in new[] { ("pool-1", 220), ("a-1", 200) })
            Assert.Equal(Enumerable.Range(1, last).Select(n => (long)n), heard.Where(line => line.Event.Subject == subject).Select(line => line.Event.Sequence).Distinct());
        Assert.Contains(batches, count => count > 1);
        Assert.All(batches, count => Assert.InRange(count, 1, 16));
    }

    [Fact]
    public async Task What_is_no_event_is_set_aside_and_holds_up_nothing_F70()
    {
        var broker = await RabbitServer.SharedAsync();
        await using var transport = await RunningTransport.StartAsync(broker, "gateway");
        var heard = new ConcurrentQueue<string>();
        await using var subscription = transport.Topic.SubscribeInOrder(EventGroup.Gateway, 16, (events, _) =>
        {
            foreach (var happened in events)
                heard.Enqueue(happened.EventId);
            return Task.CompletedTask;
        });
        await transport.Topic.PublishAsync([RunningTransport.Event(1)], default);
        foreach (var body in new[] { "no json", "{}", "null", """{"eventId":"x","tenant":"acme","type":"pool.granted","subject":"p","sequence":1,"time":"2026-11-26T09:00:00Z","data":{"poolId":7}}""", """{"eventId":"y","tenant":"acme","type":"weather.sunny","subject":"p","sequence":1,"time":"2026-11-26T09:00:00Z","data":{}}""" })
            await RunningTransport.SendAsync(broker, "dispatcher", "pennypost.events", body, "acme.pool.granted");
        await transport.Topic.PublishAsync([RunningTransport.Event(2)], default);
        await Eventually.TrueAsync(() => heard.Contains("acme.pool-1.2"), RunningTransport.ComesBack, "the event behind them is heard");

        var (replayed, left) = await transport.Errors.ReplayAsync(ErrorQueue.Timeline, "acme", 3, default);
        Assert.Equal(3, replayed);
        // What is no event still is none: it comes back there.
        Assert.InRange(left, 1, 4);
    }

    [Fact]
    public async Task A_broker_that_dies_and_comes_back_loses_nothing_and_keeps_the_order_F70()
    {
        await using var broker = await RabbitServer.StartAsync();
        await using var transport = await RunningTransport.StartAsync(broker.Whole, "gateway");
        var heard = new ConcurrentQueue<long>();
        await using var subscription = transport.Topic.SubscribeInOrder(EventGroup.Gateway, 4, async (events, ct) =>
        {
            await Task.Delay(10, ct);
            foreach (var happened in events)
                heard.Enqueue(happened.Sequence);
        });
        await transport.Topic.PublishAsync([.. Enumerable.Range(1, 100).Select(n => RunningTransport.Event(n))], default);
        await Eventually.TrueAsync(() => heard.Count > 20, RunningTransport.ComesBack, "some are heard");
        broker.Kill();
        await broker.RestartAsync();

        await Eventually.TrueAsync(() => heard.Distinct().Count() == 100, RunningTransport.ComesBack, "all are heard");
        Assert.Equal(Enumerable.Range(1, 100).Select(n => (long)n), heard.Distinct());
    }

    [Fact]
    public async Task In_process_a_publisher_goes_on_when_the_listener_has_it_and_waits_for_one_that_must_not_miss_anything_F70()
    {
        var topic = new InProcessEventTopic(new(), TimeProvider.System, NullLogger<InProcessEventTopic>.Instance, EventGroup.Gateway);
        var early = topic.PublishAsync([RunningTransport.Event(1)], default);
        await Assert.ThrowsAsync<TimeoutException>(() => early.WaitAsync(TimeSpan.FromMilliseconds(200)));
        var heard = new ConcurrentQueue<long>();
        var fails = false;
        var listening = topic.SubscribeInOrder(EventGroup.Gateway, 10, (events, _) =>
        {
            if (fails)
                throw new InvalidOperationException("canary");
            foreach (var happened in events)
                heard.Enqueue(happened.Sequence);
            return Task.CompletedTask;
        });
        await early.WaitAsync(TimeSpan.FromSeconds(10));
        await topic.PublishAsync([.. Enumerable.Range(2, 24).Select(n => RunningTransport.Event(n))], default);
        Assert.Equal(Enumerable.Range(1, 25).Select(n => (long)n), heard);

        fails = true;
        await Assert.ThrowsAsync<InvalidOperationException>(() => topic.PublishAsync([RunningTransport.Event(26)], default));
        await listening.DisposeAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => topic.PublishAsync([RunningTransport.Event(26)], default).WaitAsync(TimeSpan.FromMilliseconds(200)));
    }

    [Fact]
    public async Task In_process_nobody_waits_for_a_listener_that_may_be_absent_F70() =>
        await new InProcessEventTopic(new(), TimeProvider.System, NullLogger<InProcessEventTopic>.Instance).PublishAsync([RunningTransport.Event(1)], default).WaitAsync(TimeSpan.FromSeconds(10));
}
