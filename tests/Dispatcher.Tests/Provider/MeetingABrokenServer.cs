using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Pennypost.Dispatcher.Provider;
using Pennypost.Hosting;

namespace Dispatcher.Tests.Provider;

/// <summary>F39, F40: what no well-behaved server does, over raw TCP. What counts is how often a whole request arrived, and what was answered about it.</summary>
public sealed class MeetingABrokenServer
{
    private static readonly ProviderSend Hello = new ProviderSend.WriteInChat("ann", "chat", "Hello");

    public static TheoryData<string, string, string> Misbehaviours => new()
    {
        { "resets after the request", "RESET", "Unknown" },
        { "closes after the request", "", "Unknown" },
        { "says nothing", "HANG", "Unknown" },
        { "sends half a status line", "HTTP/1.1 20", "Unknown" },
        { "sends half an answer", "HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"object\":", "Unknown" },
        { "drips", "DRIP", "Unknown" },
        { "sends no JSON", "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\n<html", "Unknown" },
        { "sends another's JSON", "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"ok\":true}", "Unknown" },
        { "redirects", "HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "Unknown" },
        { "sends a page with 502", "HTTP/1.1 502 Bad\r\nContent-Length: 6\r\n\r\n<html>", "Unknown" },
        { "sends too much", "FLOOD", "Unknown" },
        { "answers well", "HTTP/1.1 201 Created\r\nContent-Length: 42\r\n\r\n{\"object\":\"MessageSent\",\"message_id\":null}", "Accepted" },
    };

    [Theory]
    [MemberData(nameof(Misbehaviours))]
    public async Task Sends_once_and_says_what_is_known(string what, string answer, string told)
    {
        await using var server = new RawServer(answer);
        using var provider = new UnipileProvider(new ProviderOptions { AttemptSeconds = 0.5, TotalSeconds = 3, MaxResponseBytes = 4_096, RetryDelayMs = 5, BreakAtLeastCalls = 1_000 }, TimeProvider.System);
        var reply = await provider.SendAsync(server.Connection, Hello, RunningProvider.Later, default);
        Assert.True(reply.GetType().Name == told, $"A server that {what}: {reply}");
        Assert.Equal(1, server.Requests);
    }

    /// <summary>A connection that was kept open and died meanwhile: the request is either not written, or not written twice.</summary>
    [Fact]
    public async Task Never_writes_twice_on_a_stale_connection()
    {
        await using var server = new RawServer("HTTP/1.1 201 Created\r\nContent-Length: 42\r\n\r\n{\"object\":\"MessageSent\",\"message_id\":null}") { CloseAfterAnswer = true };
        using var provider = new UnipileProvider(RunningProvider.Fast, TimeProvider.System);
        var (accepted, unknown) = (0, 0);
        for (var send = 0; send < 20; send++)
        {
            switch (await provider.SendAsync(server.Connection, Hello, RunningProvider.Later, default))
            {
                case ProviderReply.Accepted:
                    accepted++;
                    break;
                case ProviderReply.Unknown:
                    unknown++;
                    break;
                case var other:
                    Assert.Fail(other.ToString());
                    break;
            }
        }

        Assert.InRange(server.Requests, accepted, accepted + unknown);
        Assert.True(accepted > 0);
    }

    [Fact]
    public async Task Knows_that_nothing_was_sent_when_nobody_listens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var provider = new UnipileProvider(RunningProvider.Fast, TimeProvider.System);
        var reply = await provider.SendAsync(new ProviderConnection("acme", "c", new Uri($"http://127.0.0.1:{port}"), new Secret("key-key-key")), Hello, RunningProvider.Later, default);
        Assert.Equal("ConnectionError", Assert.IsType<ProviderReply.NotSent>(reply).Why);
    }

    [Fact]
    public async Task Opens_the_circuit_of_a_provider_that_is_out()
    {
        await using var server = new RawServer("");
        using var provider = new UnipileProvider(
            new ProviderOptions { AttemptSeconds = 0.5, TotalSeconds = 2, Retries = 0, BreakAtLeastCalls = 4, BreakAtFailureShare = 0.5, BreakSeconds = 60 }, TimeProvider.System);
        for (var call = 0; call < 4; call++)
            Assert.IsType<ProviderReply.Unknown>(await provider.SendAsync(server.Connection, Hello, RunningProvider.Later, default));
        Assert.Equal(new ProviderReply.NotSent("circuit_open"), await provider.SendAsync(server.Connection, Hello, RunningProvider.Later, default));
        Assert.Equal(4, server.Requests);
        // Another tenant's is another circuit, also where both call it the same and ask the same server.
        Assert.IsType<ProviderReply.Unknown>(await provider.SendAsync(server.Connection with { Tenant = "other" }, Hello, RunningProvider.Later, default));
        // And so is another connection.
        await using var well = new RawServer("HTTP/1.1 201 Created\r\nContent-Length: 42\r\n\r\n{\"object\":\"MessageSent\",\"message_id\":null}");
        Assert.IsType<ProviderReply.Accepted>(await provider.SendAsync(well.Connection, Hello, RunningProvider.Later, default));
    }

