using System.Collections.Concurrent;
using Pennypost.Transport;

namespace Transport.Tests;

/// <summary>Ready work on a real broker.</summary>
public sealed class WorkingOverRabbitMq
{
    [Fact]
    public async Task Each_piece_goes_to_one_worker_of_any_instance_and_at_most_so_many_at_once()
    {
        var broker = await RabbitServer.SharedAsync();
        await using var one = await RunningTransport.StartAsync(broker);
        await using var two = await RunningTransport.StartAsync(broker);
        var done = new ConcurrentBag<(string Instance, WorkItem Item)>();
        var (now, most) = (0, 0);
        Func<WorkItem, CancellationToken, Task> Handler(string instance) => async (item, ct) =>
        {
            if (instance == "one")
                InterlockedMax(ref most, Interlocked.Increment(ref now));
            await Task.Delay(5, ct);
            if (instance == "one")
                Interlocked.Decrement(ref now);
            done.Add((instance, item));
        };

        await using var first = one.Work.Consume(3, Handler("one"));
        await using var second = two.Work.Consume(3, Handler("two"));
        await one.Work.EnqueueAsync([.. Enumerable.Range(0, 100).Select(Item)], default);
        await Eventually.TrueAsync(() => done.Count >= 100, "all work is done");

        Assert.Equal(100, done.Select(work => work.Item.WorkId).Distinct().Count());
        Assert.Equal(["one", "two"], done.Select(work => work.Instance).Distinct().Order());
        Assert.InRange(most, 1, 3);
        var seventh = done.Single(work => work.Item.WorkId == "w-7").Item;
        Assert.Equal(("acme", "message", "payload 7"), (seventh.Tenant, seventh.Kind, System.Text.Encoding.UTF8.GetString(seventh.Payload.Span)));
    }

    [Fact]
    public async Task Its_length_counts_what_every_instance_put_there()
    {
        await using var broker = await RabbitServer.StartAsync();
        await using var one = await RunningTransport.StartAsync(broker.Whole);
        await using var two = await RunningTransport.StartAsync(broker.Whole);
        await one.Work.EnqueueAsync([.. Enumerable.Range(0, 7).Select(Item)], default);
        await two.Work.EnqueueAsync([.. Enumerable.Range(7, 5).Select(Item)], default);

        await Eventually.TrueAsync(async () => await one.Work.CountWaitingAsync(default) == 12, TimeSpan.FromSeconds(20), "one counts twelve");
        broker.Kill();
        await Eventually.TrueAsync(async () => await one.Work.CountWaitingAsync(default) is null, TimeSpan.FromSeconds(20), "nobody can tell while the broker is away");
    }

    [Fact]
    public async Task A_confirm_that_never_comes_is_not_waited_for_for_ever()
    {
        var broker = await RabbitServer.SharedAsync();
        await using var line = new Line(int.Parse(broker.Server.Hosts[0].Split(':')[1], System.Globalization.CultureInfo.InvariantCulture));
        await using var transport = await RunningTransport.StartAsync(broker, line, TimeSpan.FromSeconds(1));
        await transport.Work.EnqueueAsync([Item(1)], default);

        line.Fault = LineFault.BlackHole;
        await Assert.ThrowsAsync<TimeoutException>(() => transport.Work.EnqueueAsync([Item(2)], default).WaitAsync(TimeSpan.FromSeconds(20)));
        await Assert.ThrowsAsync<TimeoutException>(() => transport.Topic.PublishAsync([RunningTransport.Event(1)], default).WaitAsync(TimeSpan.FromSeconds(20)));

        // Whoever sends tries again; once the connection is seen to be dead, on another one.
        line.Fault = LineFault.Reset;
        line.Fault = LineFault.None;
        await Eventually.TrueAsync(() => SendsAsync(transport, 3), RunningTransport.ComesBack, "what is sent is confirmed again");
    }

