using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Pipelines.Sockets.Unofficial;

/// <summary>
/// Two pipes, and the two loops that move bytes between them and a transport. A loop that ends, for whatever reason, completes its pipe on
/// both sides, so that nobody waits for what cannot come and nobody writes what cannot go.
/// </summary>
internal sealed class DuplexPump
{
    private readonly ByteTransport transport;
    private readonly Pipe toTransport, fromTransport;
    private readonly GatedWriter output;
    private long sent, received, taken;
    private int shutdownKind, socketError, lastReceived, loopsUnderWay = 2;
    private volatile bool aborted;

    public DuplexPump(ByteTransport transport, PipeOptions? send, PipeOptions? receive)
    {
        this.transport = transport;
        toTransport = new Pipe(send ?? PipeOptions.Default);
        fromTransport = new Pipe(receive ?? PipeOptions.Default);
        Input = new CountingReader(this, fromTransport.Reader);
        Output = output = new GatedWriter(this, toTransport.Writer);
        (send ?? PipeOptions.Default).ReaderScheduler.Schedule(static pump => _ = ((DuplexPump)pump!).SendAll(), this);
        (receive ?? PipeOptions.Default).ReaderScheduler.Schedule(static pump => _ = ((DuplexPump)pump!).ReceiveAll(), this);
    }

    public PipeReader Input { get; }
    public PipeWriter Output { get; }
    public long Sent => Volatile.Read(ref sent);
    public long Received => Volatile.Read(ref received);
    public int LastReceived => Volatile.Read(ref lastReceived);
    public PipeShutdownKind ShutdownKind => (PipeShutdownKind)Volatile.Read(ref shutdownKind);
    public SocketError SocketError => (SocketError)Volatile.Read(ref socketError);

    /// <summary>Bytes written to <see cref="Output"/>, flushed or not, that the transport has not taken.</summary>
    public long WaitingToBeSent => Math.Max(0, output.Written - Sent);

    /// <summary>Bytes received that the consumer has not taken.</summary>
    public long WaitingToBeRead => Math.Max(0, Received - Volatile.Read(ref taken));

    /// <summary>The first reason stands.</summary>
    public bool TrySetShutdown(PipeShutdownKind kind, SocketError error = SocketError.Success)
    {
        if (Interlocked.CompareExchange(ref shutdownKind, (int)kind, (int)PipeShutdownKind.None) != (int)PipeShutdownKind.None) return false;
        Volatile.Write(ref socketError, (int)error);
        return true;
    }

    /// <summary>Ends everything from this end: a reader then gets <see cref="ConnectionAbortedException"/>, a writer may write no more.</summary>
    public void Abort()
    {
        TrySetShutdown(PipeShutdownKind.PipeDisposed);
        aborted = true;
        transport.Abort();
        // Either loop may wait for its pipe instead of the transport.
        toTransport.Reader.CancelPendingRead();
        fromTransport.Writer.CancelPendingFlush();
    }

    private async Task ReceiveAll()
    {
        Exception? fault = null;
        var writer = fromTransport.Writer;
        try
        {
            while (true)
            {
                await transport.WaitToReceiveAsync().ConfigureAwait(false);
                var count = await transport.ReceiveAsync(writer.GetMemory(1)).ConfigureAwait(false);
                Volatile.Write(ref lastReceived, count);
                if (count <= 0)
                {
                    TrySetShutdown(PipeShutdownKind.ReadEndOfStream);
                    break;
                }
                Interlocked.Add(ref received, count);
                writer.Advance(count);
                var flushed = await writer.FlushAsync().ConfigureAwait(false);
                if (flushed.IsCompleted || flushed.IsCanceled)
                {
                    TrySetShutdown(flushed.IsCompleted ? PipeShutdownKind.ReadFlushCompleted : PipeShutdownKind.ReadFlushCanceled);
                    break;
                }
            }
        }
        catch (Exception error)
        {
            fault = ReceiveFault(error);
        }
        // Aborting may look like an orderly end, or like the other end's fault, to a read that was under way. Whoever waits must not take it for one.
        if (aborted && fault is not ConnectionAbortedException) fault = fault is null ? new ConnectionAbortedException() : new ConnectionAbortedException("The connection was aborted.", fault);
        transport.ShutdownReceive();
        await writer.CompleteAsync(fault).ConfigureAwait(false);
        TrySetShutdown(PipeShutdownKind.InputWriterCompleted);
        LoopEnded();
    }

