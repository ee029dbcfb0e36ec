using System.Text.Json.Nodes;
using Grpc.Core;
using Pennypost.Dispatcher.V1;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Tests;

public sealed class WatchingAMessage : IAsyncLifetime
{
    private readonly RunningGateway gateway = new();

    public async Task InitializeAsync()
    {
        await gateway.InitializeAsync();
        await gateway.SendAsync("POST", "/v1/messages", RunningGateway.MessageJson("w1"));
    }

    public Task DisposeAsync() => gateway.DisposeAsync();

    [Fact]
    public async Task Over_gRPC_every_event_comes_with_a_token_to_go_on_from()
    {
        using var watch = gateway.Api.WatchMessage(new V1.WatchMessageRequest { MessageId = "w1", ResumeToken = "1" }, RunningGateway.As(gateway.Acme));
        var tokens = new List<string>();
        await foreach (var item in watch.ResponseStream.ReadAllAsync()) tokens.Add(item.ResumeToken);

        Assert.Equal(["2", "3"], tokens);
    }

    [Fact]
    public async Task Over_REST_events_are_server_sent_with_their_token_as_id_and_an_end()
    {
        using var response = await gateway.Http.GetAsync("/v1/messages/w1:watch");
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("id: 1\ndata: {", text, StringComparison.Ordinal);
        Assert.Equal(3, text.Split("id: ").Length - 1);
        Assert.EndsWith("event: end\ndata: {}\n\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_takes_a_stream_up_by_the_last_id()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/messages/w1:watch");
        request.Headers.Add("Last-Event-ID", "2");
        using var response = await gateway.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();

        Assert.StartsWith("id: 3\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_lines_if_the_client_prefers_them()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/messages/w1:watch?resume_token=1");
        request.Headers.Accept.ParseAdd("application/x-ndjson");
        using var response = await gateway.Http.SendAsync(request);
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(["2", "3"], lines.Select(line => JsonNode.Parse(line)!["resumeToken"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_stream_that_cannot_begin_is_an_ordinary_error()
    {
        var answer = await gateway.SendAsync("GET", "/v1/messages/nosuch:watch");

        Assert.Equal((404, "MESSAGE_NOT_FOUND"), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task A_stream_that_breaks_says_why_as_its_last_event()
    {
        gateway.Dispatcher.OnWatch = async (_, responses, _) =>
        {
            await responses.WriteAsync(new WatchMessageResponse { Event = new MessageEvent { Sequence = 1 }, ResumeToken = "1" });
            throw new FaultDomain("dispatcher").Refuse(ErrorReason.StoreRewound, "Behind.");
        };

        var text = await gateway.Http.GetStringAsync("/v1/messages/w1:watch");

        Assert.Contains("event: error\ndata: {\"error\":", text, StringComparison.Ordinal);
        Assert.Contains("STORE_REWOUND", text, StringComparison.Ordinal);
        Assert.DoesNotContain("event: end", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_ends_the_watch_behind_the_gateway()
    {
        var left = new TaskCompletionSource();
        gateway.Dispatcher.OnWatch = async (_, responses, context) =>
        {
            await responses.WriteAsync(new WatchMessageResponse { Event = new MessageEvent { Sequence = 1 }, ResumeToken = "1" });
            using var registration = context.CancellationToken.Register(left.SetResult);
            await left.Task;
        };
        using (var response = await gateway.Http.GetAsync("/v1/messages/w1:watch", HttpCompletionOption.ResponseHeadersRead))
        {
            using var stream = await response.Content.ReadAsStreamAsync();
            Assert.True(await stream.ReadAsync(new byte[64]) > 0);
        }

        await left.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_dispatcher_that_is_gone_is_named_and_may_be_tried_again()
    {
        await gateway.StopDispatcherAsync();

        var answer = await gateway.SendAsync("POST", "/v1/messages", RunningGateway.MessageJson("down"));
        var ready = await gateway.SendAsync("GET", "/health/ready");

        Assert.Equal((503, "DEPENDENCY_UNAVAILABLE"), (answer.Status, answer.Reason));
        Assert.Contains("\"dependency\":\"dispatcher\"", answer.Text, StringComparison.Ordinal);
        Assert.NotNull(answer.Response.Headers.RetryAfter);
        Assert.Equal(503, ready.Status);
        Assert.Contains("dispatcher does not answer", ready.Text, StringComparison.Ordinal);
    }
}
