namespace Pipelines.Sockets.Unofficial;

/// <summary>The connection was ended at this end while somebody still waited for data.</summary>
public sealed class ConnectionAbortedException : OperationCanceledException
{
    /// <summary>With the usual message.</summary>
    public ConnectionAbortedException() : this("The connection was aborted.") { }

    /// <summary>With a message.</summary>
    public ConnectionAbortedException(string message) : base(message) { }

    /// <summary>With a message and the cause.</summary>
    public ConnectionAbortedException(string message, Exception inner) : base(message, inner) { }
}

/// <summary>The connection was reset by the other end.</summary>
public sealed class ConnectionResetException : IOException
{
    /// <summary>With a message.</summary>
    public ConnectionResetException(string message) : base(message) { }

    /// <summary>With a message and the cause.</summary>
    public ConnectionResetException(string message, Exception inner) : base(message, inner) { }
}
