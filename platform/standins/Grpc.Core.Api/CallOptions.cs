namespace Grpc.Core;

/// <summary>What a caller may set for one call. Each With method gives a changed copy.</summary>
public struct CallOptions
{
    /// <summary>Everything is optional. The deadline is in UTC.</summary>
    public CallOptions(Metadata? headers = null, DateTime? deadline = null, CancellationToken cancellationToken = default, WriteOptions? writeOptions = null, ContextPropagationToken? propagationToken = null, CallCredentials? credentials = null)
    {
        Headers = headers;
        Deadline = deadline;
        CancellationToken = cancellationToken;
        WriteOptions = writeOptions;
        PropagationToken = propagationToken;
        Credentials = credentials;
    }

    /// <summary>The request headers.</summary>
    public Metadata? Headers { readonly get; private set; }

    /// <summary>When the call ends with DEADLINE_EXCEEDED, UTC.</summary>
    public DateTime? Deadline { readonly get; private set; }

    /// <summary>Ends the call with CANCELLED.</summary>
    public CancellationToken CancellationToken { readonly get; private set; }

    /// <summary>How requests are written.</summary>
    public WriteOptions? WriteOptions { readonly get; private set; }

    /// <summary>The server call on whose behalf this one is made.</summary>
    public ContextPropagationToken? PropagationToken { readonly get; private set; }

    /// <summary>The call's own credentials, besides the channel's.</summary>
    public CallCredentials? Credentials { readonly get; private set; }

    /// <summary>Whether the call waits for a connection instead of failing at once.</summary>
    public bool IsWaitForReady { readonly get; private set; }

    /// <inheritdoc cref="Headers"/>
    public readonly CallOptions WithHeaders(Metadata headers) => this with { Headers = headers };

    /// <inheritdoc cref="Deadline"/>
    public readonly CallOptions WithDeadline(DateTime deadline) => this with { Deadline = deadline };

    /// <inheritdoc cref="CancellationToken"/>
    public readonly CallOptions WithCancellationToken(CancellationToken cancellationToken) => this with { CancellationToken = cancellationToken };

    /// <inheritdoc cref="WriteOptions"/>
    public readonly CallOptions WithWriteOptions(WriteOptions writeOptions) => this with { WriteOptions = writeOptions };

    /// <inheritdoc cref="PropagationToken"/>
    public readonly CallOptions WithPropagationToken(ContextPropagationToken propagationToken) => this with { PropagationToken = propagationToken };

    /// <inheritdoc cref="Credentials"/>
    public readonly CallOptions WithCredentials(CallCredentials credentials) => this with { Credentials = credentials };

    /// <inheritdoc cref="IsWaitForReady"/>
    public readonly CallOptions WithWaitForReady(bool waitForReady = true) => this with { IsWaitForReady = waitForReady };
}
