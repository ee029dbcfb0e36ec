using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;
using static Pennypost.Credits.Tests.Service.BulkStream;
using static Pennypost.Credits.Tests.Service.CreditsApp;

namespace Pennypost.Credits.Tests.Service;

/// <summary>F5, F6: the calls on holds as a stream of commands.</summary>
public sealed class TransactingInBulk
{
    private static readonly DateTimeOffset LongAgo = DateTimeOffset.UnixEpoch.AddYears(40);

    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task Answers_each_command_with_its_calls_response(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        await app.OpenAsync();
        var now = await app.NowAsync();
        using var bulk = new BulkStream(app);
        await bulk.SendAsync(Place("h1"), Place("h2"), Capture("h1", now), Release("h2"), Refund("h1", now));
        var answers = await bulk.CompleteAsync();

        Assert.Equal(["placed", "placed", "captured", "released", "Refunded"], answers.Select(Told));
        Assert.Equal((49L, 48L), (answers[0].PlaceHold.Available, answers[1].PlaceHold.Available));
        Assert.Equal(("h1", "p1", "acc"), (answers[0].PlaceHold.Hold.HoldId, answers[0].PlaceHold.Hold.PoolId, answers[0].PlaceHold.Hold.AccountId));
        Assert.Equal(50L, answers[4].RefundHold.Available);
        Assert.Equal((await app.PoolAsync()).Version, answers[4].RefundHold.PoolVersion);
        await app.VerifyAsync();
    }

    [Fact]
    public async Task Ends_well_without_a_command_and_takes_empty_messages()
    {
        await using var app = await StartAsync();
        using var none = new BulkStream(app);
        Assert.Empty(await none.CompleteAsync());
        using var empty = new BulkStream(app);
        await empty.SendAsync();
        Assert.Empty(await empty.CompleteAsync());
    }

    [Fact]
    public async Task A_bad_command_is_told_all_that_is_wrong_and_those_around_it_go_on()
    {
        await using var app = await StartAsync();
        await app.OpenAsync();
        using var bulk = new BulkStream(app);
        await bulk.SendAsync(
            Place("h1"),
            new TransactCommand { PlaceHold = new PlaceHoldRequest { PoolId = "ä", HoldId = new string('x', 97), Ttl = new Duration(), Floor = -1, MinVersion = -1 } },
            new TransactCommand(),
            new TransactCommand { CaptureHold = new CaptureHoldRequest { MinVersion = -1 } },
            new TransactCommand { ReleaseHold = new ReleaseHoldRequest { PoolId = "p1", HoldId = "a/b" } },
            new TransactCommand { RefundHold = new RefundHoldRequest { PoolId = "p1", HoldId = "h1", ReplyTime = Timestamp.FromDateTimeOffset((await app.NowAsync()).AddHours(1)) } },
            Place("h2"));
        var answers = await bulk.CompleteAsync();

        Assert.Equal(["placed", "INVALID_REQUEST", "INVALID_REQUEST", "INVALID_REQUEST", "INVALID_REQUEST", "INVALID_REQUEST", "placed"], answers.Select(Told));
        string[][] fields =
        [
            ["place_hold.pool_id", "place_hold.hold_id", "place_hold.account_id", "place_hold.ttl", "place_hold.floor", "place_hold.min_version"],
            ["command"],
            ["capture_hold.pool_id", "capture_hold.hold_id", "capture_hold.min_version", "capture_hold.send_time"],
            ["release_hold.hold_id"],
            ["refund_hold.reply_time", "refund_hold.trigger"],
        ];
        Assert.Equal(fields, answers.Skip(1).Take(5).Select(answer => Fault(answer).Violations.Select(violation => violation.Field).ToArray()));
        Assert.All(answers.Skip(1).Take(5), answer => Assert.Equal((StatusCode.InvalidArgument, "credits.pennypost.dev"), (Fault(answer).Code, Fault(answer).Domain)));
        Assert.Equal((48L, 2L), ((await app.PoolAsync()).Balance.Available, (await app.PoolAsync()).Balance.Held));
    }

