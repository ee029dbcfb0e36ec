using System.IO.Pipelines;

namespace Pipelines.Sockets.Unofficial;

/// <summary>A duplex pipe that counts.</summary>
public interface IMeasuredDuplexPipe : IDuplexPipe
{
    /// <summary>Bytes that the transport took.</summary>
    long TotalBytesSent { get; }

    /// <summary>Bytes that came from the transport.</summary>
    long TotalBytesReceived { get; }
}
