using Grpc.Core;

namespace Pennypost.Hosting;

/// <summary>
/// When a failed call between services is made again. Every call between services is idempotent by ids that its caller chose, so the same request
/// again is safe even where the first one took effect and only its answer was lost; what decides is whether it can help.
/// </summary>
internal static class Retries
{
    /// <summary>How often one call is tried, the first time included.</summary>
    public const int MaxTries = 5;

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(2);

    /// <summary>How long to wait before the next try; null to give up.</summary>
    /// <param name="code">What the last try came to.</param>
    /// <param name="retryAfter">The peer's <c>RetryInfo</c>, if it gave one.</param>
    /// <param name="tries">How many were made, 1 or more.</param>
    /// <param name="left">Until the call's deadline.</param>
    /// <param name="jitter">From 0 to below 1.</param>
    public static TimeSpan? Delay(StatusCode code, TimeSpan? retryAfter, int tries, TimeSpan left, double jitter)
    {
        TimeSpan? delay = code switch
        {
            _ when tries >= MaxTries => null,
            // Somebody else was faster; now it is our turn.
            StatusCode.Aborted => TimeSpan.Zero,
            StatusCode.Unavailable => (retryAfter ?? TimeSpan.Zero) + (jitter * Backoff(tries)),
            // Without a time it is no rate but a size, which does not shrink by waiting.
            StatusCode.ResourceExhausted when retryAfter is { } asked => asked + (jitter * Backoff(tries)),
            _ => null,
        };
        // A try that would begin at the deadline is none: the caller rather hears now what went wrong.
        return delay < left ? delay : null;
    }

    /// <summary>
    /// What a failed call came to. The client calls some broken connections INTERNAL (a ping that nobody answered, a protocol cut short): what failed below
    /// HTTP and carries no reason of a peer is a peer that cannot be reached.
    /// </summary>
    public static StatusCode CodeOf(RpcException failure) =>
        failure is { StatusCode: StatusCode.Internal or StatusCode.Unknown, Status.DebugException: HttpRequestException or IOException } && !RpcFault.HasDetails(failure)
            ? StatusCode.Unavailable
            : failure.StatusCode;

    private static TimeSpan Backoff(int tries) => FirstBackoff * Math.Pow(2, tries - 1) is var backoff && backoff < LongestBackoff ? backoff : LongestBackoff;
}

/// <summary>
/// How many retries a peer may get: one for ten calls. Ten are there from the start, and a hundred may be saved up, so that the calls under way on an instance
/// that dies find room. Without a budget a peer that fails under load would get that load times <see cref="Retries.MaxTries"/>, and never come back.
/// </summary>
internal sealed class RetryBudget
{
    private const int PerRetry = 10;
    private const int AtFirst = 10 * PerRetry;
    private const int Most = 100 * PerRetry;
    private int tenths = AtFirst;

    /// <summary>A call was made.</summary>
    public void Earn()
    {
        int known;
        while ((known = Volatile.Read(ref tenths)) < Most && Interlocked.CompareExchange(ref tenths, known + 1, known) != known) { }
    }

    /// <summary>Whether one may be made again.</summary>
    public bool TrySpend()
    {
        int known;
        do
        {
            known = Volatile.Read(ref tenths);
            if (known < PerRetry) return false;
        }
        while (Interlocked.CompareExchange(ref tenths, known - PerRetry, known) != known);
        return true;
    }
}
