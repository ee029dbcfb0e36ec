using Grpc.Core;

namespace Pennypost.Hosting;

/// <summary>
/// The context of a streaming call, whose token also ends when the host stops: a watch that lasts an hour must not hold up a restart.
/// Its caller gets UNAVAILABLE and takes the stream up elsewhere with its resume token.
/// </summary>
internal sealed class StreamContext : ServerCallContext, IDisposable
{
    private readonly ServerCallContext inner;
    private readonly CancellationTokenSource linked;

    public StreamContext(ServerCallContext inner, CancellationToken stopping)
    {
        this.inner = inner;
        linked = CancellationTokenSource.CreateLinkedTokenSource(inner.CancellationToken, stopping);
        // Where grpc-dotnet looks for the request in a context that is not its own.
        if (!inner.UserState.ContainsKey("__HttpContext")) inner.UserState["__HttpContext"] = inner.GetHttpContext();
    }

    protected override string MethodCore => inner.Method;
    protected override string HostCore => inner.Host;
    protected override string PeerCore => inner.Peer;
    protected override DateTime DeadlineCore => inner.Deadline;
    protected override Metadata RequestHeadersCore => inner.RequestHeaders;
    protected override CancellationToken CancellationTokenCore => linked.Token;
    protected override Metadata ResponseTrailersCore => inner.ResponseTrailers;
    protected override Status StatusCore { get => inner.Status; set => inner.Status = value; }
    protected override WriteOptions? WriteOptionsCore { get => inner.WriteOptions; set => inner.WriteOptions = value; }
    protected override AuthContext AuthContextCore => inner.AuthContext;
    protected override IDictionary<object, object> UserStateCore => inner.UserState;
    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => inner.CreatePropagationToken(options);
    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => inner.WriteResponseHeadersAsync(responseHeaders);

    public void Dispose() => linked.Dispose();
}
