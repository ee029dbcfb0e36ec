using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Pennypost.Hosting;

/// <summary>Where chance comes from: from 0 to below 1.</summary>
public delegate double Jitter();

/// <summary>
/// The one layer of retries of a hop: unary calls, by the rules of <see cref="Retries"/>, within the call's deadline and the peer's budget.
/// Streams are taken up by their reader, with a resume token. A blocking call is tried once; nobody here makes one.
/// </summary>
internal sealed class RetryInterceptor(TimeProvider time, Jitter jitter) : Interceptor
{
    private readonly RetryBudget budget = new();

    private TimeProvider Time => time;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        budget.Earn();
        var tries = new Tries<TResponse>(this, () => continuation(request, context), context.Options);
        var headers = tries.HeadersAsync();
        // Hardly anybody asks for them; a failure that nobody asks for is not one more failure.
        _ = headers.ContinueWith(static failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return new AsyncUnaryCall<TResponse>(tries.Response, headers, tries.Status, tries.Trailers, tries.Dispose);
    }

    private TimeSpan? DelayAfter(RpcException failure, int tries, CallOptions options)
    {
        var left = options.Deadline is { } deadline && deadline != DateTime.MaxValue ? deadline.ToUniversalTime() - time.GetUtcNow().UtcDateTime : TimeSpan.MaxValue;
        var delay = Retries.Delay(Retries.CodeOf(failure), RpcFault.From(failure).RetryAfter, tries, left, jitter());
        return delay is not null && budget.TrySpend() ? delay : null;
    }

    private sealed class Tries<TResponse> : IDisposable
    {
        private readonly RetryInterceptor retries;
        private readonly Func<AsyncUnaryCall<TResponse>> call;
        private readonly CallOptions options;
        private readonly CancellationTokenSource disposed = new();
        private AsyncUnaryCall<TResponse> current;

        public Tries(RetryInterceptor retries, Func<AsyncUnaryCall<TResponse>> call, CallOptions options)
        {
            (this.retries, this.call, this.options) = (retries, call, options);
            // The first is made at once: what it throws about its arguments belongs to the caller.
            current = call();
            Response = ResponseAsync();
        }

        public Task<TResponse> Response { get; }

        public Status Status() => current.GetStatus();

        public Metadata Trailers() => current.GetTrailers();

        /// <summary>Those of the try that counts, once it is known which that is.</summary>
        public async Task<Metadata> HeadersAsync()
        {
            await ((Task)Response).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await current.ResponseHeadersAsync;
        }

        private async Task<TResponse> ResponseAsync()
        {
            for (var made = 1; ; made++)
            {
                try
                {
                    return await current.ResponseAsync;
                }
                catch (RpcException failure) when (!Stopped && retries.DelayAfter(failure, made, options) is { } delay)
                {
                    if (delay > TimeSpan.Zero) await WaitAsync(delay);
                }
                current.Dispose();
                current = call();
            }
        }

        private bool Stopped => disposed.IsCancellationRequested || options.CancellationToken.IsCancellationRequested;

        private async Task WaitAsync(TimeSpan delay)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken, disposed.Token);
            try
            {
                await Task.Delay(delay, retries.Time, either.Token);
            }
            catch (OperationCanceledException)
            {
                throw new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled before it could be made again."));
            }
        }

        public void Dispose()
        {
            disposed.Cancel();
            current.Dispose();
        }
    }
}
