using System.Globalization;
using Grpc.Core;
using Pennypost.Errors.V1;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Tests;

// F69: quotas with rate headers.
public sealed class LimitingRates
{
    [Fact]
    public async Task A_key_that_calls_too_fast_is_told_when_to_come_back_and_others_are_not_held_up()
    {
        var gateway = new RunningGateway(new() { ["Gateway:KeyCallsPerSecond"] = "5", ["Gateway:TenantCallsPerSecond"] = "500" });
        await gateway.InitializeAsync();

        var (answers, seconds) = await TogetherAsync(40, () => gateway.SendAsync("GET", "/v1/accounts"));
        var refused = answers.Where(answer => answer.Status == 429).ToList();
        var answered = answers.Where(answer => answer.Status == 200).ToList();

        Assert.Equal(40, refused.Count + answered.Count);
        Assert.InRange(answered.Count, 5, 5 + (5 * (int)Math.Ceiling(seconds)));
        Assert.All(answered, answer => Assert.InRange(int.Parse(answer.Response.Headers.GetValues("ratelimit-remaining").Single(), CultureInfo.InvariantCulture), 0, 4));
        Assert.All(refused, answer =>
        {
            Assert.Equal("RATE_LIMITED", answer.Reason);
            Assert.Equal("5", answer.Response.Headers.GetValues("ratelimit-limit").Single());
            Assert.Contains($"key:acme.{gateway.Acme.KeyId}", answer.Text, StringComparison.Ordinal);
            Assert.NotNull(answer.Response.Headers.RetryAfter);
        });
        using var other = gateway.Client(gateway.Zenith);
        Assert.Equal(200, (await gateway.SendAsync("GET", "/v1/accounts", client: other)).Status);
        await gateway.DisposeAsync();
    }

    [Fact]
    public async Task Over_gRPC_the_same_limit_comes_as_a_typed_error()
    {
        var gateway = new RunningGateway(new() { ["Gateway:KeyCallsPerSecond"] = "2" });
        await gateway.InitializeAsync();
        var (faults, _) = await TogetherAsync(30, async () =>
        {
            try
            {
                await gateway.Api.ListAccountsAsync(new ListAccountsRequest(), RunningGateway.As(gateway.Acme));
                return null;
            }
            catch (RpcException exception)
            {
                return RpcFault.From(exception);
            }
        });

        Assert.Contains(faults, fault => fault is null);
        Assert.Contains(faults, fault => fault is not null);
        Assert.All(faults.OfType<RpcFault>(), fault =>
        {
            Assert.Equal((ErrorReason.RateLimited, StatusCode.ResourceExhausted), (fault.ErrorReason, fault.Code));
            Assert.NotNull(fault.RetryAfter);
            Assert.Equal("2", fault.Metadata["limit"]);
        });
        await gateway.DisposeAsync();
    }

    [Fact]
    public async Task A_tenant_cannot_get_round_its_rate_with_many_keys()
    {
        var gateway = new RunningGateway(new() { ["Gateway:TenantCallsPerSecond"] = "5" });
        await gateway.InitializeAsync();
        var second = Keys.ApiKeyText.New("acme");
        await gateway.App.EnsureApiKeyAsync(second, "second", default);
        using var client = gateway.Client(second);
        var turn = 0;

        var (answers, seconds) = await TogetherAsync(40, () => gateway.SendAsync("GET", "/v1/accounts", client: Interlocked.Increment(ref turn) % 2 == 0 ? client : gateway.Http));

        Assert.InRange(answers.Count(answer => answer.Status == 200), 5, 5 + (5 * (int)Math.Ceiling(seconds)));
        Assert.All(answers.Where(answer => answer.Status != 200), answer => Assert.Contains("tenant:acme", answer.Text, StringComparison.Ordinal));
        await gateway.DisposeAsync();
    }

    [Fact]
    public async Task Open_streams_count_as_calls_at_once_and_free_their_place()
    {
        var gateway = new RunningGateway(new() { ["Gateway:KeyConcurrentCalls"] = "2" });
        await gateway.InitializeAsync();
        await gateway.SendAsync("POST", "/v1/messages", RunningGateway.MessageJson("c1"));
        gateway.Dispatcher.OnWatch = async (_, responses, context) =>
        {
            await responses.WriteAsync(new Dispatcher.V1.WatchMessageResponse { ResumeToken = "1" });
            await Task.Delay(Timeout.Infinite, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        };
        var watches = Enumerable.Range(0, 2).Select(_ => gateway.Api.WatchMessage(new WatchMessageRequest { MessageId = "c1" }, RunningGateway.As(gateway.Acme))).ToList();
        foreach (var watch in watches) Assert.True(await watch.ResponseStream.MoveNext(default));

        var refused = await gateway.SendAsync("GET", "/v1/messages/c1");
        watches[0].Dispose();
        var waited = System.Diagnostics.Stopwatch.StartNew();
        Answer freed;
        do freed = await gateway.SendAsync("GET", "/v1/messages/c1");
        while (freed.Status == 429 && waited.Elapsed < TimeSpan.FromSeconds(10));
        watches[1].Dispose();

        Assert.Equal((429, "RATE_LIMITED"), (refused.Status, refused.Reason));
        Assert.Equal(200, freed.Status);
        await gateway.DisposeAsync();
    }

    private static async Task<(T[] Answers, double Seconds)> TogetherAsync<T>(int count, Func<Task<T>> call)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var answers = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => call()));
        return (answers, watch.Elapsed.TotalSeconds);
    }
}
