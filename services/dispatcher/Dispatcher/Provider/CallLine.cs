using System.Threading.RateLimiting;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Pennypost.Dispatcher.Provider;

/// <summary>
/// What the calls to one server share. From the outside in: concurrency limit, total time-out, retry, circuit breaker, attempt time-out. One for each tenant's connection, so that one broken server does not stop
/// another.
/// </summary>
internal class CallLine<TReply> : IDisposable
    where TReply : class
{
    private readonly CallOptions _options;
    private readonly TimeProvider _time;
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly Lock _pausing = new();
    private TimeSpan? _lastPause;
    private DateTimeOffset? _closedSince;
    private readonly ResiliencePipeline<TReply> _attempt;

    /// <param name="options">The limits.</param>
    /// <param name="time">Real time.</param>
    /// <param name="isOutage">Whether the server itself is in trouble, by its answer: enough of these open the circuit.</param>
    /// <param name="changed">Told of every change of the circuit.</param>
    protected CallLine(CallOptions options, TimeProvider time, Func<TReply?, bool> isOutage, Action<CircuitState> changed)
    {
        (_options, _time) = (options, time);
        Turns = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = options.Concurrency,
            QueueLimit = options.Queue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
        _attempt = new ResiliencePipelineBuilder<TReply> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<TReply>
            {
                FailureRatio = options.BreakAtFailureShare,
                MinimumThroughput = options.BreakAtLeastCalls,
                SamplingDuration = TimeSpan.FromSeconds(options.BreakSamplingSeconds),
                BreakDurationGenerator = opening => ValueTask.FromResult(Pause(triedInVain: opening.HalfOpenAttempts > 0)),
                ShouldHandle = arguments => ValueTask.FromResult(isOutage(arguments.Outcome.Result)),
                StateProvider = _circuit,
                OnOpened = _ => Tell(CircuitState.Open),
                OnHalfOpened = _ => Tell(CircuitState.HalfOpen),
                OnClosed = _ =>
                {
                    Closed();
                    return Tell(CircuitState.Closed);
                },
            })
            .AddTimeout(options.CallLimit)
            .Build();

        ValueTask Tell(CircuitState state)
        {
            changed(state);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>How long it stays open this time.</summary>
    private TimeSpan Pause(bool triedInVain)
    {
        lock (_pausing)
        {
            var closedFor = triedInVain || _closedSince is not { } since ? (TimeSpan?)null : _time.GetUtcNow() - since;
            var pause = CircuitPause.Next(_lastPause, closedFor, TimeSpan.FromSeconds(_options.BreakSeconds), TimeSpan.FromSeconds(_options.MaxBreakSeconds));
            (_lastPause, _closedSince) = (pause, null);
            return pause;
        }
    }

    private void Closed()
    {
        lock (_pausing)
            _closedSince = _time.GetUtcNow();
    }

    /// <summary>Of the circuit, now.</summary>
    public CircuitState State => _circuit.CircuitState;

    /// <summary>Who may call now; the others wait for their turn, up to a number.</summary>
    public ConcurrencyLimiter Turns { get; }

    /// <summary>The way of a call that is made once, whatever comes of it: whoever asks wants to know just that.</summary>
    public ResiliencePipeline<TReply> Once => _attempt;

    /// <summary>The way of a call that is made again, within the total time, while its answer is one of these.</summary>
    protected internal ResiliencePipeline<TReply> Again(Func<TReply?, bool> again)
    {
        var builder = new ResiliencePipelineBuilder<TReply> { TimeProvider = _time }.AddTimeout(TimeSpan.FromSeconds(_options.TotalSeconds));
        if (_options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<TReply>
            {
                MaxRetryAttempts = _options.Retries,
                Delay = TimeSpan.FromMilliseconds(_options.RetryDelayMs),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = arguments => ValueTask.FromResult(again(arguments.Outcome.Result)),
            });
        }

        return builder.AddPipeline(_attempt).Build();
    }

    public void Dispose() => Turns.Dispose();
}
