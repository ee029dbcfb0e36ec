using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Grpc.Core;
using Pennypost.Errors.V1;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Tests;

/// <summary>F73: messages are handed over as they come, each with an answer of its own.</summary>
public sealed class StreamingMessages : IAsyncLifetime
{
    private const int AtOnce = 4;
    private const int PerDay = 10;
    private readonly RunningGateway gateway = new(new() { ["Gateway:BatchConcurrency"] = $"{AtOnce}", ["Hosting:MaxReceiveMessageBytes"] = "65536" });

    public Task InitializeAsync() => gateway.InitializeAsync();

    public Task DisposeAsync() => gateway.DisposeAsync();

    private AsyncDuplexStreamingCall<StreamMessagesRequest, StreamMessagesResponse> Open() => gateway.Api.StreamMessages(RunningGateway.As(gateway.Acme), DateTime.UtcNow.AddSeconds(30));

    private static StreamMessagesRequest Of(string id, string body = "Hello") => new() { Message = RunningGateway.Message(id, body) };

    [Fact]
    public async Task Each_message_is_answered_by_itself_in_the_order_of_the_requests_F73()
    {
        var isFirst = true;
        gateway.Dispatcher.OnAccept = request =>
        {
            // Whoever does not wait for the first of an id passes it.
            if (request.Message is { MessageId: "m1" } && Interlocked.Exchange(ref isFirst, false)) Thread.Sleep(300);
            return null;
        };
        using var stream = Open();
        foreach (var request in new[] { Of("m1"), new StreamMessagesRequest(), Of("m2"), Of("m1", "Other words"), Of("m1") }) await stream.RequestStream.WriteAsync(request);
        await stream.RequestStream.CompleteAsync();
        var results = await stream.ResponseStream.ReadAllAsync().Select(answer => answer.Result).ToListAsync();

        Assert.Equal(["m1 new", "INVALID_REQUEST message", "m2 new", "m1 MESSAGE_ID_REUSED message.content", "m1 known"], results.Select(Told));
        Assert.Equal(["m1", "m2"], gateway.Dispatcher.Messages.Keys.Select(key => key.Id).Order());
    }

    private static string Told(SendResult result) => result switch
    {
        { Refusal: { Violations.Count: > 0 } refusal } => $"{refusal.Reason} {string.Join(' ', refusal.Violations.Select(violation => violation.Field))}",
        { Refusal: { } refusal } => $"{result.MessageId} {refusal.Reason} {refusal.Field}",
        _ => $"{result.Message.MessageId} {(result.Existed ? "known" : "new")}",
    };

    [Fact]
    public async Task An_answer_comes_before_the_next_request_and_nothing_is_kept_of_what_only_looks_F73()
    {
        using var stream = Open();
        foreach (var id in new[] { "m1", "m2", "m3" })
        {
            var request = Of(id);
            request.ValidateOnly = true;
            await stream.RequestStream.WriteAsync(request);
            Assert.True(await stream.ResponseStream.MoveNext(default));
            Assert.Equal(id, stream.ResponseStream.Current.Result.MessageId);
        }

        Assert.Empty(gateway.Dispatcher.Messages);
    }

