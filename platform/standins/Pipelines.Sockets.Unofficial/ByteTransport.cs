using System.Buffers;

namespace Pipelines.Sockets.Unofficial;

/// <summary>What a <see cref="DuplexPump"/> moves bytes over: a socket or a stream.</summary>
internal abstract class ByteTransport : IDisposable
{
    /// <summary>Receives up to that many bytes; 0 when nothing more comes.</summary>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> into);

    /// <summary>Sends some of the bytes, at least one, and says how many. A transport may take less than it is given.</summary>
    public abstract ValueTask<long> SendAsync(ReadOnlySequence<byte> data);

    /// <summary>Waits until something can be received without holding a buffer, if the transport was asked to; otherwise at once.</summary>
    public virtual ValueTask WaitToReceiveAsync() => ValueTask.CompletedTask;

    /// <summary>Wants nothing more from the other end. Never throws.</summary>
    public virtual void ShutdownReceive() { }

    /// <summary>Tells the other end that nothing more comes. Never throws.</summary>
    public virtual void ShutdownSend() { }

    /// <summary>Ends everything, also what is under way. Never throws.</summary>
    public abstract void Abort();

    /// <summary>Gives up what it holds. Only when both loops have ended, for until then an operation may be under way.</summary>
    public abstract void Dispose();
}
