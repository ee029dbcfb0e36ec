using Grpc.Core;
using Grpc.Net.Client;

namespace Pennypost.Standins.Tests.Grpc;

public sealed class CallingOverGrpc(EchoServer server) : IClassFixture<EchoServer>
{
    private readonly Echo.EchoClient client = server.Client();

    [Fact]
    public async Task Answers_one_request_with_one_response()
    {
        Assert.Equal("penny", (await client.SayAsync(new Word { Text = "penny" })).Text);
        Assert.Equal("post", client.Say(new Word { Text = "post" }).Text);
    }

    [Fact]
    public async Task Answers_many_requests_with_one_response()
    {
        using var call = client.Count();
        for (var i = 0; i < 500; i++) await call.RequestStream.WriteAsync(new Word { Text = "w" });
        await call.RequestStream.CompleteAsync();

        Assert.Equal(500, (await call).Times);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Answers_one_request_with_many_responses()
    {
        using var call = client.Repeat(new Word { Text = "x", Times = 2_000 });
        var times = new List<int>();
        await foreach (var word in call.ResponseStream.ReadAllAsync()) times.Add(word.Times);

        Assert.Equal(Enumerable.Range(0, 2_000), times);
    }

    [Fact]
    public async Task Answers_many_requests_with_many_responses_at_their_own_pace()
    {
        using var call = client.Chat();
        for (var i = 0; i < 300; i++)
        {
            await call.RequestStream.WriteAsync(new Word { Times = i }, CancellationToken.None);
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(i, call.ResponseStream.Current.Times);
        }
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task Carries_messages_of_every_size()
    {
        foreach (var length in new[] { 0, 1, 127, 128, 4_096, 65_535, 65_536, 2_000_000 })
        {
            var text = new string('s', length);
            Assert.Equal(text, (await client.SayAsync(new Word { Text = text })).Text);
        }
    }

    [Fact]
    public async Task Carries_headers_and_trailers_of_text_and_bytes()
    {
        using var call = client.SayAsync(new Word { Text = "headers" });
        var headers = await call.ResponseHeadersAsync;
        await call;

        Assert.Equal("h", headers.GetValue("HEAD"));
        Assert.Equal([1, 2, 3], headers.GetValueBytes("head-bin"));
        Assert.Equal("t", call.GetTrailers().GetValue("trail"));
        Assert.Equal([9, 8, 7], call.GetTrailers().GetValueBytes("trail-bin"));
    }

    [Fact]
    public async Task Tells_the_handler_of_its_call()
    {
        var word = await client.SayAsync(new Word { Text = "context" });

        Assert.Equal($"/pennypost.standins.tests.Echo/Say {server.Address.Authority} ipv4 False True", word.Text);
    }

    [Fact]
    public async Task Carries_status_details()
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () => await client.FailAsync(new Word { Text = Guid.NewGuid().ToString(), Times = 1 }));
        var details = global::Google.Rpc.Status.Parser.ParseFrom(error.Trailers.GetValueBytes("grpc-status-details-bin"));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Equal("not today: é 100%", error.Status.Detail);
        Assert.Equal("r-1", details.Details.Single().Unpack<global::Google.Rpc.RequestInfo>().RequestId);
        Assert.Equal("e", error.Trailers.GetValue("extra"));
    }

    [Fact]
    public async Task Tells_nothing_of_an_unexpected_exception()
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () => await client.ThrowAsync(new Word()));

        Assert.Equal(StatusCode.Unknown, error.StatusCode);
        Assert.DoesNotContain("not for callers", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_there_is_no_such_method()
    {
        var method = new Method<string, string>(MethodType.Unary, "pennypost.standins.tests.Echo", "Nothing", Marshallers.StringMarshaller, Marshallers.StringMarshaller);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await server.Channel().CreateCallInvoker().AsyncUnaryCall(method, null, default, ""));

        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }

    [Fact]
    public async Task Says_that_nobody_listens()
    {
        using var channel = GrpcChannel.ForAddress("http://127.0.0.1:1");
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(channel).SayAsync(new Word()));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.NotNull(error.Status.DebugException);
    }

    [Fact]
    public async Task Takes_a_marshaller_of_arrays()
    {
        // Field 1, length 3: a Word written by hand.
        var method = new Method<string, string>(MethodType.Unary, "pennypost.standins.tests.Echo", "Say", Marshallers.StringMarshaller, Marshallers.StringMarshaller);

        Assert.Equal("\n\u0003raw", await server.Channel().CreateCallInvoker().AsyncUnaryCall(method, null, default, "\n\u0003raw"));
    }

    [Fact]
    public async Task Gives_up_at_the_deadline_at_both_ends()
    {
        var id = Guid.NewGuid().ToString();
        // On a busy machine a call may meet its deadline before it meets the handler: then once more, with more time.
        for (var patience = TimeSpan.FromMilliseconds(300); !server.Seen.Attempts.ContainsKey(id) && patience < TimeSpan.FromSeconds(20); patience *= 4)
        {
            var error = await Assert.ThrowsAsync<RpcException>(async () => await client.HangAsync(new Word { Text = id }, deadline: DateTime.UtcNow + patience));
            Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        }

        await Eventually.Holds(() => server.Seen.Cancelled.ContainsKey(id), "the handler sees the deadline");
    }

    [Fact]
    public async Task Gives_up_a_call_that_is_cancelled_at_both_ends()
    {
        var id = Guid.NewGuid().ToString();
        using var cancellation = new CancellationTokenSource();
        var call = client.HangAsync(new Word { Text = id }, cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();
        var error = await Assert.ThrowsAsync<RpcException>(async () => await call);

        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
    }

    [Fact]
    public async Task Gives_up_a_stream_that_is_cancelled_at_both_ends()
    {
        var id = Guid.NewGuid().ToString();
        using var cancellation = new CancellationTokenSource();
        using var call = client.Repeat(new Word { Text = id, Times = 1_000_000, DelayMs = 1 }, cancellationToken: cancellation.Token);
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            var count = 0;
            while (await call.ResponseStream.MoveNext())
            {
                if (++count == 3) await cancellation.CancelAsync();
            }
        });

        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        await Eventually.Holds(() => server.Seen.Cancelled.ContainsKey(id), "the handler sees the cancellation");
    }

    [Fact]
    public async Task Gives_up_a_stream_that_is_disposed()
    {
        var id = Guid.NewGuid().ToString();
        using (var call = client.Repeat(new Word { Text = id, Times = 1_000_000, DelayMs = 1 }))
        {
            Assert.True(await call.ResponseStream.MoveNext());
        }

        await Eventually.Holds(() => server.Seen.Cancelled.ContainsKey(id), "the handler sees the end");
    }
}