    [Fact]
    public async Task An_error_is_the_one_that_the_call_alone_fails_with()
    {
        await using var app = await StartAsync();
        var version = (await app.OpenAsync()).Version;
        await app.OpenAsync("empty", balance: 0, plan: "recruiter_lite");
        await app.OpenAsync("theirs", tenant: "other");
        using var bulk = new BulkStream(app);
        PlaceHoldRequest[] places =
        [
            new() { PoolId = "p1", HoldId = "h1", AccountId = "other" },
            new() { PoolId = "p1", HoldId = "gone", AccountId = "acc" },
            new() { PoolId = "empty", HoldId = "h1", AccountId = "acc" },
            new() { PoolId = "theirs", HoldId = "h1", AccountId = "acc" },
            new() { PoolId = "p1", HoldId = "h9", AccountId = "acc", MinVersion = version + 1_000_000 },
        ];
        CaptureHoldRequest[] captures = [new() { PoolId = "p1", HoldId = "never", SendTime = Timestamp.FromDateTimeOffset(LongAgo) }];
        ReleaseHoldRequest[] releases = [new() { PoolId = "p1", HoldId = "h1" }];
        RefundHoldRequest[] refunds = [new() { PoolId = "nowhere", HoldId = "h1", ReplyTime = Timestamp.FromDateTimeOffset(LongAgo), Trigger = RefundTrigger.Reply }];
        await bulk.SendAsync(Place("h1"), Release("gone"), Capture("h1", LongAgo));
        await bulk.AnsweredAsync(3);
        await bulk.SendAsync(places.Select(request => new TransactCommand { PlaceHold = request }));
        await bulk.SendAsync(captures.Select(request => new TransactCommand { CaptureHold = request }));
        await bulk.SendAsync(releases.Select(request => new TransactCommand { ReleaseHold = request }));
        await bulk.SendAsync(refunds.Select(request => new TransactCommand { RefundHold = request }));
        var answers = (await bulk.CompleteAsync()).Skip(3).ToList();

        Assert.Equal(
            ["HOLD_ID_REUSED", "HOLD_ID_REFUSED", "INSUFFICIENT_CREDITS", "POOL_NOT_FOUND", "STORE_REWOUND", "HOLD_NOT_FOUND", "HOLD_SETTLED", "POOL_NOT_FOUND"],
            answers.Select(Told));
        var told = new List<ByteString>();
        foreach (var request in places) told.Add(await AloneAsync(app.Client.PlaceHoldAsync(request, As())));
        foreach (var request in captures) told.Add(await AloneAsync(app.Client.CaptureHoldAsync(request, As())));
        foreach (var request in releases) told.Add(await AloneAsync(app.Client.ReleaseHoldAsync(request, As())));
        foreach (var request in refunds) told.Add(await AloneAsync(app.Client.RefundHoldAsync(request, As())));
        Assert.Equal(told, answers.Select(answer => answer.Error));
    }

    [Theory]
    [InlineData(Keeping.Memory, 1)]
    [InlineData(Keeping.Redis, 2)]
    public async Task Keeps_the_order_of_each_pool_whoever_else_writes(Keeping keeping, int instances)
    {
        const int Pools = 5, Ids = 60;
        var prefix = Guid.NewGuid().ToString("N");
        var apps = new List<CreditsApp>();
        try
        {
            for (var i = 0; i < instances; i++) apps.Add(await StartAsync(keeping, prefix));
            for (var pool = 0; pool < Pools; pool++) await apps[0].OpenAsync($"p{pool}", balance: 1_000);

            // Two streams on the same pools, on different instances where there are two: each sees its own commands in its own order.
            await Task.WhenAll(new[] { "a", "b" }.Select(async (name, index) =>
            {
                using var bulk = new BulkStream(apps[index % instances]);
                var expected = new List<string>();
                for (var id = 0; id < Ids; id++)
                {
                    var hold = $"{name}{id}";
                    for (var pool = 0; pool < Pools; pool++)
                    {
                        await bulk.SendAsync(Capture(hold, LongAgo, $"p{pool}"), Place(hold, $"p{pool}"), Capture(hold, LongAgo, $"p{pool}"), Release(hold, $"p{pool}"), Refund(hold, LongAgo, $"p{pool}"), Refund(hold, LongAgo, $"p{pool}"));
                        expected.AddRange("HOLD_NOT_FOUND", "placed", "captured", "HOLD_SETTLED", "Refunded", "AlreadyRefunded");
                    }
                }

                var answers = await bulk.CompleteAsync();
                Assert.Equal(expected, answers.Select(Told));
                foreach (var pool in bulk.AsTheyCame.GroupBy(answer => answer.CommandNumber / 6 % Pools))
                    Assert.Equal(pool.Select(answer => answer.CommandNumber).Order(), pool.Select(answer => answer.CommandNumber));
            }));

            for (var pool = 0; pool < Pools; pool++)
            {
                var balance = (await apps[0].PoolAsync($"p{pool}")).Balance;
                Assert.Equal((2L * Ids, 2L * Ids, 0L), (balance.Spent, balance.Refunded, balance.Held));
                await apps[0].VerifyAsync($"p{pool}");
            }
        }
        finally
        {
            foreach (var app in apps) await app.DisposeAsync();
        }
    }