    /// <summary>X15: a provider that is out every other second, for an hour: the circuit opens no more often than its pauses allow, and each time one call tries, whoever else wants to.</summary>
    [Fact]
    public async Task Tries_with_one_call_when_a_flapping_provider_may_be_back()
    {
        const int Hour = 3_600;
        var time = new HandTime();
        var options = new ProviderOptions { AttemptSeconds = 5, TotalSeconds = 10, Retries = 0 };
        await using var server = new RawServer("FLAP");
        using var provider = new UnipileProvider(options, time);
        var (openings, probes, wasOpen) = (0, 0, false);
        for (var second = 0; second < Hour; second++)
        {
            server.IsOut = second % 2 == 1;
            var before = server.Requests;
            // No answer before all have asked.
            var asking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            server.Answers = asking.Task;
            var calls = Enumerable.Range(0, 4).Select(_ => provider.SendAsync(server.Connection, Hello, RunningProvider.Later, default)).ToList();
            asking.SetResult();
            var replies = await Task.WhenAll(calls);
            var (refused, asked) = (replies.Count(reply => reply == new ProviderReply.NotSent("circuit_open")), server.Requests - before);
            Assert.Equal(replies.Length, refused + asked);
            if (wasOpen && asked > 0)
            {
                Assert.Equal(1, asked);
                probes++;
            }

            // After a probe that succeeded it is closed again, although this time the others were refused.
            var isOpen = refused > 0 && replies.All(reply => reply is not ProviderReply.Accepted);
            openings += isOpen && (!wasOpen || asked > 0) ? 1 : 0;
            wasOpen = isOpen;
            time.Now += TimeSpan.FromSeconds(1);
        }

        // Never closed for long enough to begin anew: the pauses grow to the longest, and stay there.
        Assert.InRange(openings, 2, (int)(Hour / options.MaxBreakSeconds) + 3);
        Assert.InRange(probes, 2, openings);
    }

    /// <summary>F64 beside it: what the circuit did is counted, and each call that it spared.</summary>
    [Fact]
    public async Task Is_called_less_and_less_while_it_is_out_and_as_before_once_it_stayed_well()
    {
        var time = new HandTime();
        var options = new ProviderOptions { AttemptSeconds = 5, TotalSeconds = 10, Retries = 0, BreakAtLeastCalls = 2, BreakSeconds = 5, MaxBreakSeconds = 30 };
        await using var metrics = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var counted = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        using var listener = Counting(metrics.GetRequiredService<IMeterFactory>(), counted);
        await using var server = new RawServer("FLAP") { IsOut = true };
        using var provider = new UnipileProvider(options, time, new ProviderMeter(metrics.GetRequiredService<IMeterFactory>()));

        // Two calls open it; from then on one call is made at the end of each pause.
        Assert.Equal([0, 0, 5, 15, 35, 65, 95], await CalledAtAsync(seconds: 100));
        listener.RecordObservableInstruments();
        Assert.Equal((1, 5, 101 - 7), (counted["circuits open"], counted["circuit_changes open"] - 1, counted["calls_saved circuit_open"]));
        Assert.False(counted.ContainsKey("circuit_changes closed"));

        // Well for half a minute, as long as it was last open: it begins anew.
        server.IsOut = false;
        var back = await CalledAtAsync(seconds: 60);
        Assert.Equal(25, back[0]);
        Assert.Equal(Enumerable.Range(25, 35), back);
        server.IsOut = true;
        Assert.Equal(5, Pauses(await CalledAtAsync(seconds: 60))[0]);

        async Task<List<int>> CalledAtAsync(int seconds)
        {
            var at = new List<int>();
            for (var second = 0; second < seconds; second++)
            {
                // In the first second of an outage two calls, which are as many as say anything.
                for (var call = 0; call < (second == 0 ? 2 : 1); call++)
                {
                    var before = server.Requests;
                    await provider.SendAsync(server.Connection, Hello, RunningProvider.Later, default);
                    at.AddRange(Enumerable.Repeat(second, server.Requests - before));
                }

                time.Now += TimeSpan.FromSeconds(1);
            }

            return at;
        }

        static List<int> Pauses(List<int> at) => [.. at.Zip(at.Skip(1), (one, next) => next - one).Where(pause => pause > 1)];
    }

