using System.Diagnostics;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Errors.V1;

namespace Pennypost.Hosting.Tests;

public sealed class EndingCalls
{
    [Fact]
    public async Task A_call_without_a_deadline_gets_the_hosts_own()
    {
        await using var host = await TestHost.StartAsync(new() { ["Hosting:MaxUnarySeconds"] = "1" });
        var left = TimeSpan.Zero;
        host.Script.OnGetPool = async (_, context) =>
        {
            left = context.Deadline - DateTime.UtcNow;
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return new GetPoolResponse();
        };
        var watch = Stopwatch.StartNew();

        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme")));

        Assert.Equal(StatusCode.DeadlineExceeded, refusal.StatusCode);
        Assert.Equal(ErrorReason.DeadlineExceeded, RpcFault.From(refusal).ErrorReason);
        Assert.InRange(left.TotalSeconds, 0, 1);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.5, 5);
    }

    [Fact]
    public async Task A_callers_longer_deadline_is_cut_to_the_hosts_own_and_a_shorter_one_kept()
    {
        await using var host = await TestHost.StartAsync(new() { ["Hosting:MaxUnarySeconds"] = "30" });
        var left = TimeSpan.Zero;
        host.Script.OnGetPool = (_, context) =>
        {
            left = context.Deadline - DateTime.UtcNow;
            return Task.FromResult(new GetPoolResponse());
        };

        await host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme"), DateTime.UtcNow.AddHours(2));
        Assert.InRange(left.TotalSeconds, 20, 30);
        await host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme"), DateTime.UtcNow.AddSeconds(10));
        Assert.InRange(left.TotalSeconds, 2, 10);
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_work_and_logs_no_error()
    {
        await using var host = await TestHost.StartAsync();
        var began = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        host.Script.OnGetPool = async (_, context) =>
        {
            began.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            }
            finally
            {
                ended.SetResult();
            }
            return new GetPoolResponse();
        };
        using var leaving = new CancellationTokenSource();
        var call = host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme"), cancellationToken: leaving.Token);
        await began.Task.WaitAsync(TimeSpan.FromSeconds(10));

        await leaving.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(async () => await call)).StatusCode);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.DoesNotContain(host.Log.All, line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }

    [Theory]
    [InlineData("5S", 5_000)]
    [InlineData("250m", 250)]
    [InlineData("1H", 3_600_000)]
    [InlineData("2M", 120_000)]
    [InlineData("7000u", 7)]
    [InlineData("8000000n", 8)]
    [InlineData("", null)]
    [InlineData("S", null)]
    [InlineData("123456789S", null)]
    [InlineData("-1S", null)]
    [InlineData("5x", null)]
    public void Reads_a_timeout_as_gRPC_writes_it(string header, int? milliseconds) =>
        Assert.Equal(milliseconds, (int?)CallLimits.Read(header)?.TotalMilliseconds);

    [Fact]
    public async Task Stopping_lets_a_call_under_way_finish()
    {
        await using var host = await TestHost.StartAsync();
        var began = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        host.Script.OnGetPool = async (_, _) =>
        {
            began.SetResult();
            await release.Task;
            return new GetPoolResponse { Pool = new() { PoolId = "p1" } };
        };
        var call = host.Credits.GetPoolAsync(new GetPoolRequest(), TestHost.As("acme"));
        await began.Task.WaitAsync(TimeSpan.FromSeconds(10));

        var stopping = host.StopAsync();
        Assert.False(stopping.IsCompleted);
        release.SetResult();

        Assert.Equal("p1", (await call).Pool.PoolId);
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Draining_says_so_and_serves_new_connections_until_its_time_is_up()
    {
        await using var host = await TestHost.StartAsync(new() { ["Hosting:DrainSeconds"] = "3" });
        host.Script.OnGetPool = (_, _) => Task.FromResult(new GetPoolResponse { Pool = new() { PoolId = "p1" } });
        Assert.True((await host.Http.GetAsync("health/ready")).IsSuccessStatusCode);

        var stopping = host.StopAsync();

        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, (await host.Http.GetAsync("health/ready")).StatusCode);
        using (var late = Grpc.Net.Client.GrpcChannel.ForAddress(host.GrpcAddress))
            Assert.Equal("p1", (await new CreditsService.CreditsServiceClient(late).GetPoolAsync(new GetPoolRequest(), TestHost.As("acme"))).Pool.PoolId);
        Assert.False(stopping.IsCompleted);

        await stopping.WaitAsync(TimeSpan.FromSeconds(20));
        using var later = Grpc.Net.Client.GrpcChannel.ForAddress(host.GrpcAddress);
        var refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(async () => await new CreditsService.CreditsServiceClient(later).GetPoolAsync(new GetPoolRequest(), TestHost.As("acme")));
        Assert.Equal(Grpc.Core.StatusCode.Unavailable, refused.StatusCode);
    }

    [Fact]
    public async Task Stopping_ends_a_stream_at_once_with_word_to_try_elsewhere()
    {
        await using var host = await TestHost.StartAsync();
        var health = new Grpc.Health.V1.Health.HealthClient(host.Channel);
        using var watch = health.Watch(new Grpc.Health.V1.HealthCheckRequest());
        Assert.True(await watch.ResponseStream.MoveNext(default));
        Assert.Equal(Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus.Serving, watch.ResponseStream.Current.Status);

        var stopping = host.StopAsync();

        Assert.True(await watch.ResponseStream.MoveNext(default));
        Assert.Equal(Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus.NotServing, watch.ResponseStream.Current.Status);
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
