using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Rest;

/// <summary>
/// A stream over HTTP, in the format that the caller accepts (<see cref="StreamFormat"/>). A fault after the first item is the last item; a table breaks off
/// instead. An idle event stream gets a comment every 15 s, so that nobody on the way closes it.
/// </summary>
internal sealed class StreamedAnswers<T>(HttpContext http, StreamFormat format) : IServerStreamWriter<T>, IAsyncDisposable where T : class, IMessage
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(15);
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly CancellationTokenSource done = new();
    private Task heartbeat = Task.CompletedTask;

    public WriteOptions? WriteOptions { get; set; }

    public bool HasStarted { get; private set; }

    public Task WriteAsync(T message) => WriteAsync(message, http.RequestAborted);

    public Task WriteAsync(T message, CancellationToken cancellationToken) => SendAsync(format.Item(message), cancellationToken);

    /// <summary>Ends the stream as it should.</summary>
    public Task CompleteAsync() => SendAsync(format.End, http.RequestAborted);

    /// <summary>Ends a stream that has begun with a fault.</summary>
    public async Task FailAsync(RpcFault fault)
    {
        if (format.Fault(fault) is { } last) await SendAsync(last, http.RequestAborted);
        else http.Abort();
    }

    private async Task SendAsync(string text, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            if (!HasStarted)
            {
                HasStarted = true;
                http.Response.ContentType = format.ContentType;
                http.Response.Headers.CacheControl = "no-store";
                if (format.Heartbeat is { } still) heartbeat = BeatAsync(still);
                text = format.Start + text;
            }
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
            await http.Response.Body.FlushAsync(cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task BeatAsync(string still)
    {
        while (true)
        {
            await Task.Delay(HeartbeatInterval, done.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (done.IsCancellationRequested || http.RequestAborted.IsCancellationRequested) return;
            await SendAsync(still, http.RequestAborted);
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
