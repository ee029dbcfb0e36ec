using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Pennypost.Errors.V1;

namespace Pennypost.Hosting;

/// <summary>
/// The outermost interceptor. Answers with a reason pass through; what nobody expected becomes INTERNAL without inner text and is logged once;
/// a caller who left gets CANCELLED, one whose time was up DEADLINE_EXCEEDED.
/// </summary>
internal sealed class ErrorInterceptor(FaultDomain faults, ExceptionAnswers answers, IOptionsMonitor<HostingOptions> options, IHostApplicationLifetime lifetime) : Interceptor
{
    /// <summary>By how much a timer may go off before the clock says so.</summary>
    private static readonly TimeSpan TimerSlack = TimeSpan.FromMilliseconds(20);

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
            return await continuation(Checked(requestStream), stream);
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
            await continuation(Checked(requestStream), responseStream, stream);
        }
        catch (Exception exception)
        {
            throw Answer(exception, context);
        }
    }

    private RequestReader<T> Checked<T>(IAsyncStreamReader<T> requests) => new(requests, faults, options.CurrentValue.MaxReceiveMessageBytes);

    private RpcException Answer(Exception exception, ServerCallContext context)
    {
        if (answers.IsAnswer(exception)) return answers.Of(exception, context.Method);
        if (context.Deadline <= DateTime.UtcNow + TimerSlack)
            return faults.Refuse(ErrorReason.DeadlineExceeded, "The deadline passed; whether it took effect is unknown, the same id tells.");
        if (context.CancellationToken.IsCancellationRequested)
            return faults.Refuse(ErrorReason.Cancelled, "The caller cancelled; whether it took effect is unknown, the same id tells.");
        if (exception is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled } && lifetime.ApplicationStopping.IsCancellationRequested)
            return faults.Unavailable("this instance, which is stopping,");
        return answers.Of(exception, context.Method);
    }
}
