using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Pipelines.Sockets.Unofficial;

/// <summary>A socket, worked by one set of event arguments for each direction, so that an operation allocates nothing.</summary>
internal sealed class SocketTransport : ByteTransport
{
    // The kernel takes 1,024 segments in one call at most; more than this many only lengthen the list.
    private const int SegmentsPerSendMax = 64;

    private readonly Socket socket;
    private readonly bool zeroLengthReads;
    private readonly SocketAwaitableEventArgs receiving, sending;
    private readonly List<ArraySegment<byte>> segments = [];

    public SocketTransport(Socket socket, PipeScheduler sendScheduler, PipeScheduler receiveScheduler, SocketConnectionOptions options)
    {
        this.socket = socket;
        zeroLengthReads = options.HasFlag(SocketConnectionOptions.ZeroLengthReads);
        receiving = new SocketAwaitableEventArgs(options.HasFlag(SocketConnectionOptions.InlineReads) ? null : receiveScheduler);
        sending = new SocketAwaitableEventArgs(options.HasFlag(SocketConnectionOptions.InlineWrites) ? null : sendScheduler);
    }

    public override async ValueTask WaitToReceiveAsync()
    {
        if (zeroLengthReads && socket.Available == 0) await ReceiveAsync(Memory<byte>.Empty).ConfigureAwait(false);
    }

    public override async ValueTask<int> ReceiveAsync(Memory<byte> into)
    {
        receiving.SetBuffer(into);
        if (!socket.ReceiveAsync(receiving)) receiving.Complete();
        return await receiving;
    }

    public override async ValueTask<long> SendAsync(ReadOnlySequence<byte> data)
    {
        if (data.IsSingleSegment || !TryCollect(data))
        {
            sending.BufferList = null;
            sending.SetBuffer(MemoryMarshal.AsMemory(data.First));
        }
        else
        {
            sending.SetBuffer(null, 0, 0);
            sending.BufferList = segments;
        }
        if (!socket.SendAsync(sending)) sending.Complete();
        var count = await sending;
        return count > 0 ? count : throw new SocketException((int)SocketError.ConnectionReset);
    }

    /// <summary>The first segments as one list for one call; false if the pool's memory is not made of arrays.</summary>
    private bool TryCollect(ReadOnlySequence<byte> data)
    {
        segments.Clear();
        foreach (var memory in data)
        {
            if (memory.IsEmpty) continue;
            if (!MemoryMarshal.TryGetArray(memory, out var segment)) return false;
            segments.Add(segment);
            if (segments.Count == SegmentsPerSendMax) break;
        }
        return true;
    }

    public override void ShutdownReceive() => Shutdown(SocketShutdown.Receive);

    public override void ShutdownSend() => Shutdown(SocketShutdown.Send);

    // Disposing the socket completes what is under way. The event arguments' own Abort would hand a buffer back that the kernel may still fill.
    public override void Abort()
    {
        Shutdown(SocketShutdown.Both);
        socket.Dispose();
    }

    public override void Dispose()
    {
        receiving.Dispose();
        sending.Dispose();
    }

    private void Shutdown(SocketShutdown how)
    {
        try
        {
            socket.Shutdown(how);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It is shut already.
        }
    }
}
