using Grpc.Core;

namespace Pennypost.Hosting;

/// <summary>
/// The context of a streaming call, whose token also ends for a reason of the host's: when it stops, since a watch that lasts an hour must not hold up a
/// restart (its caller gets UNAVAILABLE and takes the stream up elsewhere with its resume token), or when the caller may not call any more.
/// </summary>
public sealed class StreamContext : ServerCallContext, IDisposable
{
    private readonly ServerCallContext inner;
    private readonly CancellationTokenSource linked;

    /// <param name="inner">The call's own.</param>
    /// <param name="stopping">What else ends it.</param>
    public StreamContext(ServerCallContext inner, CancellationToken stopping)
    {
        this.inner = inner;
        linked = CancellationTokenSource.CreateLinkedTokenSource(inner.CancellationToken, stopping);
        // Where grpc-dotnet looks for the request in a context that is not its own.
        if (!inner.UserState.ContainsKey("__HttpContext")) inner.UserState["__HttpContext"] = inner.GetHttpContext();
    }

    /// <inheritdoc/>
    protected override string MethodCore => inner.Method;
    /// <inheritdoc/>
    protected override string HostCore => inner.Host;
    /// <inheritdoc/>
    protected override string PeerCore => inner.Peer;
    /// <inheritdoc/>
    protected override DateTime DeadlineCore => inner.Deadline;
    /// <inheritdoc/>
    protected override Metadata RequestHeadersCore => inner.RequestHeaders;
    /// <inheritdoc/>
    protected override CancellationToken CancellationTokenCore => linked.Token;
    /// <inheritdoc/>
    protected override Metadata ResponseTrailersCore => inner.ResponseTrailers;
    /// <inheritdoc/>
    protected override Status StatusCore { get => inner.Status; set => inner.Status = value; }
    /// <inheritdoc/>
    protected override WriteOptions? WriteOptionsCore { get => inner.WriteOptions; set => inner.WriteOptions = value; }
    /// <inheritdoc/>
    protected override AuthContext AuthContextCore => inner.AuthContext;
    /// <inheritdoc/>
    protected override IDictionary<object, object> UserStateCore => inner.UserState;
    /// <inheritdoc/>
    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => inner.CreatePropagationToken(options);
    /// <inheritdoc/>
    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => inner.WriteResponseHeadersAsync(responseHeaders);

    /// <inheritdoc/>
    public void Dispose() => linked.Dispose();
}
