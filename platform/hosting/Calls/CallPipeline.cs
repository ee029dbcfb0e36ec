using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Pennypost.Hosting;

/// <summary>
/// The way every call goes, for calls that do not come over gRPC: errors, authentication, then what the host added. The gateway's REST face
/// goes through it, so that there is one implementation, one authentication and one set of errors.
/// </summary>
public sealed class CallPipeline
{
    private readonly Interceptor[] interceptors;

    internal CallPipeline(ErrorInterceptor errors, CallerInterceptor caller, IEnumerable<InnerInterceptor> inner, IServiceProvider services) =>
        interceptors = [errors, caller, .. inner.Select(added => added.Make(services))];

    /// <summary>One request, one answer. Failures come as <see cref="RpcException"/> for <see cref="RpcFault.From(RpcException)"/>.</summary>
    public Task<TResponse> UnaryAsync<TRequest, TResponse>(UnaryServerMethod<TRequest, TResponse> method, TRequest request, ServerCallContext context)
        where TRequest : class where TResponse : class
    {
        var next = method;
        for (var i = interceptors.Length - 1; i >= 0; i--)
        {
            var (interceptor, inner) = (interceptors[i], next);
            next = (asked, call) => interceptor.UnaryServerHandler(asked, call, inner);
        }
        return next(request, context);
    }

    /// <summary>One request, one answer, for what has a credential of its own: errors are turned over, nobody is authenticated.</summary>
    public Task<TResponse> OpenUnaryAsync<TRequest, TResponse>(UnaryServerMethod<TRequest, TResponse> method, TRequest request, ServerCallContext context)
        where TRequest : class where TResponse : class => interceptors[0].UnaryServerHandler(request, context, method);

    /// <summary>One request, many answers.</summary>
    public Task ServerStreamingAsync<TRequest, TResponse>(ServerStreamingServerMethod<TRequest, TResponse> method, TRequest request, IServerStreamWriter<TResponse> responses, ServerCallContext context)
        where TRequest : class where TResponse : class
    {
        var next = method;
        for (var i = interceptors.Length - 1; i >= 0; i--)
        {
            var (interceptor, inner) = (interceptors[i], next);
            next = (asked, writer, call) => interceptor.ServerStreamingServerHandler(asked, writer, call, inner);
        }
        return next(request, responses, context);
    }

    /// <summary>Many requests, many answers.</summary>
    public Task DuplexStreamingAsync<TRequest, TResponse>(DuplexStreamingServerMethod<TRequest, TResponse> method, IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context)
        where TRequest : class where TResponse : class
    {
        var next = method;
        for (var i = interceptors.Length - 1; i >= 0; i--)
        {
            var (interceptor, inner) = (interceptors[i], next);
            next = (asked, writer, call) => interceptor.DuplexStreamingServerHandler(asked, writer, call, inner);
        }
        return next(requests, responses, context);
    }
}

/// <summary>An interceptor that a host added.</summary>
internal sealed record InnerInterceptor(Func<IServiceProvider, Interceptor> Make);
