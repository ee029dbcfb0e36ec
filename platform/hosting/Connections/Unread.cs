using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Pennypost.Hosting.Connections;

/// <summary>
/// Closes a connection whose other end takes nothing of what it is answered for too long. Such an end is gone, or floods: pings and settings of HTTP/2 have to be acknowledged, and Kestrel waits for room to do so
/// without an end.
/// </summary>
internal static class Unread
{
    /// <summary>To be used before TLS: what counts is the socket.</summary>
    public static void CloseUnread(this ListenOptions listen, TimeSpan limit) => listen.Use(next => connection => RunAsync(next, connection, limit));

    private static async Task RunAsync(ConnectionDelegate next, ConnectionContext connection, TimeSpan limit)
    {
        var transport = connection.Transport;
        connection.Transport = new Watched(transport.Input, new WatchedWriter(transport.Output, connection, limit));
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
        }
    }

    private sealed record Watched(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class WatchedWriter(PipeWriter inner, ConnectionContext connection, TimeSpan limit) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            // It waits only where the socket has not taken what was written before.
            var flushing = inner.FlushAsync(cancellationToken);
            return flushing.IsCompleted ? flushing : WithinAsync(flushing.AsTask());
        }

        private async ValueTask<FlushResult> WithinAsync(Task<FlushResult> flushing)
        {
            try
            {
                return await flushing.WaitAsync(limit);
            }
            catch (TimeoutException)
            {
                connection.Abort(new ConnectionAbortedException("Nothing of what it was answered was read."));
                return await flushing;
            }
        }
    }
}
