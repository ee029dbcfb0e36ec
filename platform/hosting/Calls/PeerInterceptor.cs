using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Options;

namespace Pennypost.Hosting;

/// <summary>
/// On every call to a peer: adds the service token, insists on a tenant, sets a deadline where there is none, and names the peer in the
/// error when it cannot be reached.
/// </summary>
internal sealed class PeerInterceptor(string peer, IOptionsMonitor<HostingOptions> options, FaultDomain faults) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(request, Prepared(context, options.CurrentValue.PeerCallSeconds));
        return new AsyncUnaryCall<TResponse>(Named(call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        try
        {
            return continuation(request, Prepared(context, options.CurrentValue.PeerCallSeconds));
        }
        catch (RpcException exception)
        {
            throw Named(exception);
        }
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(request, Prepared(context, options.CurrentValue.MaxStreamSeconds));
        return new AsyncServerStreamingCall<TResponse>(new Reader<TResponse>(call.ResponseStream, this), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(Prepared(context, options.CurrentValue.MaxStreamSeconds));
        return new AsyncClientStreamingCall<TRequest, TResponse>(call.RequestStream, Named(call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(Prepared(context, options.CurrentValue.MaxStreamSeconds));
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(call.RequestStream, new Reader<TResponse>(call.ResponseStream, this), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    private ClientInterceptorContext<TRequest, TResponse> Prepared<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, double defaultSeconds)
        where TRequest : class where TResponse : class
    {
        var headers = new Metadata();
        foreach (var entry in context.Options.Headers ?? []) headers.Add(entry);
        if (headers.Get(ServiceTokens.TenantHeader) is null)
            throw new InvalidOperationException($"{context.Method.FullName} was called without a tenant; pass OnBehalf.Of(...).");
        headers.Add("authorization", $"Bearer {options.CurrentValue.ServiceTokens[0].Reveal()}");
        var call = context.Options.WithHeaders(headers);
        if (call.Deadline is null) call = call.WithDeadline(DateTime.UtcNow.AddSeconds(defaultSeconds));
        return new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, call);
    }

    private async Task<TResponse> Named<TResponse>(Task<TResponse> response)
    {
        try
        {
            return await response;
        }
        catch (RpcException exception)
        {
            throw Named(exception);
        }
    }

    // A refused connection has no details: what the caller needs to know is which dependency is down, not our addresses.
    private RpcException Named(RpcException exception) =>
        Retries.CodeOf(exception) == StatusCode.Unavailable && !RpcFault.HasDetails(exception) ? faults.Unavailable(peer) : exception;

    private sealed class Reader<T>(IAsyncStreamReader<T> inner, PeerInterceptor peer) : IAsyncStreamReader<T>
    {
        public T Current => inner.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            try
            {
                return await inner.MoveNext(cancellationToken);
            }
            catch (RpcException exception)
            {
                throw peer.Named(exception);
            }
        }
    }
}