    /// <summary>Sums by name and the last tag.</summary>
    private static MeterListener Counting(IMeterFactory factory, ConcurrentDictionary<string, long> counted)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Scope == factory)
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => counted.AddOrUpdate(Key(instrument, tags), value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => counted[Key(instrument, tags)] = value);
        listener.Start();
        return listener;

        static string Key(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) => $"{instrument.Name.Split('.')[^1]} {tags[^1].Value}";
    }

    [Theory]
    [InlineData(null, null, 5)]
    [InlineData(5, null, 10)]
    [InlineData(10, null, 20)]
    [InlineData(20, null, 30)]
    [InlineData(30, null, 30)]
    [InlineData(20, 0, 30)]
    [InlineData(20, 19, 30)]
    [InlineData(20, 20, 5)]
    [InlineData(30, 3_600, 5)]
    public void Leaves_it_alone_for_twice_as_long_each_time_until_it_has_stayed_well(int? last, int? closedFor, int next) =>
        Assert.Equal(TimeSpan.FromSeconds(next), CircuitPause.Next(Seconds(last), Seconds(closedFor), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30)));

    [Fact]
    public void Never_leaves_it_alone_for_less_than_the_shortest_pause() =>
        Assert.Equal(TimeSpan.FromSeconds(60), CircuitPause.Next(TimeSpan.FromSeconds(60), null, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(30)));

    private static TimeSpan? Seconds(int? seconds) => seconds is { } some ? TimeSpan.FromSeconds(some) : null;

    [Fact]
    public async Task Is_unknown_when_its_caller_leaves_after_the_request()
    {
        await using var server = new RawServer("HANG");
        using var provider = new UnipileProvider(new ProviderOptions { AttemptSeconds = 10, TotalSeconds = 20 }, TimeProvider.System);
        using var leaving = new CancellationTokenSource();
        var sending = provider.SendAsync(server.Connection, Hello, RunningProvider.Later, leaving.Token);
        await server.FirstRequest.WaitAsync(TimeSpan.FromSeconds(5));
        await leaving.CancelAsync();
        Assert.IsType<ProviderReply.Unknown>(await sending);
    }

    /// <summary>Time that a test moves; what waits, waits for real.</summary>
    private sealed class HandTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 26, 8, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    /// <summary>Reads whole requests, counts them, and answers each in the same way.</summary>
    private sealed class RawServer : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stopping = new();
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly string _answer;
        private readonly Task _accepting;
        private int _requests;

        public RawServer(string answer)
        {
            _answer = answer;
            _listener.Start();
            Connection = new ProviderConnection("acme", "c1", new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}"), new Secret("key-key-key"));
            _accepting = AcceptAsync();
        }

        public ProviderConnection Connection { get; }

        public bool CloseAfterAnswer { get; init; }

        /// <summary>Whether one that flaps is out now: it hangs up after the request.</summary>
        public bool IsOut { get; set; }

        /// <summary>Before this is over, one that flaps says nothing.</summary>
        public Task Answers { get; set; } = Task.CompletedTask;

        public int Requests => Volatile.Read(ref _requests);

        public Task FirstRequest => _first.Task;

        private async Task AcceptAsync()
        {
            var serving = new List<Task>();
            try
            {
                while (true)
                    serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(serving);
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            try
            {
                using (client)
                {
                    var stream = client.GetStream();
                    while (await RequestAsync(stream))
                    {
                        Interlocked.Increment(ref _requests);
                        _first.TrySetResult();
                        if (!await AnswerAsync(client, stream) || CloseAfterAnswer)
                            return;
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException)
            {
                // The other side left.
            }
        }

        /// <summary>Reads one request with its whole body.</summary>
        private async Task<bool> RequestAsync(NetworkStream stream)
        {
            var head = new StringBuilder();
            var one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                if (await stream.ReadAsync(one, _stopping.Token) == 0)
                    return false;
                head.Append((char)one[0]);
            }

            var length = head.ToString().Split("\r\n").First(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1].Trim();
            var body = new byte[int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)];
            await stream.ReadExactlyAsync(body, _stopping.Token);
            return true;
        }

        private async Task<bool> AnswerAsync(TcpClient client, NetworkStream stream)
        {
            switch (_answer)
            {
                case "":
                    return false;
                case "FLAP":
                    await Answers;
                    if (!IsOut)
                        await stream.WriteAsync("HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: 42\r\n\r\n{\"object\":\"MessageSent\",\"message_id\":null}"u8.ToArray(), _stopping.Token);
                    return false;
                case "RESET":
                    client.LingerState = new LingerOption(true, 0);
                    return false;
                case "HANG":
                    await Task.Delay(Timeout.Infinite, _stopping.Token);
                    return false;
                case "DRIP":
                    await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n"), _stopping.Token);
                    while (true)
                    {
                        await stream.WriteAsync(" "u8.ToArray(), _stopping.Token);
                        await Task.Delay(20, _stopping.Token);
                    }

                case "FLOOD":
                    await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 201 Created\r\nContent-Length: 100000\r\n\r\n" + new string(' ', 100_000)), _stopping.Token);
                    return false;
                default:
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(_answer), _stopping.Token);
                    return _answer.StartsWith("HTTP/1.1", StringComparison.Ordinal) && _answer.Contains("MessageSent", StringComparison.Ordinal);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _accepting;
            _listener.Dispose();
            _stopping.Dispose();
        }
    }
}
