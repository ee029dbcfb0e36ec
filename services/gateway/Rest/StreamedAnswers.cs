using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Rest;

/// <summary>
/// A stream over HTTP: server-sent events, or with <c>Accept: application/x-ndjson</c> one JSON object a line. A fault after the first item is the
/// last item: <c>event: error</c>, or a line with <c>error</c>. An idle event stream gets a comment every 15 s, so that nobody on the way closes it.
/// </summary>
internal sealed class StreamedAnswers<T>(HttpContext http, JsonFormatter json) : IServerStreamWriter<T>, IAsyncDisposable where T : class, IMessage
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(15);
    private readonly bool lines = http.Request.Headers.Accept.ToString().Contains("application/x-ndjson", StringComparison.OrdinalIgnoreCase);
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly CancellationTokenSource done = new();
    private Task heartbeat = Task.CompletedTask;

    public WriteOptions? WriteOptions { get; set; }

    public bool HasStarted { get; private set; }

    public Task WriteAsync(T message) => WriteAsync(message, http.RequestAborted);

    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        var text = json.Format(message);
        var token = message.Descriptor.FindFieldByName("resume_token")?.Accessor.GetValue(message) as string;
        await SendAsync(lines ? text + "\n" : $"{(string.IsNullOrEmpty(token) ? "" : $"id: {token}\n")}data: {text}\n\n", cancellationToken);
    }

    /// <summary>Ends the stream as it should.</summary>
    public async Task CompleteAsync()
    {
        await SendAsync(lines ? "" : "event: end\ndata: {}\n\n", http.RequestAborted);
    }

    /// <summary>Ends a stream that has begun with a fault.</summary>
    public Task FailAsync(RpcFault fault) =>
        SendAsync(lines ? HttpFault.Body(fault) + "\n" : $"event: error\ndata: {HttpFault.Body(fault)}\n\n", http.RequestAborted);

    private async Task SendAsync(string text, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            if (!HasStarted)
            {
                HasStarted = true;
                http.Response.ContentType = lines ? "application/x-ndjson" : "text/event-stream";
                http.Response.Headers.CacheControl = "no-store";
                if (!lines) heartbeat = BeatAsync();
            }
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
            await http.Response.Body.FlushAsync(cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task BeatAsync()
    {
        while (true)
        {
            await Task.Delay(HeartbeatInterval, done.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (done.IsCancellationRequested || http.RequestAborted.IsCancellationRequested) return;
            await SendAsync(": still here\n\n", http.RequestAborted);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await done.CancelAsync();
        await heartbeat.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        done.Dispose();
        writing.Dispose();
    }
}