    private static async Task<bool> SendsAsync(RunningTransport transport, int number)
    {
        try
        {
            await transport.Work.EnqueueAsync([Item(number)], default);
            return true;
        }
        catch (Exception unconfirmed) when (RunningTransport.IsUnconfirmed(unconfirmed))
        {
            return false;
        }
    }

    /// <summary>Two instances fill and empty the queue while the node dies on which it was declared.</summary>
    [Fact]
    public async Task A_node_of_three_may_die_and_all_work_is_done_X5()
    {
        await using var broker = await RabbitServer.StartAsync(3);
        await using var one = await RunningTransport.StartAsync(broker.Whole);
        await using var two = await RunningTransport.StartAsync(broker.Whole);
        var done = new ConcurrentDictionary<string, bool>();
        Task DoAsync(WorkItem item, CancellationToken ct)
        {
            done[item.WorkId] = true;
            return Task.Delay(5, ct);
        }

        await using var first = one.Work.Consume(4, DoAsync);
        await using var second = two.Work.Consume(4, DoAsync);
        using var ending = new CancellationTokenSource();
        var sent = new ConcurrentBag<string>();
        async Task FeedAsync(RunningTransport transport, int from)
        {
            for (var number = from; !ending.IsCancellationRequested; number += 2)
            {
                // As the releaser does: what was not confirmed is sent again.
                while (!await SendsAsync(transport, number) && !ending.IsCancellationRequested) { }
                sent.Add($"w-{number}");
            }
        }

        var feeding = Task.WhenAll(FeedAsync(one, 0), FeedAsync(two, 1));
        await Eventually.TrueAsync(() => done.Count > 20, "work is done");
        broker.Kill(0);
        var before = done.Count;
        await Eventually.TrueAsync(() => done.Count > before + 50, RunningTransport.ComesBack, "work goes on on two nodes");
        await broker.RestartAsync(0);
        await ending.CancelAsync();
        await feeding.WaitAsync(TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(() => sent.All(done.ContainsKey), RunningTransport.ComesBack, "all that was sent is done");
    }

    [Fact]
    public async Task A_graceful_stop_lets_what_is_under_way_finish_and_leaves_the_rest()
    {
        var broker = await RabbitServer.SharedAsync();
        await using var one = await RunningTransport.StartAsync(broker);
        var (begun, finish, done) = (new TaskCompletionSource(), new TaskCompletionSource(), new ConcurrentBag<string>());
        one.Work.Consume(1, async (item, _) =>
        {
            begun.TrySetResult();
            await finish.Task;
            done.Add(item.WorkId);
        });
        await one.Work.EnqueueAsync([.. Enumerable.Range(0, 5).Select(Item)], default);
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(20));

        var stopping = one.StopAsync();
        finish.SetResult();
        await stopping.WaitAsync(TimeSpan.FromSeconds(20));
        await using var two = await RunningTransport.StartAsync(broker);
        await using var rest = two.Work.Consume(1, (item, _) =>
        {
            done.Add(item.WorkId);
            return Task.CompletedTask;
        });

        await Eventually.TrueAsync(() => done.Distinct().Count() == 5, "all work is done");
        Assert.Equal(5, done.Count);
    }

    [Fact]
    public async Task Work_whose_worker_dies_comes_to_another()
    {
        await using var broker = await RabbitServer.StartAsync();
        await using var transport = await RunningTransport.StartAsync(broker.Whole);
        var attempts = 0;
        var done = new TaskCompletionSource();
        await using var working = transport.Work.Consume(1, async (_, ct) =>
        {
            if (Interlocked.Increment(ref attempts) == 1)
            {
                // The connection is lost in the middle of it: the broker hands it out again.
                broker.Kill();
                await broker.RestartAsync();
                return;
            }

            done.TrySetResult();
        });
        await transport.Work.EnqueueAsync([Item(1)], default);

        await done.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static WorkItem Item(int number) => new($"w-{number}", "acme", "message", System.Text.Encoding.UTF8.GetBytes($"payload {number}"));

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
