using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pennypost.Errors.V1;

namespace Pennypost.Hosting;

/// <summary>Turns a host's own exceptions (a store that is busy, a clock that is off) into answers.</summary>
/// <param name="Answer">The answer, or null if the exception is not one of these.</param>
public sealed record ExceptionMapping(Func<Exception, FaultDomain, RpcException?> Answer);

/// <summary>
/// The outermost interceptor. Answers with a reason pass through; what nobody expected becomes INTERNAL without inner text and is logged once;
/// a caller who left gets CANCELLED, one whose time was up DEADLINE_EXCEEDED.
/// </summary>
internal sealed class ErrorInterceptor(FaultDomain faults, IEnumerable<ExceptionMapping> mappings, IHostApplicationLifetime lifetime, ILogger<ErrorInterceptor> log) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception exception)
        {
            throw Answer(exception, context);
        }
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        using var stream = new StreamContext(context, lifetime.ApplicationStopping);
        try
        {
            return await continuation(requestStream, stream);
        }
        catch (Exception exception)
        {
            throw Answer(exception, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        using var stream = new StreamContext(context, lifetime.ApplicationStopping);
        try
        {
            await continuation(request, responseStream, stream);
        }
        catch (Exception exception)
        {
            throw Answer(exception, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        using var stream = new StreamContext(context, lifetime.ApplicationStopping);
        try
        {
            await continuation(requestStream, responseStream, stream);
        }
        catch (Exception exception)
        {
            throw Answer(exception, context);
        }
    }

    private RpcException Answer(Exception exception, ServerCallContext context)
    {
        // Made anew: a peer's other trailers are its own business.
        if (exception is RpcException own && RpcFault.HasDetails(own) && !IsOurCredentialRefused(own)) return RpcFault.From(own).ToException();
        if (context.Deadline <= DateTime.UtcNow)
            return faults.Refuse(ErrorReason.DeadlineExceeded, "The deadline passed; whether it took effect is unknown, the same id tells.");
        if (context.CancellationToken.IsCancellationRequested)
            return faults.Refuse(ErrorReason.Cancelled, "The caller cancelled; whether it took effect is unknown, the same id tells.");
        if (exception is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled } && lifetime.ApplicationStopping.IsCancellationRequested)
            return faults.Unavailable("this instance, which is stopping,");
        foreach (var mapping in mappings)
            if (mapping.Answer(exception, faults) is { } answer) return answer;
        if (exception is RpcException { StatusCode: StatusCode.Unavailable or StatusCode.DeadlineExceeded }) return faults.Unavailable("a peer");
        log.Unexpected(exception, context.Method);
        return faults.Refuse(ErrorReason.Internal, "Something went wrong inside Pennypost; report it with the time of the call.");
    }

    // A peer that refuses our own service token is a fault of this installation, not of our caller.
    private bool IsOurCredentialRefused(RpcException exception) =>
        exception.StatusCode == StatusCode.Unauthenticated && RpcFault.From(exception) is { ErrorReason: ErrorReason.CredentialInvalid } fault && fault.Domain != faults.Name;
}
