using Grpc.Core;
using Grpc.Core.Interceptors;
using Pennypost.Credits.V1;
using Pennypost.Hosting;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>
/// On every call to credits that is about one pool: goes to the instance that has the pool at hand, and brings the newest version that credits ever told of it.
/// A store of credits that went back is then refused (STORE_REWOUND) instead of believed, also by a process of credits that remembers nothing.
/// </summary>
/// <remarks>
/// Once an operator accepts what is left (AcceptRewind with the refusal's <c>seen_version</c>), the pool's version jumps past what is remembered here, and
/// everything goes on. The memory is this process's; what it has not spoken of for long, or before it was started, it does not know.
/// </remarks>
internal sealed class PoolVersions : Interceptor
{
    // About 2 MB. A pool that is forgotten is fenced again from its next answer on.
    private const int MostPools = 10_000;

    private readonly NewestVersions _seen = new(MostPools);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        if (PoolOf(request) is not { Length: > 0 } poolId || context.Options.Headers?.GetValue(ServiceTokens.TenantHeader) is not { } tenant)
            return continuation(request, context);
        var pool = (tenant, poolId);
        var asked = _seen.Of(pool) is > 0 and var seen ? (TRequest)NotBefore(request, seen) : request;
        var call = continuation(asked, new(context.Method, context.Host, context.Options.ForPartition(poolId)));
        return new AsyncUnaryCall<TResponse>(NotedAsync(pool, call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    private async Task<TResponse> NotedAsync<TResponse>((string Tenant, string PoolId) pool, Task<TResponse> response)
    {
        var answer = await response;
        _seen.Note(pool, VersionIn(answer));
        return answer;
    }

    private static string? PoolOf(object request) => request switch
    {
        GetPoolRequest get => get.PoolId,
        PlaceHoldRequest place => place.PoolId,
        CaptureHoldRequest capture => capture.PoolId,
        ReleaseHoldRequest release => release.PoolId,
        RefundHoldRequest refund => refund.PoolId,
        ReconcilePoolRequest reconcile => reconcile.PoolId,
        _ => null,
    };

    // A copy: the request is its caller's.
    private static object NotBefore(object request, long version) => request switch
    {
        GetPoolRequest get => new GetPoolRequest(get) { MinVersion = Math.Max(version, get.MinVersion) },
        PlaceHoldRequest place => new PlaceHoldRequest(place) { MinVersion = Math.Max(version, place.MinVersion) },
        // Facts too: a store that went back would otherwise book them, and by that grow past the version that it lost.
        CaptureHoldRequest capture => new CaptureHoldRequest(capture) { MinVersion = Math.Max(version, capture.MinVersion) },
        ReleaseHoldRequest release => new ReleaseHoldRequest(release) { MinVersion = Math.Max(version, release.MinVersion) },
        RefundHoldRequest refund => new RefundHoldRequest(refund) { MinVersion = Math.Max(version, refund.MinVersion) },
        ReconcilePoolRequest reconcile => new ReconcilePoolRequest(reconcile) { MinVersion = Math.Max(version, reconcile.MinVersion) },
        _ => request,
    };

    private static long VersionIn(object? answer) => answer switch
    {
        GetPoolResponse got => got.Pool?.Version ?? 0,
        PlaceHoldResponse placed => placed.PoolVersion,
        CaptureHoldResponse captured => captured.PoolVersion,
        ReleaseHoldResponse released => released.PoolVersion,
        RefundHoldResponse refunded => refunded.PoolVersion,
        ReconcilePoolResponse reconciled => reconciled.Pool?.Version ?? 0,
        _ => 0,
    };
}

/// <summary>The newest version told of each pool, of those that were spoken of last.</summary>
internal sealed class NewestVersions(int most)
{
    private readonly Dictionary<(string Tenant, string PoolId), LinkedListNode<Told>> _told = [];
    private readonly LinkedList<Told> _latestFirst = [];
    private readonly Lock _sync = new();

    /// <summary>0 if none is known.</summary>
    public long Of((string Tenant, string PoolId) pool)
    {
        lock (_sync)
            return _told.TryGetValue(pool, out var node) ? node.Value.Version : 0;
    }

    /// <summary>Answers may overtake each other: an older one changes nothing.</summary>
    public void Note((string Tenant, string PoolId) pool, long version)
    {
        lock (_sync)
        {
            if (_told.TryGetValue(pool, out var node))
            {
                _latestFirst.Remove(node);
                node.Value = node.Value with { Version = Math.Max(version, node.Value.Version) };
            }
            else
            {
                if (version <= 0)
                    return;
                _told[pool] = node = new LinkedListNode<Told>(new Told(pool, version));
                if (_told.Count > most)
                {
                    _told.Remove(_latestFirst.Last!.Value.Pool);
                    _latestFirst.RemoveLast();
                }
            }

            _latestFirst.AddFirst(node);
        }
    }

    private readonly record struct Told((string Tenant, string PoolId) Pool, long Version);
}
