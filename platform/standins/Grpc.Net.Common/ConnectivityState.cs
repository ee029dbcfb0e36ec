namespace Grpc.Core;

/// <summary>How a channel stands. The numbers are compiled into callers.</summary>
public enum ConnectivityState
{
    /// <summary>Not connected and not trying.</summary>
    Idle = 0,

    /// <summary>Trying.</summary>
    Connecting = 1,

    /// <summary>Connected.</summary>
    Ready = 2,

    /// <summary>Failed; it will try again.</summary>
    TransientFailure = 3,

    /// <summary>Ended for good.</summary>
    Shutdown = 4,
}
