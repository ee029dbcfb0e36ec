using System.IO.Pipelines;
using System.Net.Sockets;

namespace Pipelines.Sockets.Unofficial;

/// <summary>A socket as a duplex pipe.</summary>
public sealed class SocketConnection : IMeasuredDuplexPipe, IDisposable
{
    private readonly DuplexPump pump;
    private readonly string name;

    private SocketConnection(Socket socket, PipeOptions? send, PipeOptions? receive, SocketConnectionOptions options, string? name)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Socket = socket;
        this.name = string.IsNullOrWhiteSpace(name) ? nameof(SocketConnection) : name.Trim();
        send ??= PipeOptions.Default;
        receive ??= PipeOptions.Default;
        pump = new DuplexPump(new SocketTransport(socket, send.ReaderScheduler, receive.WriterScheduler, options), send, receive);
    }

    /// <summary>Takes over a connected socket, with the same options for both pipes.</summary>
    public static SocketConnection Create(Socket socket, PipeOptions? pipeOptions = null, SocketConnectionOptions socketConnectionOptions = SocketConnectionOptions.None, string? name = null) =>
        new(socket, pipeOptions, pipeOptions, socketConnectionOptions, name);

    /// <summary>Takes over a connected socket. The loops run on the pipes' schedulers.</summary>
    public static SocketConnection Create(Socket socket, PipeOptions? sendPipeOptions, PipeOptions? receivePipeOptions, SocketConnectionOptions socketConnectionOptions = SocketConnectionOptions.None, string? name = null) =>
        new(socket, sendPipeOptions, receivePipeOptions, socketConnectionOptions, name);

    /// <summary>Would throw if a part of the framework were missing; none is.</summary>
    public static void AssertDependencies() { }

    /// <summary>Sends small messages at once.</summary>
    public static void SetRecommendedClientOptions(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (socket.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6) socket.NoDelay = true;
    }

    /// <summary>The socket, which belongs to this connection.</summary>
    public Socket Socket { get; }

    /// <inheritdoc/>
    public PipeReader Input => pump.Input;

    /// <inheritdoc/>
    public PipeWriter Output => pump.Output;

    /// <summary>Bytes that the socket took.</summary>
    public long BytesSent => pump.Sent;

    /// <summary>Bytes that came from the socket.</summary>
    public long BytesRead => pump.Received;

    long IMeasuredDuplexPipe.TotalBytesSent => pump.Sent;

    long IMeasuredDuplexPipe.TotalBytesReceived => pump.Received;

    /// <summary>Bytes of the last read.</summary>
    public int LastReceived => pump.LastReceived;

    /// <summary>Why the connection first began to end.</summary>
    public PipeShutdownKind ShutdownKind => pump.ShutdownKind;

    /// <summary>The socket's error, if that was the reason.</summary>
    public SocketError SocketError => pump.SocketError;

    /// <summary>Says that the peers agreed to part, before the socket says so less kindly. False if another reason stands already.</summary>
    public bool TrySetProtocolShutdown(PipeShutdownKind kind) =>
        kind is PipeShutdownKind.ProtocolExitClient or PipeShutdownKind.ProtocolExitServer && pump.TrySetShutdown(kind);

    /// <summary>How much waits where, now.</summary>
    public Counters GetCounters()
    {
        long available;
        try
        {
            available = Socket.Available;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            available = -1;
        }
        return new Counters(available, pump.WaitingToBeSent, pump.WaitingToBeRead);
    }

    /// <summary>Ends the connection at once. What was not sent is lost.</summary>
    public void Dispose() => pump.Abort();

    /// <summary>The name it was given.</summary>
    public override string ToString() => name;

    /// <summary>How much waits where.</summary>
    public readonly struct Counters
    {
        internal Counters(long availableOnSocket, long waitingToBeSent, long waitingToBeRead) =>
            (BytesAvailableOnSocket, BytesWaitingToBeSent, BytesWaitingToBeRead) = (availableOnSocket, waitingToBeSent, waitingToBeRead);

        /// <summary>In the socket, not yet received; -1 if the socket cannot tell.</summary>
        public long BytesAvailableOnSocket { get; }

        /// <summary>Written, not yet taken by the socket.</summary>
        public long BytesWaitingToBeSent { get; }

        /// <summary>Received, not yet taken by the reader.</summary>
        public long BytesWaitingToBeRead { get; }
    }
}
