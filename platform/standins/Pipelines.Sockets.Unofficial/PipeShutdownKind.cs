namespace Pipelines.Sockets.Unofficial;

/// <summary>Why a connection first began to end. The numbers are compiled into StackExchange.Redis.</summary>
public enum PipeShutdownKind
{
    /// <summary>It is open.</summary>
    None = 0,

    /// <summary>It was disposed here.</summary>
    PipeDisposed = 1,

    /// <summary>The other end said that nothing more comes.</summary>
    ReadEndOfStream = 100,

    /// <summary>The socket was disposed under a read.</summary>
    ReadDisposed = 101,

    /// <summary>A read failed.</summary>
    ReadIOException = 102,

    /// <summary>A read failed unexpectedly.</summary>
    ReadException = 103,

    /// <summary>A read failed with a socket error.</summary>
    ReadSocketError = 104,

    /// <summary>The consumer wants no more.</summary>
    ReadFlushCompleted = 105,

    /// <summary>Waiting for the consumer was given up.</summary>
    ReadFlushCanceled = 106,

    /// <summary>The producer sends no more.</summary>
    WriteEndOfStream = 200,

    /// <summary>The socket was disposed under a write.</summary>
    WriteDisposed = 201,

    /// <summary>A write failed.</summary>
    WriteIOException = 203,

    /// <summary>A write failed unexpectedly.</summary>
    WriteException = 204,

    /// <summary>A write failed with a socket error.</summary>
    WriteSocketError = 205,

    /// <summary>The consumer completed its reader.</summary>
    InputReaderCompleted = 300,

    /// <summary>The receiving loop ended.</summary>
    InputWriterCompleted = 301,

    /// <summary>The sending loop ended.</summary>
    OutputReaderCompleted = 302,

    /// <summary>The producer completed its writer.</summary>
    OutputWriterCompleted = 303,

    /// <summary>The client said goodbye in the protocol.</summary>
    ProtocolExitClient = 400,

    /// <summary>The server said goodbye in the protocol.</summary>
    ProtocolExitServer = 401,
}

/// <summary>How a connection works its socket.</summary>
[Flags]
public enum SocketConnectionOptions
{
    /// <summary>As usual.</summary>
    None = 0,

    /// <summary>Waits for data with an empty read, so that an idle connection holds no buffer.</summary>
    ZeroLengthReads = 1,

    /// <summary>The receiving loop goes on where the read completed, not on its scheduler.</summary>
    InlineReads = 2,

    /// <summary>The sending loop goes on where the write completed, not on its scheduler.</summary>
    InlineWrites = 4,

    /// <summary>Of no meaning here: connecting is the caller's business.</summary>
    InlineConnect = 8,
}
