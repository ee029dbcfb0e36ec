using System.Globalization;
using System.Text;
using Grpc.Core;
using Pennypost.Errors.V1;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.Limits;
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

    private const int Unit = 64 * 1024;

    /// <summary>How a request comes.</summary>
    public enum Way
    {
        Rest,
        RestWithoutItsLength,
        Import,
        ImportWithoutItsLength,
        Grpc,
    }

    [Theory]
    [InlineData(0, 250, 1)]
    [InlineData(1, 250, 1)]
    [InlineData(Unit, 250, 1)]
    [InlineData(Unit + 1, 250, 2)]
    [InlineData(4 * 1024 * 1024, 250, 64)]
    [InlineData(16 * 1024 * 1024, 250, 250)]
    [InlineData(16 * 1024 * 1024, 500, 256)]
    [InlineData(long.MaxValue / 2, 1, 1)]
    public void A_request_counts_as_one_call_for_each_64_KiB_that_it_began_and_never_as_more_than_there_may_be_F69(long bytes, int most, int calls) =>
        Assert.Equal(calls, CallRates.Calls(bytes, most));

    /// <summary>Each way with sizes about where the next call begins, and what is left of nine.</summary>
    public static TheoryData<Way, int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<Way, int, int>();
            foreach (var way in Enum.GetValues<Way>())
                foreach (var (bytes, left) in new[] { (1_000, 8), (Unit, 8), (Unit + 1, 7), (5 * Unit, 4), (1_000_000, 0) })
                    sizes.Add(way, bytes, left);
            return sizes;
        }
    }

    [Theory, MemberData(nameof(Sizes))]
    public async Task However_a_large_request_comes_it_counts_as_several_calls_F69(Way way, int bytes, int left)
    {
        // So few come all at once, a second after they were taken.
        var gateway = new RunningGateway(new() { ["Gateway:KeyCallsPerSecond"] = "9" });
        await gateway.InitializeAsync();

        await Eventually.HoldsAsync(async () =>
        {
            var (isLimited, remaining) = await SendAsync(gateway, gateway.Acme, way, bytes, "once");
            Assert.False(isLimited);
            if (remaining != left) await Task.Delay(1_100);
            return remaining == left;
        });
        await gateway.DisposeAsync();
    }

    [Theory]
    [InlineData(Way.Rest)]
    [InlineData(Way.RestWithoutItsLength)]
    [InlineData(Way.Import)]
    [InlineData(Way.ImportWithoutItsLength)]
    [InlineData(Way.Grpc)]
    public async Task A_large_request_that_the_rate_does_not_hold_is_told_what_it_counts_as_and_leaves_nothing_F69(Way way)
    {
        var gateway = new RunningGateway(new() { ["Gateway:KeyCallsPerSecond"] = "9" });
        await gateway.InitializeAsync();
        var attempt = 0;

        await Eventually.HoldsAsync(async () =>
        {
            await Task.Delay(1_100);
            attempt++;
            var first = await SendAsync(gateway, gateway.Acme, way, 5 * Unit, $"first-{attempt}");
            var second = await SendAsync(gateway, gateway.Acme, way, 9 * Unit, $"second-{attempt}");
            Assert.False(first.IsLimited);
            if (second.IsLimited) Assert.DoesNotContain(gateway.Dispatcher.Messages.Values, message => message.Spec.CampaignId == $"second-{attempt}");
            return second.IsLimited;
        });
        if (way != Way.Grpc) Assert.Contains(gateway.Dispatcher.Messages.Values, message => message.Spec.CampaignId == $"first-{attempt}");
        await gateway.DisposeAsync();
    }

    [Theory]
    [InlineData(Way.Rest)]
    [InlineData(Way.Grpc)]
    public async Task A_stream_of_large_messages_waits_for_the_rate_and_all_are_answered_F69(Way way)
    {
        var gateway = new RunningGateway(new() { ["Gateway:KeyCallsPerSecond"] = "9" });
        await gateway.InitializeAsync();
        var watch = System.Diagnostics.Stopwatch.StartNew();

        // Nine calls at once, then eight more each: two seconds pass before the last.
        if (way == Way.Rest)
        {
            var line = """{"message": {"messageId": "large", "prospect": {"profile": "ada-lovelace"}, "content": {"body": "Hi"} } }""".PadRight(9 * Unit - 1, ' ') + "\n";
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages:stream") { Content = new StringContent(line + line + line, Encoding.UTF8, "application/x-ndjson") };
            request.Headers.Accept.ParseAdd("application/x-ndjson");
            using var response = await gateway.Http.SendAsync(request);
            Assert.Equal(3, (await response.Content.ReadAsStringAsync()).Split("\"existed\"").Length - 1);
        }
        else
        {
            using var stream = gateway.Api.StreamMessages(RunningGateway.As(gateway.Acme));
            for (var n = 0; n < 3; n++) await stream.RequestStream.WriteAsync(new() { Message = RunningGateway.Message("large", new string('x', (9 * Unit) - 100)) });
            await stream.RequestStream.CompleteAsync();
            Assert.Equal(3, await stream.ResponseStream.ReadAllAsync().CountAsync());
        }

        Assert.True(watch.Elapsed.TotalSeconds > 1.5, $"After {watch.Elapsed.TotalSeconds} s.");
        await gateway.DisposeAsync();
    }

    [Fact]
    public async Task What_a_key_has_no_rate_for_costs_its_tenants_other_keys_nothing_F69()
    {
        var gateway = new RunningGateway(new() { ["Gateway:TenantCallsPerSecond"] = "60", ["Gateway:KeyCallsPerSecond"] = "9" });
        await gateway.InitializeAsync();
        var other = await gateway.KeyAsync("acme", Scopes.OfATenant);

        var (flood, _) = await TogetherAsync(20, () => SendAsync(gateway, gateway.Acme, Way.Rest, 9 * Unit, "flood"));
        var honest = await SendAsync(gateway, other, Way.Rest, 9 * Unit, "honest");

        Assert.Contains(flood, answer => answer.IsLimited);
        Assert.False(honest.IsLimited);
        await gateway.DisposeAsync();
    }

    /// <summary>Hands over one message in a request of just so many bytes, over HTTP under a campaign of this name. By gRPC its text is as long: only the dispatcher would refuse it.</summary>
    private static async Task<(bool IsLimited, int Remaining)> SendAsync(RunningGateway gateway, ApiKeyText key, Way way, int bytes, string campaign)
    {
        if (way == Way.Grpc)
        {
            var asked = new SendMessageRequest { Message = RunningGateway.Message("large", new string('x', bytes - 200)) };
            asked.Message.Content.Body += new string('x', bytes - asked.CalculateSize());
            Assert.Equal(bytes, asked.CalculateSize());
            using var call = gateway.Api.SendMessageAsync(asked, RunningGateway.As(key));
            var headers = await call.ResponseHeadersAsync;
            var fault = await Record.ExceptionAsync(async () => await call) is RpcException exception ? RpcFault.From(exception) : null;
            return (fault?.ErrorReason == ErrorReason.RateLimited, int.Parse(headers.GetValue("ratelimit-remaining")!, CultureInfo.InvariantCulture));
        }
        var isImport = way is Way.Import or Way.ImportWithoutItsLength;
        // Spaces and blank lines say nothing.
        var text = isImport
            ? "Profile URL,Message\nada,Hi\n".PadRight(bytes, '\n')
            : $$"""{"messageId": "{{campaign}}", "campaignId": "{{campaign}}", "prospect": {"profile": "ada-lovelace"}, "content": {"body": "Hi"} }""".PadRight(bytes, ' ');
        using var client = gateway.Client(key);
        using var request = new HttpRequestMessage(HttpMethod.Post, isImport ? $"/v1/messages:importCsv?import_id={campaign}" : "/v1/messages")
        {
            Content = new StringContent(text, Encoding.UTF8, isImport ? "text/csv" : "application/json"),
            Headers = { TransferEncodingChunked = way is Way.RestWithoutItsLength or Way.ImportWithoutItsLength },
        };
        using var response = await client.SendAsync(request);
        var answer = new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
        Assert.True(answer.Status is 200 or 429, answer.Text);
        if (answer.Status == 429) Assert.Contains("counts as", answer.Text, StringComparison.Ordinal);
        return (answer.Reason == "RATE_LIMITED", int.Parse(response.Headers.GetValues("ratelimit-remaining").Single(), CultureInfo.InvariantCulture));
    }

    private static async Task<(T[] Answers, double Seconds)> TogetherAsync<T>(int count, Func<Task<T>> call)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var answers = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => call()));
        return (answers, watch.Elapsed.TotalSeconds);
    }
}