    [Fact]
    public async Task No_more_are_under_way_than_may_be_and_an_early_slow_one_holds_no_other_up_F73()
    {
        var (now, most) = (0, 0);
        using var gate = new SemaphoreSlim(0);
        gateway.Dispatcher.OnAccept = request =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref now));
            if (request.Message.MessageId == "m0") gate.Wait(TimeSpan.FromSeconds(20));
            Thread.Sleep(2);
            // The first waits for the last that may pass it.
            if (request.Message.MessageId == $"m{AtOnce - 1}") gate.Release();
            Interlocked.Decrement(ref now);
            return null;
        };

        using var stream = Open();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++) await stream.RequestStream.WriteAsync(Of($"m{i}"));
            await stream.RequestStream.CompleteAsync();
        });
        var ids = await stream.ResponseStream.ReadAllAsync().Select(answer => answer.Result.MessageId).ToListAsync();
        await writing;

        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"m{i}"), ids);
        Assert.InRange(most, 2, AtOnce);
    }

    private static void InterlockedMax(ref int most, int seen)
    {
        for (var known = Volatile.Read(ref most); seen > known; known = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, seen, known);
    }

    [Fact]
    public async Task From_a_caller_who_does_not_read_nothing_more_is_read_F73()
    {
        using var stream = Open();
        var large = new string('x', 7_000);
        var written = 0;
        var writing = Task.Run(async () =>
        {
            for (; written < 20_000; written++) await stream.RequestStream.WriteAsync(Of($"m{written}", large));
        });
        // The answers fill what the two ends buffer, and then the requests do.
        var before = -1;
        await Eventually.HoldsAsync(async () =>
        {
            var seen = Volatile.Read(ref written);
            if (seen == before && seen > 0) return true;
            before = seen;
            await Task.Delay(1_000);
            return false;
        });

        Assert.False(writing.IsCompleted);
        Assert.InRange(gateway.Dispatcher.Messages.Count, 1, 19_000);
        stream.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => writing);
    }

    [Fact]
    public async Task What_was_handed_over_is_answered_before_the_day_is_used_up_F73_F69()
    {
        var limited = new RunningGateway(new() { ["Gateway:TenantCallsPerDay"] = $"{PerDay}" });
        await limited.InitializeAsync();
        using var stream = limited.Api.StreamMessages(RunningGateway.As(limited.Acme), DateTime.UtcNow.AddSeconds(30));
        // The answer has begun before the second message is counted.
        await stream.RequestStream.WriteAsync(Of("m0"));
        Assert.True(await stream.ResponseStream.MoveNext(default));
        var ids = new List<string> { stream.ResponseStream.Current.Result.MessageId };
        for (var i = 1; i < PerDay + 1; i++) await stream.RequestStream.WriteAsync(Of($"m{i}"));
        var fault = RpcFault.From(await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var answer in stream.ResponseStream.ReadAllAsync()) ids.Add(answer.Result.MessageId);
        }));

        Assert.Equal(ErrorReason.DailyQuotaUsedUp, fault.ErrorReason);
        Assert.Equal(Enumerable.Range(0, PerDay).Select(i => $"m{i}"), ids);
        await limited.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_ends_when_its_key_is_revoked_F73_F69()
    {
        var key = await gateway.KeyAsync("acme", [Keys.Scopes.MessagesWrite]);
        using var stream = gateway.Api.StreamMessages(RunningGateway.As(key), DateTime.UtcNow.AddSeconds(30));
        await stream.RequestStream.WriteAsync(Of("m1"));
        Assert.True(await stream.ResponseStream.MoveNext(default));
        Assert.Equal(200, (await gateway.SendAsync("DELETE", $"/v1/apiKeys/{key.KeyId}")).Status);

        var fault = RpcFault.From(await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(default)));
        Assert.Equal(ErrorReason.CredentialInvalid, fault.ErrorReason);
    }

    [Fact]
    public async Task Over_REST_lines_are_answered_by_lines_and_what_cannot_be_read_is_refused_by_itself_F73()
    {
        var lines = await LinesAsync($$"""
            {"message": {{RunningGateway.MessageJson("m1")}}}

            nonsense
            {"message": {"messageId": "m 2", "prospect": {"profile": "ada-lovelace"}, "colour": "red"}, "validateOnly": "perhaps"}
            {"message": {{RunningGateway.MessageJson("m3")}}, "validateOnly": true}
            """);

        Assert.Equal(4, lines.Count);
        Assert.Equal(("m1", "m3"), ((string?)lines[0]["result"]!["message"]!["messageId"], (string?)lines[3]["result"]!["message"]!["messageId"]));
        Assert.Equal(["*"], Violations(lines[1]));
        Assert.Equal(["message.colour", "validate_only", "message.message_id", "message.content"], Violations(lines[2]));
        Assert.Equal(["m1"], gateway.Dispatcher.Messages.Keys.Select(key => key.Id));
    }

    private static IEnumerable<string?> Violations(JsonNode line) => line["result"]!["refusal"]!["violations"]!.AsArray().Select(violation => (string?)violation!["field"]);

    [Fact]
    public async Task Over_REST_answers_come_while_requests_are_sent_F73()
    {
        // By hand: .NET's own client sends the whole body before it reads.
        using var client = new TcpClient();
        var address = gateway.App.HttpAddress();
        await client.ConnectAsync(address.Host, address.Port);
        await using var wire = client.GetStream();
        wire.ReadTimeout = 20_000;
        using var answers = new StreamReader(wire);
        Task ChunkAsync(string text) => wire.WriteAsync(Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetByteCount(text):x}\r\n{text}\r\n")).AsTask();
        async Task<string> AnswerAsync()
        {
            while (true)
            {
                if (await answers.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)) is var line && line is null or ['{', ..]) return line ?? "";
            }
        }

        await wire.WriteAsync(Encoding.UTF8.GetBytes(
            $"POST /v1/messages:stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.Acme.Text.Reveal()}\r\nContent-Type: application/x-ndjson\r\nAccept: application/x-ndjson\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"));
        await ChunkAsync($"{{\"message\": {RunningGateway.MessageJson("m1")}}}\n");
        Assert.Contains("\"m1\"", await AnswerAsync(), StringComparison.Ordinal);
        // A line may come in pieces, and the last without an end.
        var last = $"{{\"message\": {RunningGateway.MessageJson("m2")}}}";
        await ChunkAsync(last[..9]);
        await ChunkAsync(last[9..]);
        await ChunkAsync("");
        Assert.Contains("\"m2\"", await AnswerAsync(), StringComparison.Ordinal);
        Assert.Equal("", await AnswerAsync());
    }

    [Fact]
    public async Task Over_REST_a_body_of_another_type_and_a_line_that_is_too_long_end_it_F73()
    {
        using var wrong = new HttpRequestMessage(HttpMethod.Post, "/v1/messages:stream?colour=red") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        using var refused = await gateway.Http.SendAsync(wrong);
        var lines = await LinesAsync($"{{\"message\": {RunningGateway.MessageJson("m1")}}}\n{{\"message\": \"{new string('x', 70_000)}\"}}");

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var said = await refused.Content.ReadAsStringAsync();
        Assert.Contains("content-type", said, StringComparison.Ordinal);
        Assert.Contains("colour", said, StringComparison.Ordinal);
        Assert.Equal("m1", (string?)lines[0]["result"]!["messageId"]);
        Assert.Contains("REQUEST_TOO_LARGE", lines[1]["error"]!.ToJsonString(), StringComparison.Ordinal);
    }

    private static HttpRequestMessage Request(HttpContent body)
    {
        body.Headers.ContentType = new("application/x-ndjson");
        return new HttpRequestMessage(HttpMethod.Post, "/v1/messages:stream") { Content = body, Headers = { Accept = { new("application/x-ndjson") } } };
    }

    private async Task<List<JsonNode>> LinesAsync(string body)
    {
        using var request = Request(new StringContent(body));
        using var response = await gateway.Http.SendAsync(request);
        return [.. (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }
}
