using System.Diagnostics;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Pennypost.Credits.V1;
using Pennypost.Errors.V1;

namespace Pennypost.Hosting.Tests;

public sealed class RetryingACall
{
    private static readonly FaultDomain Faults = new("elsewhere");

    // What the last try came to, the peer's RetryInfo in ms (-1: none), tries made, ms to the deadline, chance; the wait in ms (-1: give up).
    [Theory]
    [InlineData(StatusCode.Unavailable, -1, 1, 10_000, 0.5, 25)]
    [InlineData(StatusCode.Unavailable, -1, 2, 10_000, 0.5, 50)]
    [InlineData(StatusCode.Unavailable, -1, 3, 10_000, 0.5, 100)]
    [InlineData(StatusCode.Unavailable, -1, 4, 10_000, 0.5, 200)]
    [InlineData(StatusCode.Unavailable, -1, 4, 10_000, 0.0, 0)]
    [InlineData(StatusCode.Unavailable, -1, 5, 10_000, 0.5, -1)]
    [InlineData(StatusCode.Unavailable, 1_000, 1, 10_000, 0.5, 1_025)]
    [InlineData(StatusCode.Unavailable, 1_000, 1, 1_025, 0.5, -1)]
    [InlineData(StatusCode.Unavailable, 1_000, 1, 1_026, 0.5, 1_025)]
    [InlineData(StatusCode.Unavailable, -1, 1, 0, 0.0, -1)]
    [InlineData(StatusCode.Aborted, -1, 1, 10_000, 0.5, 0)]
    [InlineData(StatusCode.Aborted, -1, 4, 1, 0.5, 0)]
    [InlineData(StatusCode.Aborted, -1, 5, 10_000, 0.5, -1)]
    [InlineData(StatusCode.Aborted, -1, 1, 0, 0.5, -1)]
    [InlineData(StatusCode.ResourceExhausted, 200, 1, 10_000, 0.5, 225)]
    [InlineData(StatusCode.ResourceExhausted, -1, 1, 10_000, 0.5, -1)]
    [InlineData(StatusCode.ResourceExhausted, 60_000, 1, 10_000, 0.5, -1)]
    [InlineData(StatusCode.FailedPrecondition, 10, 1, 10_000, 0.5, -1)]
    [InlineData(StatusCode.DeadlineExceeded, 10, 1, 10_000, 0.5, -1)]
    [InlineData(StatusCode.Internal, 10, 1, 10_000, 0.5, -1)]
    [InlineData(StatusCode.Unknown, 10, 1, 10_000, 0.5, -1)]
    [InlineData(StatusCode.Cancelled, 10, 1, 10_000, 0.5, -1)]
    [InlineData(StatusCode.NotFound, 10, 1, 10_000, 0.5, -1)]
    [InlineData(StatusCode.AlreadyExists, 10, 1, 10_000, 0.5, -1)]
    [InlineData(StatusCode.InvalidArgument, 10, 1, 10_000, 0.5, -1)]
    [InlineData(StatusCode.Unauthenticated, 10, 1, 10_000, 0.5, -1)]
    [InlineData(StatusCode.PermissionDenied, 10, 1, 10_000, 0.5, -1)]
    [InlineData(StatusCode.Unimplemented, 10, 1, 10_000, 0.5, -1)]
    public void Waits_by_the_table(StatusCode code, int retryAfterMs, int tries, int leftMs, double chance, int expectedMs)
    {
        var delay = Retries.Delay(code, retryAfterMs < 0 ? null : TimeSpan.FromMilliseconds(retryAfterMs), tries, TimeSpan.FromMilliseconds(leftMs), chance);

        Assert.Equal(expectedMs < 0 ? null : TimeSpan.FromMilliseconds(expectedMs), delay);
    }

    [Theory]
    [InlineData(StatusCode.Internal, true, ErrorReason.DependencyUnavailable, StatusCode.Unavailable)]
    [InlineData(StatusCode.Unknown, true, ErrorReason.DependencyUnavailable, StatusCode.Unavailable)]
    [InlineData(StatusCode.Internal, false, ErrorReason.Internal, StatusCode.Internal)]
    [InlineData(StatusCode.Cancelled, true, ErrorReason.Cancelled, StatusCode.Cancelled)]
    public void A_connection_that_closed_is_no_fault_of_the_peers_code(StatusCode code, bool belowHttp, ErrorReason reason, StatusCode meant)
    {
        var fault = RpcFault.From(new RpcException(new Status(code, "Error reading next message.", belowHttp ? new HttpProtocolException(0, "The server closed the connection.", null) : null)));

        Assert.Equal((reason, meant), (fault.ErrorReason, fault.Code));
    }

