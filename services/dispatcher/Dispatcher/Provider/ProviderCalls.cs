using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Pennypost.Dispatcher.Provider;

/// <summary>What came back from one HTTP call, and how much is known if nothing did.</summary>
internal abstract record HttpReply
{
    private HttpReply() { }

    /// <summary>A whole answer.</summary>
    public sealed record Answer(int Status, JsonElement? Body, TimeSpan? RetryAfter) : HttpReply
    {
        public bool IsSuccess => Status is >= 200 and < 300;

        /// <summary>The envelope's type; empty without one.</summary>
        public string Type => Body?.Text("type") ?? "";
    }

    /// <summary>The request's body did not begin to leave: nobody can have acted on it. <paramref name="Final"/>: trying again now is no use.</summary>
    public sealed record NotWritten(string Why, bool Final) : HttpReply;

    /// <summary>The write's deadline passed before its body could begin to leave.</summary>
    public sealed record TooLate : HttpReply;

    /// <summary>The request was, or may have been, written, and no whole answer came.</summary>
    public sealed record Lost(string Why) : HttpReply;
}

/// <summary>
/// The HTTP client behind its Polly pipeline, from the outside in: concurrency limit, total time-out, retry, circuit breaker, attempt time-out. One pipeline for each tenant's connection, so that one
/// broken provider does not stop another. A write is tried again only while its body has not begun to leave.
/// </summary>
internal sealed class ProviderCalls : IDisposable
{
    private const int MostLines = 1_000;
    private readonly HttpClient _client;
    private readonly ProviderOptions _options;
    private readonly TimeProvider _time;
    private readonly ProviderMeter? _meter;
    private readonly ConcurrentDictionary<string, Line> _lines = new(StringComparer.Ordinal);

    public ProviderCalls(ProviderOptions options, TimeProvider time, ProviderMeter? meter)
    {
        (_options, _time, _meter) = (options, time, meter);
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(options.ConnectSeconds),
            MaxResponseHeadersLength = 64,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            UseCookies = false,
            UseProxy = false,
            // Neither does the provider learn our traces, nor do the traces learn its addresses, which name people: the call has a span of its own (Traces.Call).
            ActivityHeadersPropagator = null,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        meter?.Watch(ProviderMeter.Provider, () => _lines.Values.Select(line => line.State));
    }

    /// <summary>Reads; tried again within the total time.</summary>
    public Task<HttpReply> ReadAsync(ProviderConnection connection, string endpoint, string path, CancellationToken ct) =>
        RunAsync(connection, new Call(connection, endpoint, HttpMethod.Get, path, null, 0), LineOf(connection).Reads, ct);

    /// <summary>Reads once, whatever comes of it.</summary>
    public Task<HttpReply> ReadOnceAsync(ProviderConnection connection, string endpoint, string path, CancellationToken ct) =>
        RunAsync(connection, new Call(connection, endpoint, HttpMethod.Get, path, null, 0), LineOf(connection).Once, ct);

    /// <summary>Writes; at most one body ever leaves, and none begins to after the deadline.</summary>
    public Task<HttpReply> WriteAsync(ProviderConnection connection, string endpoint, string path, Func<HttpContent> body, long deadline, CancellationToken ct) =>
        RunAsync(connection, new Call(connection, endpoint, HttpMethod.Post, path, body, deadline), LineOf(connection).Writes, ct);

    /// <summary>Reads what shows that it was read: made once, as a write is, and not after the deadline.</summary>
    public Task<HttpReply> VisitAsync(ProviderConnection connection, string endpoint, string path, long deadline, CancellationToken ct) =>
        RunAsync(connection, new Call(connection, endpoint, HttpMethod.Get, path, static () => new ByteArrayContent([]), deadline), LineOf(connection).Writes, ct);

    /// <summary>Deletes by an id, which may be repeated: a second time there is nothing left to delete. None begins after the deadline.</summary>
    public Task<HttpReply> DeleteAsync(ProviderConnection connection, string endpoint, string path, long deadline, CancellationToken ct) =>
        RunAsync(connection, new Call(connection, endpoint, HttpMethod.Delete, path, static () => new ByteArrayContent([]), deadline), LineOf(connection).Writes, ct);

    private Line LineOf(ProviderConnection connection)
    {
        if (_lines.Count > MostLines)
            _lines.Clear();
        return _lines.GetOrAdd($"{connection.Tenant} {connection.ConnectionId} {connection.BaseUrl.Authority}", _ => new Line(_options, _time, _meter));
    }

    private async Task<HttpReply> RunAsync(ProviderConnection connection, Call call, ResiliencePipeline<HttpReply> pipeline, CancellationToken ct)
    {
        using var span = Traces.Call(call.Endpoint);
        var reply = await PassAsync(connection, call, pipeline, ct);
        span.Answered(CallResults.Of(reply));
        return reply;
    }

