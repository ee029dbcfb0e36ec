using Grpc.Core;
using Grpc.Core.Interceptors;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Keys;

/// <summary>
/// A stream lasts no longer than the right to open it: twice a second it is looked whether its key is still valid and its tenant still open. A stream that may not
/// go on ends with the error that a new call would get.
/// </summary>
internal sealed class StandingStreams(ICallAuthenticator authenticator) : Interceptor
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(400);

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        StandAsync(context, standing => continuation(request, responseStream, standing));

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        StandAsync(context, standing => continuation(requestStream, responseStream, standing));

    private async Task StandAsync(ServerCallContext context, Func<ServerCallContext, Task> tell)
    {
        // Health has no caller.
        if (!context.UserState.ContainsKey(typeof(Caller)))
        {
            await tell(context);
            return;
        }
        using var ending = new CancellationTokenSource();
        using var standing = new StreamContext(context, ending.Token);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        var refusal = RefusalAsync(context, done.Token);
        var telling = tell(standing);
        if (await Task.WhenAny(telling, refusal) == refusal && await refusal is { } fault)
        {
            await ending.CancelAsync();
            // It holds the response; whatever it ends with, the reason is known.
            await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw fault.ToException();
        }
        try
        {
            await telling;
        }
        finally
        {
            await done.CancelAsync();
            await ((Task)refusal).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits for the caller to lose the right to call; null if the call ended first.</summary>
    private async Task<RpcFault?> RefusalAsync(ServerCallContext context, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Every);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    if (await authenticator.AuthenticateAsync(context.RequestHeaders, context.Method, cancellationToken) is Authentication.Refused refused) return refused.Fault;
                }
                catch (Store.StoreException)
                {
                    // Nothing is known against it. A store that stays away ends no stream that needs none.
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The call is over.
        }
        return null;
    }
}