    [Fact]
    public void A_budget_lends_one_retry_for_ten_calls_ten_at_first_and_saves_up_a_hundred()
    {
        var budget = new RetryBudget();
        Assert.Equal(10, Enumerable.Range(0, 200).Count(_ => budget.TrySpend()));

        for (var i = 0; i < 9; i++) budget.Earn();
        Assert.False(budget.TrySpend());
        budget.Earn();
        Assert.True(budget.TrySpend());
        Assert.False(budget.TrySpend());

        for (var i = 0; i < 5_000; i++) budget.Earn();
        Assert.Equal(100, Enumerable.Range(0, 200).Count(_ => budget.TrySpend()));
    }

    [Fact]
    public async Task Makes_the_same_call_again_until_the_peer_is_there()
    {
        await using var peer = await TestHost.StartAsync();
        await using var caller = await CallerOf(peer);
        var asked = Failing(peer, 3, Faults.Refuse(ErrorReason.DependencyUnavailable, "Not now."));

        var answer = await Client(caller).GetPoolAsync(new GetPoolRequest { PoolId = "p1", MinVersion = 7 }, OnBehalf.Of("acme", default).ForPartition("p1"));

        Assert.Equal("p1", answer.Pool.PoolId);
        Assert.Equal(4, asked.Count);
        Assert.Single(asked.Distinct());
    }

    [Fact]
    public async Task Tries_a_lost_race_again_at_once()
    {
        await using var peer = await TestHost.StartAsync();
        await using var caller = await CallerOf(peer);
        var asked = Failing(peer, 2, Faults.Refuse(ErrorReason.LostRace, "Somebody was faster."));

        await Client(caller).GetPoolAsync(new GetPoolRequest { PoolId = "p1" }, OnBehalf.Of("acme", default));

        Assert.Equal(3, asked.Count);
    }

    [Theory]
    [InlineData(ErrorReason.RateLimited)]
    [InlineData(ErrorReason.DependencyUnavailable)]
    public async Task Not_before_the_time_that_the_peer_says(ErrorReason reason)
    {
        await using var peer = await TestHost.StartAsync();
        await using var caller = await CallerOf(peer);
        var asked = Failing(peer, 1, Faults.RetryAfter(reason, "Later.", TimeSpan.FromMilliseconds(300)));
        var watch = Stopwatch.StartNew();

        await Client(caller).GetPoolAsync(new GetPoolRequest { PoolId = "p1" }, OnBehalf.Of("acme", default));

        Assert.Equal(2, asked.Count);
        Assert.InRange(watch.ElapsedMilliseconds, 290, 20_000);
    }

    [Fact]
    public async Task Tells_at_once_what_cannot_be_tried_again_before_the_deadline()
    {
        await using var peer = await TestHost.StartAsync();
        await using var caller = await CallerOf(peer);
        var asked = Failing(peer, 9, Faults.RetryAfter(ErrorReason.RateLimited, "Later.", TimeSpan.FromMinutes(5)));
        var watch = Stopwatch.StartNew();

        var fault = await FaultOfAsync(Client(caller).GetPoolAsync(new GetPoolRequest { PoolId = "p1" }, OnBehalf.Of("acme", TimeSpan.FromSeconds(30), default)));

        Assert.Equal((ErrorReason.RateLimited, TimeSpan.FromMinutes(5)), (fault.ErrorReason, fault.RetryAfter));
        Assert.Single(asked);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData(ErrorReason.InsufficientCredits)]
    [InlineData(ErrorReason.HoldIdReused)]
    [InlineData(ErrorReason.PoolNotFound)]
    [InlineData(ErrorReason.StoreRewound)]
    [InlineData(ErrorReason.Internal)]
    [InlineData(ErrorReason.RequestTooLarge)]
    public async Task Takes_a_refusal_for_an_answer(ErrorReason reason)
    {
        await using var peer = await TestHost.StartAsync();
        await using var caller = await CallerOf(peer);
        var asked = Failing(peer, 9, Faults.Refuse(reason, "No."));

        var fault = await FaultOfAsync(Client(caller).GetPoolAsync(new GetPoolRequest { PoolId = "p1" }, OnBehalf.Of("acme", default)));

        Assert.Equal(reason, fault.ErrorReason);
        Assert.Single(asked);
    }