    private async Task<HttpReply> PassAsync(ProviderConnection connection, Call call, ResiliencePipeline<HttpReply> pipeline, CancellationToken ct)
    {
        try
        {
            using var turn = await LineOf(connection).Turns.AcquireAsync(1, ct);
            return turn.IsAcquired
                ? await pipeline.ExecuteAsync(static async (state, token) => await state.calls.TryAsync(state.call, token), (calls: this, call), ct)
                : Spared("too_many_calls");
        }
        catch (BrokenCircuitException)
        {
            return Spared("circuit_open");
        }
        catch (TimeoutRejectedException)
        {
            // Time ran out between two attempts; an attempt under way answers for itself.
            return new HttpReply.NotWritten("no_time_left", true);
        }
        catch (OperationCanceledException)
        {
            return new HttpReply.NotWritten("cancelled", true);
        }
    }

    private HttpReply.NotWritten Spared(string cause)
    {
        _meter?.Saved(cause);
        return new HttpReply.NotWritten(cause, true);
    }

    /// <summary>One attempt. It never throws: what is known is in the answer.</summary>
    private async Task<HttpReply> TryAsync(Call call, CancellationToken ct)
    {
        var begun = _time.GetTimestamp();
        var reply = await AskAsync(call, ct);
        _meter?.Asked(call.Endpoint, CallResults.Of(reply), _time.GetElapsedTime(begun));
        return reply;
    }

    private async Task<HttpReply> AskAsync(Call call, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(call.Method, Address(call.Connection.BaseUrl, call.Path));
        using var body = call.Body is null ? null : new WatchedContent(call.Body(), () => _time.GetTimestamp() >= call.Deadline);
        request.Content = body;
        request.Headers.TryAddWithoutValidation("X-API-KEY", call.Connection.ApiKey.Reveal());
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return await ReadAsync(response, ct);
        }
        catch (TooLateException)
        {
            return new HttpReply.TooLate();
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or IOException)
        {
            if (body is { RefusedLate: true })
                return new HttpReply.TooLate();
            var why = exception is OperationCanceledException ? "timeout" : (exception as HttpRequestException)?.HttpRequestError.ToString() ?? "connection_lost";
            return body is { Begun: false } ? new HttpReply.NotWritten(why, false) : new HttpReply.Lost(why);
        }
    }

    private async Task<HttpReply> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var retryAfter = response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - _time.GetUtcNow() : null;
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        using var kept = new MemoryStream();
        var buffer = new byte[16 << 10];
        int read;
        while ((read = await stream.ReadAsync(buffer, ct)) > 0)
        {
            if (kept.Length + read > _options.MaxResponseBytes)
                return new HttpReply.Lost("answer_too_large");
            kept.Write(buffer, 0, read);
        }

        return new HttpReply.Answer((int)response.StatusCode, Json.Parse(kept.GetBuffer().AsMemory(0, (int)kept.Length)), retryAfter);
    }

    private static Uri Address(Uri baseUrl, string path) => new(new Uri(baseUrl.ToString().TrimEnd('/') + "/"), "api/v1/" + path);

    public void Dispose()
    {
        _client.Dispose();
        foreach (var line in _lines.Values)
            line.Dispose();
    }

    private sealed record Call(ProviderConnection Connection, string Endpoint, HttpMethod Method, string Path, Func<HttpContent>? Body, long Deadline);

    /// <summary>What one connection's calls share: reads and writes break the same circuit.</summary>
    private sealed class Line(ProviderOptions options, TimeProvider time, ProviderMeter? meter)
        : CallLine<HttpReply>(options, time, IsOutage, state => meter?.Changed(ProviderMeter.Provider, state))
    {
        private ResiliencePipeline<HttpReply>? _reads, _writes;

        public ResiliencePipeline<HttpReply> Reads => _reads ??= Again(reply => IsOutage(reply));

        public ResiliencePipeline<HttpReply> Writes => _writes ??= Again(reply => reply is HttpReply.NotWritten { Final: false });

        /// <summary>
        /// The provider itself is in trouble. Its <c>provider_error</c> is LinkedIn's trouble with one account, and a request that came too late is ours.
        /// </summary>
        private static bool IsOutage(HttpReply? reply) => reply switch
        {
            HttpReply.Lost => true,
            HttpReply.NotWritten { Final: false } => true,
            HttpReply.Answer { Status: >= 500 } answer => ErrorTypes.Bare(answer.Type) is not "provider_error",
            _ => false,
        };
    }
}

/// <summary>A body that knows whether it began to leave, leaves at most once, and not after its deadline.</summary>
internal sealed class WatchedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly Func<bool> _tooLate;

    public WatchedContent(HttpContent inner, Func<bool> tooLate)
    {
        (_inner, _tooLate) = (inner, tooLate);
        foreach (var (name, values) in inner.Headers)
            Headers.TryAddWithoutValidation(name, values);
    }

    /// <summary>Until this is true nobody can have acted on the request: its body was announced and is missing.</summary>
    public bool Begun { get; private set; }

    public bool RefusedLate { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Begun)
            throw new IOException("The body has left once.");
        // The last moment at which nothing has left: connecting may have taken long, and the worker may have slept.
        if (_tooLate())
        {
            RefusedLate = true;
            throw new TooLateException();
        }

        Begun = true;
        await _inner.CopyToAsync(stream, context, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _inner.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>The lease was over before the request could begin.</summary>
internal sealed class TooLateException : Exception;
