using Microsoft.Extensions.Logging.Abstractions;
using Pennypost.Transport;
using Pennypost.Types.V1;

namespace Transport.Tests;

public sealed class TellingEvents
{
    private static readonly TransportLimits Limits = new() { Capacity = 4, MaxAttempts = 3, FirstPause = TimeSpan.FromMilliseconds(1), MaxParked = 2 };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Every_group_hears_everything_in_order_and_one_consumer_of_each()
    {
        var topic = Topic();
        var heard = new Dictionary<string, List<long>> { ["a"] = [], ["b"] = [] };
        var left = new CountdownEvent(40);
        foreach (var group in heard.Keys)
            for (var consumer = 0; consumer < 1; consumer++)
                topic.Subscribe(Group(group), (happened, _) =>
                {
                    lock (heard) heard[group].Add(happened.Sequence);
                    left.Signal();
                    return Task.CompletedTask;
                });

        await topic.PublishAsync([.. Enumerable.Range(1, 20).Select(Event)], default);

        Assert.True(left.Wait(Patience));
        Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), heard["a"]);
        Assert.Equal(heard["a"], heard["b"]);
    }

    [Fact]
    public async Task A_handler_that_fails_is_called_again_then_its_event_is_parked_and_the_next_one_comes()
    {
        var topic = Topic();
        var attempts = 0;
        var second = new TaskCompletionSource();
        topic.Subscribe(Group("a"), (happened, _) =>
        {
            if (happened.Sequence == 2)
            {
                second.SetResult();
                return Task.CompletedTask;
            }
            attempts++;
            throw new InvalidOperationException("canary");
        });

        await topic.PublishAsync([Event(1), Event(2)], default);
        await second.Task.WaitAsync(Patience);

        Assert.Equal(3, attempts);
        var parked = Assert.Single(topic.ParkedErrors);
        Assert.Equal(("a", "e1", "acme", 3, "InvalidOperationException"), (parked.Group, parked.Id, parked.Tenant, parked.Attempts, parked.Error));
    }

    [Fact]
    public async Task The_shelf_of_errors_is_bounded()
    {
        var topic = Topic();
        var last = new TaskCompletionSource();
        topic.Subscribe(Group("a"), (happened, _) =>
        {
            if (happened.Sequence != 4) throw new InvalidOperationException();
            last.SetResult();
            return Task.CompletedTask;
        });

        await topic.PublishAsync([Event(1), Event(2), Event(3), Event(4)], default);
        await last.Task.WaitAsync(Patience);

        Assert.Equal(["e2", "e3"], topic.ParkedErrors.Select(error => error.Id));
    }

    [Fact]
    public async Task Publishing_waits_for_a_slow_group_and_gives_up_with_its_caller()
    {
        var topic = Topic();
        var release = new TaskCompletionSource();
        await using var subscription = topic.Subscribe(Group("slow"), (_, token) => release.Task.WaitAsync(token));
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => topic.PublishAsync([.. Enumerable.Range(1, 10).Select(Event)], patience.Token));

        release.SetResult();
    }

    [Fact]
    public async Task A_group_that_left_holds_nobody_up()
    {
        var topic = Topic();
        var subscription = topic.Subscribe(Group("gone"), (_, _) => Task.CompletedTask);
        await subscription.DisposeAsync();

        await topic.PublishAsync([.. Enumerable.Range(1, 10).Select(Event)], default).WaitAsync(Patience);
    }

    [Fact]
    public async Task Work_goes_to_one_worker_and_at_most_so_many_at_once()
    {
        var queue = new InProcessWorkQueue(Limits, TimeProvider.System, NullLogger<InProcessWorkQueue>.Instance);
        var done = new List<string>();
        var (now, most) = (0, 0);
        var all = new CountdownEvent(30);
        await using var workers = queue.Consume(3, async (item, _) =>
        {
            lock (done) most = Math.Max(most, ++now);
            await Task.Yield();
            lock (done)
            {
                now--;
                done.Add(item.WorkId);
            }
            all.Signal();
        });

        for (var i = 0; i < 30; i++) await queue.EnqueueAsync([new WorkItem($"w{i}", "acme", "message", default)], default);

        Assert.True(all.Wait(Patience));
        Assert.Equal(30, done.Distinct().Count());
        Assert.InRange(most, 1, 3);
    }

    private static EventGroup Group(string name) => new(name, "pool");

    private static InProcessEventTopic Topic() => new(Limits, TimeProvider.System, NullLogger<InProcessEventTopic>.Instance);

    private static EventEnvelope Event(int number) => new()
    {
        EventId = $"e{number}",
        Tenant = "acme",
        Type = "pool.granted",
        Subject = "k",
        Sequence = number,
        Time = DateTimeOffset.UnixEpoch,
        Data = new PoolEvent(),
    };
}