    [Fact]
    public async Task Gives_up_after_five_tries_with_the_last_answer()
    {
        await using var peer = await TestHost.StartAsync();
        await using var caller = await CallerOf(peer);
        var asked = Failing(peer, 9, Faults.Refuse(ErrorReason.LostRace, "Somebody was faster."));

        var fault = await FaultOfAsync(Client(caller).GetPoolAsync(new GetPoolRequest { PoolId = "p1" }, OnBehalf.Of("acme", default)));

        Assert.Equal(ErrorReason.LostRace, fault.ErrorReason);
        Assert.Equal(Retries.MaxTries, asked.Count);
    }

    [Fact]
    public async Task A_storm_cannot_grow()
    {
        await using var peer = await TestHost.StartAsync();
        await using var caller = await CallerOf(peer);
        var asked = Failing(peer, int.MaxValue, Faults.Refuse(ErrorReason.LostRace, "Somebody was faster."));

        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (_, _) =>
            await FaultOfAsync(Client(caller).GetPoolAsync(new GetPoolRequest { PoolId = "p1" }, OnBehalf.Of("acme", default))));

        // Ten that are there from the start, and one for ten calls.
        Assert.InRange(asked.Count, 300, 300 + 10 + 30);
    }

    [Fact]
    public async Task Leaves_streams_to_their_readers()
    {
        await using var peer = await TestHost.StartAsync();
        await using var caller = await TestHost.StartAsync(new() { ["Hosting:Peers:ledger"] = peer.GrpcAddress.ToString() },
            pennypost => pennypost.AddPeer<Pennypost.Dispatcher.V1.DispatcherService.DispatcherServiceClient>("ledger"));
        using var watch = caller.Services.GetRequiredService<Pennypost.Dispatcher.V1.DispatcherService.DispatcherServiceClient>()
            .WatchMessage(new Pennypost.Dispatcher.V1.WatchMessageRequest { MessageId = "m1" }, OnBehalf.Of("acme", default));

        // The test's peer serves no such method: the answer comes through as it is.
        var refusal = await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(default));

        Assert.Equal(StatusCode.Unimplemented, refusal.StatusCode);
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_waiting()
    {
        await using var peer = await TestHost.StartAsync();
        await using var caller = await CallerOf(peer);
        var asked = Failing(peer, 9, Faults.RetryAfter(ErrorReason.RateLimited, "Later.", TimeSpan.FromSeconds(60)));
        using var leaving = new CancellationTokenSource();
        var call = Client(caller).GetPoolAsync(new GetPoolRequest { PoolId = "p1" }, OnBehalf.Of("acme", TimeSpan.FromSeconds(120), leaving.Token)).ResponseAsync;
        await ChoosingAnInstance.Eventually(() => Task.FromResult(asked.Count == 1));

        await leaving.CancelAsync();

        var refusal = await Assert.ThrowsAnyAsync<RpcException>(() => call.WaitAsync(TimeSpan.FromSeconds(20)));
        // The peer's refusal, if the caller left before it was here.
        Assert.Contains(refusal.StatusCode, new[] { StatusCode.Cancelled, StatusCode.ResourceExhausted });
        Assert.Single(asked);
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_is_no_answer()
    {
        await using var peer = await TestHost.StartAsync();
        await using var wire = new Wire(peer.GrpcAddress.Port);
        await using var caller = await ChoosingAnInstance.CallerOf($"http://127.0.0.1:{wire.Port}");
        var asked = 0;
        peer.Script.OnGetPool = (request, _) =>
        {
            // It took effect, and its answer is lost.
            if (Interlocked.Increment(ref asked) == 1) wire.Cut();
            return Task.FromResult(new GetPoolResponse { Pool = new() { PoolId = request.PoolId } });
        };

        var answer = await Client(caller).GetPoolAsync(new GetPoolRequest { PoolId = "p1" }, OnBehalf.Of("acme", default));

        Assert.Equal("p1", answer.Pool.PoolId);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task No_call_outlives_its_deadline_by_a_second_and_life_goes_on_when_the_wire_is_back()
    {
        await using var peer = await TestHost.StartAsync();
        await using var wire = new Wire(peer.GrpcAddress.Port);
        await using var caller = await ChoosingAnInstance.CallerOf($"http://127.0.0.1:{wire.Port}");
        await Client(caller).GetPoolAsync(new GetPoolRequest { PoolId = "p1" }, OnBehalf.Of("acme", default));

        foreach (var trouble in new Action[] { wire.Swallow, wire.Refuse })
        {
            trouble();
            var watch = Stopwatch.StartNew();
            await FaultOfAsync(Client(caller).GetPoolAsync(new GetPoolRequest { PoolId = "p1" }, OnBehalf.Of("acme", TimeSpan.FromSeconds(1), default)));
            Assert.InRange(watch.Elapsed.TotalSeconds, 0, 2);

            wire.Mend();
            var back = Stopwatch.StartNew();
            await ChoosingAnInstance.Eventually(async () =>
            {
                try
                {
                    await Client(caller).GetPoolAsync(new GetPoolRequest { PoolId = "p1" }, OnBehalf.Of("acme", TimeSpan.FromSeconds(1), default));
                    return true;
                }
                catch (RpcException exception) when (exception.StatusCode is StatusCode.DeadlineExceeded or StatusCode.Unavailable)
                {
                    return false;
                }
            });
            // Five seconds, and some for a busy machine.
            Assert.InRange(back.Elapsed.TotalSeconds, 0, 8);
        }
    }

    [Fact]
    public async Task Callers_do_not_see_that_an_instance_is_started_anew()
    {
        await using var peers = await Instances.StartAsync("a", "b", "c");
        await using var caller = await ChoosingAnInstance.CallerOf(peers.Setting);
        await ChoosingAnInstance.UntilSeen(caller, "a", "b", "c");
        using var enough = new CancellationTokenSource();
        var answered = 0;
        var calling = Task.WhenAll(Enumerable.Range(0, 4).Select(async worker =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                await ChoosingAnInstance.AskAsync(caller, $"pool-{worker}-{i}");
                Interlocked.Increment(ref answered);
            }
        }));

        // Each stop costs some retries; they must have been earned.
        foreach (var name in new[] { "a", "b", "c" })
        {
            await AfterAnother(1_000);
            await peers.StopAsync(name);
            await AfterAnother(200);
            await peers.StartAgainAsync(name);
            await ChoosingAnInstance.UntilSeen(caller, "a", "b", "c");
        }
        await enough.CancelAsync();

        // One failure would end its worker.
        await calling.WaitAsync(TimeSpan.FromSeconds(20));

        async Task AfterAnother(int calls)
        {
            var goal = Volatile.Read(ref answered) + calls;
            await ChoosingAnInstance.Eventually(() => Task.FromResult(Volatile.Read(ref answered) >= goal || calling.IsCompleted));
        }
    }

    private static List<(string PoolId, long MinVersion, string? Partition)> Failing(TestHost peer, int times, RpcException failure)
    {
        var asked = new List<(string, long, string?)>();
        peer.Script.OnGetPool = (request, context) =>
        {
            lock (asked)
            {
                asked.Add((request.PoolId, request.MinVersion, context.RequestHeaders.GetValue(OnBehalf.PartitionHeader)));
                return asked.Count <= times ? throw failure : Task.FromResult(new GetPoolResponse { Pool = new() { PoolId = request.PoolId } });
            }
        };
        return asked;
    }

    private static async Task<RpcFault> FaultOfAsync(AsyncUnaryCall<GetPoolResponse> call) => RpcFault.From(await Assert.ThrowsAnyAsync<RpcException>(async () => await call));

    private static CreditsService.CreditsServiceClient Client(TestHost host) => host.Services.GetRequiredService<CreditsService.CreditsServiceClient>();

    private static Task<TestHost> CallerOf(TestHost peer) => ChoosingAnInstance.CallerOf(peer.GrpcAddress.ToString());
}
