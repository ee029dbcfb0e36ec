using System.Runtime.CompilerServices;

namespace Grpc.Core;

/// <summary>
/// What the four kinds of call have in common: headers, status, trailers and the way to give up. The client hands them over as functions of
/// a state, so that it allocates no closures; interceptors hand them over as plain functions.
/// </summary>
internal readonly struct CallState
{
    private readonly Func<object, Task<Metadata>> responseHeaders;
    private readonly Func<object, Status> getStatus;
    private readonly Func<object, Metadata> getTrailers;
    private readonly Action<object> dispose;
    private readonly object state;

    public CallState(Func<object, Task<Metadata>> responseHeaders, Func<object, Status> getStatus, Func<object, Metadata> getTrailers, Action<object> dispose, object state) =>
        (this.responseHeaders, this.getStatus, this.getTrailers, this.dispose, this.state) = (responseHeaders, getStatus, getTrailers, dispose, state);

    public CallState(Task<Metadata> responseHeaders, Func<Status> getStatus, Func<Metadata> getTrailers, Action dispose)
        : this(static s => ((Plain)s).ResponseHeaders, static s => ((Plain)s).GetStatus(), static s => ((Plain)s).GetTrailers(), static s => ((Plain)s).Dispose(),
            new Plain(responseHeaders, getStatus, getTrailers, dispose))
    { }

    public Task<Metadata> ResponseHeadersAsync() => responseHeaders(state);
    public Status GetStatus() => getStatus(state);
    public Metadata GetTrailers() => getTrailers(state);
    public void Dispose() => dispose(state);

    private sealed record Plain(Task<Metadata> ResponseHeaders, Func<Status> GetStatus, Func<Metadata> GetTrailers, Action Dispose);
}

/// <summary>A call with one request and one response. Disposing it gives up what has not ended.</summary>
public sealed class AsyncUnaryCall<TResponse> : IDisposable
{
    private readonly CallState call;

    /// <summary>For interceptors and tests: by plain functions.</summary>
    public AsyncUnaryCall(Task<TResponse> responseAsync, Task<Metadata> responseHeadersAsync, Func<Status> getStatusFunc, Func<Metadata> getTrailersFunc, Action disposeAction) =>
        (ResponseAsync, call) = (responseAsync, new CallState(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction));

    /// <summary>For the client: by functions of a state.</summary>
    public AsyncUnaryCall(Task<TResponse> responseAsync, Func<object, Task<Metadata>> responseHeadersAsync, Func<object, Status> getStatusFunc, Func<object, Metadata> getTrailersFunc, Action<object> disposeAction, object state) =>
        (ResponseAsync, call) = (responseAsync, new CallState(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction, state));

    /// <summary>The response, or the <see cref="RpcException"/> with which the call ended.</summary>
    public Task<TResponse> ResponseAsync { get; }

    /// <summary>The response headers, when they have come.</summary>
    public Task<Metadata> ResponseHeadersAsync => call.ResponseHeadersAsync();

    /// <summary>Waits for the response.</summary>
    public TaskAwaiter<TResponse> GetAwaiter() => ResponseAsync.GetAwaiter();

    /// <summary>Waits for the response.</summary>
    public ConfiguredTaskAwaitable<TResponse> ConfigureAwait(bool continueOnCapturedContext) => ResponseAsync.ConfigureAwait(continueOnCapturedContext);

    /// <summary>The status of a call that has ended; an exception before.</summary>
    public Status GetStatus() => call.GetStatus();

    /// <summary>The trailers of a call that has ended; an exception before.</summary>
    public Metadata GetTrailers() => call.GetTrailers();

    /// <inheritdoc/>
    public void Dispose() => call.Dispose();
}

/// <summary>A call with many requests and one response. Disposing it gives up what has not ended.</summary>
public sealed class AsyncClientStreamingCall<TRequest, TResponse> : IDisposable
{
    private readonly CallState call;

    /// <summary>For interceptors and tests: by plain functions.</summary>
    public AsyncClientStreamingCall(IClientStreamWriter<TRequest> requestStream, Task<TResponse> responseAsync, Task<Metadata> responseHeadersAsync, Func<Status> getStatusFunc, Func<Metadata> getTrailersFunc, Action disposeAction) =>
        (RequestStream, ResponseAsync, call) = (requestStream, responseAsync, new CallState(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction));

    /// <summary>For the client: by functions of a state.</summary>
    public AsyncClientStreamingCall(IClientStreamWriter<TRequest> requestStream, Task<TResponse> responseAsync, Func<object, Task<Metadata>> responseHeadersAsync, Func<object, Status> getStatusFunc, Func<object, Metadata> getTrailersFunc, Action<object> disposeAction, object state) =>
        (RequestStream, ResponseAsync, call) = (requestStream, responseAsync, new CallState(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction, state));

