using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Pennypost.Hosting;

/// <summary>Lets nobody through whom the host's authenticator does not know. Health and reflection are open: they tell nothing of any tenant.</summary>
internal sealed class CallerInterceptor(ICallAuthenticator authenticator) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        // A service token is checked at once: then nothing has to wait here for the answer.
        var authenticating = AuthenticateAsync(context);
        return authenticating.IsCompletedSuccessfully ? continuation(request, context) : AfterAsync(authenticating);

        async Task<TResponse> AfterAsync(ValueTask authenticating)
        {
            await authenticating;
            return await continuation(request, context);
        }
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        await AuthenticateAsync(context);
        return await continuation(requestStream, context);
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        await AuthenticateAsync(context);
        await continuation(request, responseStream, context);
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        await AuthenticateAsync(context);
        await continuation(requestStream, responseStream, context);
    }

    private async ValueTask AuthenticateAsync(ServerCallContext context)
    {
        if (IsOpen(context.Method)) return;
        switch (await authenticator.AuthenticateAsync(context.RequestHeaders, context.Method, context.CancellationToken))
        {
            case Authentication.Accepted accepted:
                context.UserState[typeof(Caller)] = accepted.Caller;
                if (context.GetHttpContext().Features.Get<RequestLog.Noted>() is { } noted)
                    noted.Caller = accepted.Caller;
                break;
            case Authentication.Refused refused:
                throw refused.Fault.ToException();
        }
    }

    private static bool IsOpen(string method) =>
        method.StartsWith("/grpc.health.", StringComparison.Ordinal) || method.StartsWith("/grpc.reflection.", StringComparison.Ordinal);
}
