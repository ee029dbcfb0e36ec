using System.IO.Pipelines;
using System.Net.Sockets;
using Pipelines.Sockets.Unofficial;

namespace Pennypost.Standins.Tests.Pipes;

public sealed class AwaitingSocketEvents
{
    [Fact]
    public async Task Gives_the_bytes_transferred()
    {
        using var pair = await SocketPair.ConnectAsync();
        using var receiving = new SocketAwaitableEventArgs();
        receiving.SetBuffer(new byte[100]);
        if (!pair.Near.ReceiveAsync(receiving)) receiving.Complete();
        await pair.Far.SendAsync(new byte[7]);

        Assert.Equal(7, await receiving);
        Assert.False(receiving.IsCompleted);
    }

    [Fact]
    public async Task Stays_aborted_for_every_later_operation()
    {
        using var args = new SocketAwaitableEventArgs();
        args.Abort();
        Assert.True(args.IsCompleted);
        Assert.Equal(SocketError.OperationAborted, (await Assert.ThrowsAsync<SocketException>(async () => await args)).SocketErrorCode);

        args.Complete();
        Assert.Equal(SocketError.OperationAborted, (await Assert.ThrowsAsync<SocketException>(async () => await args)).SocketErrorCode);
        Assert.Throws<ArgumentException>(() => args.Abort(SocketError.Success));
    }

    [Fact]
    public async Task Never_goes_on_inline_where_the_operation_ended_before_the_wait()
    {
        using var args = new SocketAwaitableEventArgs();
        args.Complete();
        var here = Environment.CurrentManagedThreadId;
        var wentOn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var returned = false;

        args.OnCompleted(() => wentOn.SetResult(Environment.CurrentManagedThreadId == here && !Volatile.Read(ref returned)));
        Volatile.Write(ref returned, true);

        Assert.False(await Eventually.Ends(wentOn.Task));
    }

    [Fact]
    public async Task Goes_on_where_its_scheduler_says()
    {
        using var scheduler = new DedicatedThreadPoolPipeScheduler("own", workerCount: 1);
        using var args = new SocketAwaitableEventArgs(scheduler);
        var thread = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        args.OnCompleted(() => thread.SetResult(Thread.CurrentThread.Name));
        args.Complete();

        Assert.Equal("own:0", await Eventually.Ends(thread.Task));
    }
}

public sealed class SchedulingOnDedicatedThreads
{
    private static Task<string?> NameOfThread(PipeScheduler scheduler)
    {
        var name = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        scheduler.Schedule(_ => name.SetResult(Thread.CurrentThread.Name), null);
        return Eventually.Ends(name.Task);
    }

    [Fact]
    public async Task Runs_work_on_its_own_threads()
    {
        using var scheduler = new DedicatedThreadPoolPipeScheduler("work", workerCount: 2);
        for (var i = 0; i < 20; i++) Assert.StartsWith("work:", await NameOfThread(scheduler), StringComparison.Ordinal);

        Assert.Equal(2, scheduler.WorkerCount);
        Assert.Equal(0, scheduler.TotalServicedByPool);
        await Eventually.Holds(() => scheduler.TotalServicedByQueue == 20 && scheduler.AvailableCount == 2, "the work is counted");
    }

    [Fact]
    public async Task Spills_into_the_thread_pool_when_its_queue_is_full()
    {
        using var scheduler = new DedicatedThreadPoolPipeScheduler(workerCount: 1, useThreadPoolQueueLength: 2);
        using var gate = new ManualResetEventSlim();
        var ran = 0;
        using var busy = new ManualResetEventSlim();
        scheduler.Schedule(_ => { busy.Set(); gate.Wait(); Interlocked.Increment(ref ran); }, null);
        Assert.True(busy.Wait(TimeSpan.FromSeconds(20)));
        for (var i = 0; i < 5; i++) scheduler.Schedule(_ => Interlocked.Increment(ref ran), null);

        Assert.Equal(3, scheduler.TotalServicedByPool);
        await Eventually.Holds(() => Volatile.Read(ref ran) == 3, "what spilled has run");
        gate.Set();
        await Eventually.Holds(() => Volatile.Read(ref ran) == 6, "what was queued has run");
    }

    [Fact]
    public async Task Outlives_what_it_runs()
    {
        using var scheduler = new DedicatedThreadPoolPipeScheduler("still", workerCount: 1);
        scheduler.Schedule(_ => throw new InvalidOperationException("of the work"), null);

        Assert.Equal("still:0", await NameOfThread(scheduler));
    }

    [Fact]
    public async Task Leaves_to_the_thread_pool_what_comes_after_its_end()
    {
        var scheduler = new DedicatedThreadPoolPipeScheduler("gone", workerCount: 1);
        scheduler.Dispose();

        Assert.NotEqual("gone:0", await NameOfThread(scheduler));
    }
}