    /// <summary>Where requests are written.</summary>
    public IClientStreamWriter<TRequest> RequestStream { get; }

    /// <summary>The response, or the <see cref="RpcException"/> with which the call ended.</summary>
    public Task<TResponse> ResponseAsync { get; }

    /// <summary>The response headers, when they have come.</summary>
    public Task<Metadata> ResponseHeadersAsync => call.ResponseHeadersAsync();

    /// <summary>Waits for the response.</summary>
    public TaskAwaiter<TResponse> GetAwaiter() => ResponseAsync.GetAwaiter();

    /// <summary>Waits for the response.</summary>
    public ConfiguredTaskAwaitable<TResponse> ConfigureAwait(bool continueOnCapturedContext) => ResponseAsync.ConfigureAwait(continueOnCapturedContext);

    /// <summary>The status of a call that has ended; an exception before.</summary>
    public Status GetStatus() => call.GetStatus();

    /// <summary>The trailers of a call that has ended; an exception before.</summary>
    public Metadata GetTrailers() => call.GetTrailers();

    /// <inheritdoc/>
    public void Dispose() => call.Dispose();
}

/// <summary>A call with one request and many responses. Disposing it gives up what has not ended.</summary>
public sealed class AsyncServerStreamingCall<TResponse> : IDisposable
{
    private readonly CallState call;

    /// <summary>For interceptors and tests: by plain functions.</summary>
    public AsyncServerStreamingCall(IAsyncStreamReader<TResponse> responseStream, Task<Metadata> responseHeadersAsync, Func<Status> getStatusFunc, Func<Metadata> getTrailersFunc, Action disposeAction) =>
        (ResponseStream, call) = (responseStream, new CallState(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction));

    /// <summary>For the client: by functions of a state.</summary>
    public AsyncServerStreamingCall(IAsyncStreamReader<TResponse> responseStream, Func<object, Task<Metadata>> responseHeadersAsync, Func<object, Status> getStatusFunc, Func<object, Metadata> getTrailersFunc, Action<object> disposeAction, object state) =>
        (ResponseStream, call) = (responseStream, new CallState(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction, state));

    /// <summary>Where responses are read.</summary>
    public IAsyncStreamReader<TResponse> ResponseStream { get; }

    /// <summary>The response headers, when they have come.</summary>
    public Task<Metadata> ResponseHeadersAsync => call.ResponseHeadersAsync();

    /// <summary>The status of a call that has ended; an exception before.</summary>
    public Status GetStatus() => call.GetStatus();

    /// <summary>The trailers of a call that has ended; an exception before.</summary>
    public Metadata GetTrailers() => call.GetTrailers();

    /// <inheritdoc/>
    public void Dispose() => call.Dispose();
}

/// <summary>A call with many requests and many responses. Disposing it gives up what has not ended.</summary>
public sealed class AsyncDuplexStreamingCall<TRequest, TResponse> : IDisposable
{
    private readonly CallState call;

    /// <summary>For interceptors and tests: by plain functions.</summary>
    public AsyncDuplexStreamingCall(IClientStreamWriter<TRequest> requestStream, IAsyncStreamReader<TResponse> responseStream, Task<Metadata> responseHeadersAsync, Func<Status> getStatusFunc, Func<Metadata> getTrailersFunc, Action disposeAction) =>
        (RequestStream, ResponseStream, call) = (requestStream, responseStream, new CallState(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction));

    /// <summary>For the client: by functions of a state.</summary>
    public AsyncDuplexStreamingCall(IClientStreamWriter<TRequest> requestStream, IAsyncStreamReader<TResponse> responseStream, Func<object, Task<Metadata>> responseHeadersAsync, Func<object, Status> getStatusFunc, Func<object, Metadata> getTrailersFunc, Action<object> disposeAction, object state) =>
        (RequestStream, ResponseStream, call) = (requestStream, responseStream, new CallState(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction, state));

    /// <summary>Where requests are written.</summary>
    public IClientStreamWriter<TRequest> RequestStream { get; }

    /// <summary>Where responses are read.</summary>
    public IAsyncStreamReader<TResponse> ResponseStream { get; }

    /// <summary>The response headers, when they have come.</summary>
    public Task<Metadata> ResponseHeadersAsync => call.ResponseHeadersAsync();

    /// <summary>The status of a call that has ended; an exception before.</summary>
    public Status GetStatus() => call.GetStatus();

    /// <summary>The trailers of a call that has ended; an exception before.</summary>
    public Metadata GetTrailers() => call.GetTrailers();

    /// <inheritdoc/>
    public void Dispose() => call.Dispose();
}