    [Fact]
    public async Task Reads_no_further_while_its_answers_are_not_taken()
    {
        const int Window = 64, Offered = 60_000;
        await using var app = await StartAsync(settings: ("Credits:TransactWindow", "64"));
        await app.OpenAsync(balance: 100_000);
        // A line whose windows do not grow.
        using var line = app.Line(new SocketsHttpHandler { InitialHttp2StreamWindowSize = 65_535 });
        using var call = new CreditsService.CreditsServiceClient(line).Transact(As());
        var written = 0;
        var writing = Task.Run(async () =>
        {
            for (; written < Offered; written += 100)
                await call.RequestStream.WriteAsync(new TransactRequest { Commands = { Enumerable.Range(written, 100).Select(i => Place($"h{i}")) } });
            await call.RequestStream.CompleteAsync();
        });

        // Nobody reads: after a while nothing moves any more. What went on is the window, and what fits into the buffers of the line.
        var (held, before) = (0L, -1L);
        while (held != before)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            (before, held) = (held, (await app.PoolAsync()).Balance.Held);
        }

        Assert.InRange(held, Window, Offered / 4);
        Assert.False(writing.IsCompleted, "All was taken though nothing was read.");

        // One who reads gets them all.
        var answered = 0;
        await foreach (var response in call.ResponseStream.ReadAllAsync()) answered += response.Answers.Count(answer => Told(answer) == "placed");
        await writing;
        Assert.Equal(Offered, answered);
        Assert.Equal(Offered, (await app.PoolAsync()).Balance.Held);
    }

    [Fact]
    public async Task Works_with_a_window_of_one()
    {
        await using var app = await StartAsync(settings: ("Credits:TransactWindow", "1"));
        await app.OpenAsync(balance: 500);
        using var bulk = new BulkStream(app);
        await bulk.SendAsync(Enumerable.Range(0, 300).Select(i => Place($"h{i}")));
        Assert.All(await bulk.CompleteAsync(), answer => Assert.Equal("placed", Told(answer)));
        Assert.Equal(Enumerable.Range(0, 300).Select(i => (long)i), bulk.AsTheyCame.Select(answer => answer.CommandNumber));
    }

    [Fact]
    public async Task A_cancelled_stream_leaves_commands_that_can_be_sent_again()
    {
        await using var app = await StartAsync();
        await app.OpenAsync(balance: 5_000);
        using var gone = new CancellationTokenSource();
        var bulk = new BulkStream(app, As().WithCancellationToken(gone.Token));
        for (var first = 0; first < 3_000; first += 1_000) await bulk.SendAsync(Enumerable.Range(first, 1_000).Select(i => Place($"h{i}")));
        await bulk.AnsweredAsync(1);
        await gone.CancelAsync();
        var told = await bulk.EndedAsync("CANCELLED", StatusCode.Cancelled);
        bulk.Dispose();

        using var again = new BulkStream(app);
        for (var first = 0; first < 3_000; first += 1_000) await again.SendAsync(Enumerable.Range(first, 1_000).Select(i => Place($"h{i}")));
        var answers = await again.CompleteAsync();
        Assert.All(answers, answer => Assert.Equal("placed", Told(answer)));
        Assert.All(told, before => Assert.Equal(before.PlaceHold.Hold, answers[(int)before.CommandNumber].PlaceHold.Hold));
        Assert.Equal((2_000L, 3_000L), ((await app.PoolAsync()).Balance.Available, (await app.PoolAsync()).Balance.Held));
        await app.VerifyAsync();
    }

    [Fact]
    public async Task A_deadline_ends_the_stream_and_nothing_else()
    {
        await using var app = await StartAsync();
        await app.OpenAsync();
        using var bulk = new BulkStream(app, As().WithDeadline(DateTime.UtcNow.AddSeconds(1)));
        await bulk.SendAsync(Place("h1"));
        Assert.Equal("placed", Told(Assert.Single(await bulk.EndedAsync("DEADLINE_EXCEEDED", StatusCode.DeadlineExceeded))));
        await app.Place("h2");
    }

    [Fact]
    public async Task Answers_what_it_had_begun_when_the_service_stops()
    {
        var prefix = Guid.NewGuid().ToString("N");
        await using var other = await StartAsync(Keeping.Redis, prefix);
        await other.OpenAsync(balance: 100_000);
        await using var app = await StartAsync(Keeping.Redis, prefix);
        using var bulk = new BulkStream(app);
        var writing = Task.Run(async () =>
        {
            try
            {
                for (var first = 0; first < 90_000; first += 50) await bulk.SendAsync(Enumerable.Range(first, 50).Select(i => Place($"h{i}")));
            }
            catch (Exception exception) when (exception is RpcException or InvalidOperationException or IOException)
            {
                // The stream has ended, or its connection.
            }
        });
        await bulk.AnsweredAsync(200);
        await app.StopAsync();
        var told = await bulk.EndedAsync("DEPENDENCY_UNAVAILABLE", StatusCode.Unavailable);
        await writing;

        Assert.True(told.Count < 90_000, "The stop came too late to show anything.");
        Assert.All(told, answer => Assert.Equal("placed", Told(answer)));
        // A client that is still writing may see the connection close before it has read the last answers.
        var held = (await other.PoolAsync()).Balance.Held;
        Assert.InRange(held, told.Count, 90_000);
        if (bulk.WasToldWhy) Assert.Equal(told.Count, held);

        using var again = new BulkStream(other);
        await again.SendAsync(Enumerable.Range(0, 50).Select(i => Place($"h{i}")));
        Assert.All(await again.CompleteAsync(), answer => Assert.Equal(told.Single(before => before.CommandNumber == answer.CommandNumber).PlaceHold.Hold, answer.PlaceHold.Hold));
        Assert.Equal(held, (await other.PoolAsync()).Balance.Held);
    }

    [Fact]
    public async Task A_message_with_too_many_commands_ends_the_stream_after_what_came_before()
    {
        await using var app = await StartAsync();
        await app.OpenAsync(balance: 5_000);
        using var bulk = new BulkStream(app);
        await bulk.SendAsync(Enumerable.Range(0, 1_024).Select(i => Place($"h{i}")));
        await bulk.SendAsync(Enumerable.Range(0, 1_025).Select(i => Place($"not{i}")));
        var told = await bulk.EndedAsync("INVALID_REQUEST", StatusCode.InvalidArgument);
        Assert.Equal(1_024, told.Count);
        Assert.Equal(1_024L, (await app.PoolAsync()).Balance.Held);
    }

    [Fact]
    public async Task A_message_that_is_too_large_or_none_ends_the_stream_with_its_reason()
    {
        await using var app = await StartAsync();
        await app.OpenAsync();
        foreach (var (bytes, reason, code) in new[]
        {
            (new byte[] { 0x0a, 0xff }, "INVALID_REQUEST", StatusCode.InvalidArgument),
            (new byte[(4 * 1024 * 1024) + 1], "REQUEST_TOO_LARGE", StatusCode.ResourceExhausted),
        })
        {
            var raw = Marshallers.Create<byte[]>(message => message, message => message);
            var method = new Method<byte[], byte[]>(MethodType.DuplexStreaming, "pennypost.credits.v1.CreditsService", "Transact", raw, raw);
            using var line = app.Line();
            using var call = line.CreateCallInvoker().AsyncDuplexStreamingCall(method, null, As());
            await call.RequestStream.WriteAsync(new TransactRequest { Commands = { Place("h1") } }.ToByteArray());
            try
            {
                await call.RequestStream.WriteAsync(bytes);
            }
            catch (RpcException)
            {
                // The stream ended before all of it was gone.
            }

            Assert.True(await call.ResponseStream.MoveNext(default));
            Assert.Equal("placed", Told(Assert.Single(TransactResponse.Parser.ParseFrom(call.ResponseStream.Current).Answers)));
            var fault = RpcFault.From(await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(default)));
            Assert.Equal((reason, code), (fault.Reason, fault.Code));
        }
    }

    [Fact]
    public async Task Without_a_token_nothing_is_read()
    {
        await using var app = await StartAsync();
        using var bulk = new BulkStream(app, new CallOptions(deadline: DateTime.UtcNow.AddSeconds(10)));
        Assert.Empty(await bulk.EndedAsync("CREDENTIAL_INVALID", StatusCode.Unauthenticated));
    }

    private static async Task<ByteString> AloneAsync<T>(AsyncUnaryCall<T> call) =>
        ByteString.CopyFrom((await Assert.ThrowsAsync<RpcException>(async () => await call)).Trailers.GetValueBytes(RpcFault.DetailsTrailer));
}
