using System.Buffers;
using System.IO.Pipelines;

namespace Pipelines.Sockets.Unofficial;

/// <summary>Streams, such as a TLS connection, as pipes.</summary>
public static class StreamConnection
{
    /// <summary>A duplex pipe over a duplex stream, which belongs to it from now on.</summary>
    public static IDuplexPipe GetDuplex(Stream stream, PipeOptions? sendPipeOptions = null, PipeOptions? receivePipeOptions = null, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new StreamDuplexPipe(stream, sendPipeOptions, receivePipeOptions, name);
    }

    /// <summary>A reader of a stream.</summary>
    public static PipeReader GetReader(Stream stream, PipeOptions? pipeOptions = null, string? name = null) => PipeReader.Create(stream);

    private sealed class StreamDuplexPipe(Stream stream, PipeOptions? send, PipeOptions? receive, string? name) : IMeasuredDuplexPipe, IDisposable
    {
        private readonly DuplexPump pump = new(new StreamTransport(stream), send, receive);

        public PipeReader Input => pump.Input;
        public PipeWriter Output => pump.Output;
        public long TotalBytesSent => pump.Sent;
        public long TotalBytesReceived => pump.Received;
        public void Dispose() => pump.Abort();
        public override string ToString() => name ?? nameof(StreamDuplexPipe);
    }

    private sealed class StreamTransport(Stream stream) : ByteTransport
    {
        public override ValueTask<int> ReceiveAsync(Memory<byte> into) => stream.ReadAsync(into);

        public override async ValueTask<long> SendAsync(ReadOnlySequence<byte> data)
        {
            foreach (var segment in data) await stream.WriteAsync(segment).ConfigureAwait(false);
            await stream.FlushAsync().ConfigureAwait(false);
            return data.Length;
        }

        public override void Abort()
        {
            try
            {
                stream.Dispose();
            }
            catch (IOException)
            {
                // It was broken already.
            }
        }

        // The stream is the consumer's to end, by disposing the pipe: what it received may still be read.
        public override void Dispose() { }
    }
}