    private async Task SendAll()
    {
        Exception? fault = null;
        var reader = toTransport.Reader;
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync().ConfigureAwait(false);
                var buffer = result.Buffer;
                if (result.IsCanceled || (result.IsCompleted && buffer.IsEmpty)) break;
                try
                {
                    for (var rest = buffer; !rest.IsEmpty;)
                    {
                        var count = await transport.SendAsync(rest).ConfigureAwait(false);
                        Interlocked.Add(ref sent, count);
                        rest = rest.Slice(count);
                    }
                }
                finally
                {
                    reader.AdvanceTo(buffer.End);
                }
            }
            TrySetShutdown(PipeShutdownKind.WriteEndOfStream);
        }
        catch (Exception error)
        {
            fault = SendFault(error);
        }
        // A send that was under way may end in any of several socket errors when this end aborts: none of them is a fault of the connection.
        if (aborted) fault = null;
        output.Close(fault);
        transport.ShutdownSend();
        await reader.CompleteAsync(fault).ConfigureAwait(false);
        LoopEnded();
    }

    private void LoopEnded()
    {
        if (Interlocked.Decrement(ref loopsUnderWay) == 0) transport.Dispose();
    }

    private Exception ReceiveFault(Exception error)
    {
        switch (error)
        {
            case SocketException { SocketErrorCode: SocketError.ConnectionReset } socket:
                TrySetShutdown(PipeShutdownKind.ReadSocketError, socket.SocketErrorCode);
                return new ConnectionResetException(socket.Message, socket);
            // A socket that is disposed under a read says so in one of these ways, InvalidArgument among them on Unix.
            case SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.ConnectionAborted or SocketError.Interrupted or SocketError.InvalidArgument } socket:
                TrySetShutdown(PipeShutdownKind.ReadSocketError, socket.SocketErrorCode);
                return new ConnectionAbortedException("The connection was aborted.", socket);
            case SocketException socket:
                TrySetShutdown(PipeShutdownKind.ReadSocketError, socket.SocketErrorCode);
                return socket;
            case ObjectDisposedException:
                TrySetShutdown(PipeShutdownKind.ReadDisposed);
                return new ConnectionAbortedException("The connection was aborted.", error);
            case IOException:
                TrySetShutdown(PipeShutdownKind.ReadIOException);
                return error;
            default:
                TrySetShutdown(PipeShutdownKind.ReadException);
                return new IOException(error.Message, error);
        }
    }

    // No fault where this end gave up sending: the producer is told by its next write.
    private Exception? SendFault(Exception error)
    {
        switch (error)
        {
            case SocketException { SocketErrorCode: SocketError.OperationAborted } socket:
                TrySetShutdown(PipeShutdownKind.WriteSocketError, socket.SocketErrorCode);
                return null;
            case SocketException socket:
                TrySetShutdown(PipeShutdownKind.WriteSocketError, socket.SocketErrorCode);
                return socket;
            case ObjectDisposedException:
                TrySetShutdown(PipeShutdownKind.WriteDisposed);
                return null;
            case IOException:
                TrySetShutdown(PipeShutdownKind.WriteIOException);
                return error;
            default:
                TrySetShutdown(PipeShutdownKind.WriteException);
                return new IOException(error.Message, error);
        }
    }

    /// <summary>The consumer's side: counts what is taken, and stops receiving when the consumer completes.</summary>
    private sealed class CountingReader(DuplexPump pump, PipeReader inner) : PipeReader
    {
        private ReadOnlySequence<byte> shown;

        public override bool TryRead(out ReadResult result)
        {
            if (!inner.TryRead(out result)) return false;
            shown = result.Buffer;
            return true;
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var read = inner.ReadAsync(cancellationToken);
            return read.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Show(read.Result)) : Wait(read);
        }

        private async ValueTask<ReadResult> Wait(ValueTask<ReadResult> read) => Show(await read.ConfigureAwait(false));

        private ReadResult Show(ReadResult result)
        {
            shown = result.Buffer;
            return result;
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            var count = shown.IsEmpty ? 0 : shown.Slice(shown.Start, consumed).Length;
            shown = default;
            inner.AdvanceTo(consumed, examined);
            Interlocked.Add(ref pump.taken, count);
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null)
        {
            pump.TrySetShutdown(PipeShutdownKind.InputReaderCompleted);
            pump.transport.ShutdownReceive();
            inner.Complete(exception);
        }
    }

    /// <summary>
    /// The producer's side. Completing a pipe's writer from the sending loop would give a buffer back to the pool that the producer may be
    /// filling; so the loop only shuts the gate, and the producer's own next write completes the writer and throws.
    /// </summary>
    private sealed class GatedWriter(DuplexPump pump, PipeWriter inner) : PipeWriter
    {
        private long written;
        private volatile bool closed;
        private Exception? fault;

        public long Written => Volatile.Read(ref written);

        public void Close(Exception? fault)
        {
            this.fault = fault;
            closed = true;
        }

        private PipeWriter Gate()
        {
            if (!closed) return inner;
            inner.Complete(fault);
            throw new InvalidOperationException("Writing is not allowed after the connection's sending side has ended.", fault);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => Gate().GetMemory(sizeHint);
        public override Span<byte> GetSpan(int sizeHint = 0) => Gate().GetSpan(sizeHint);

        public override void Advance(int bytes)
        {
            inner.Advance(bytes);
            Interlocked.Add(ref written, bytes);
        }

        // Says by IsCompleted, or by throwing the loop's fault, that the loop has ended.
        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;
        public override long UnflushedBytes => inner.UnflushedBytes;
        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null)
        {
            pump.TrySetShutdown(PipeShutdownKind.OutputWriterCompleted);
            inner.Complete(exception);
        }
    }
}
