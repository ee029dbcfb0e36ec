using System.Globalization;
using System.Threading.RateLimiting;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http.Features;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.Rest;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Limits;

/// <summary>
/// Holds each tenant and each key to its rate, each key to so many calls at once, and what is let in to its day and the tenant's. A second's worth may come in one
/// burst. A large request counts as several calls of the rates: what it costs everybody else grows with its size.
/// Every answer says where the key stands: <c>ratelimit-limit</c>, <c>ratelimit-remaining</c>, <c>ratelimit-reset</c> (seconds).
/// </summary>
internal sealed class CallRates : Interceptor, IDisposable
{
    private const int BytesPerCall = 64 * 1024;

    private enum Limit
    {
        TenantRate,
        KeyRate,
        KeyConcurrency,
    }

    /// <summary>Who is held to what. A limit that is changed begins anew.</summary>
    private readonly record struct Held(Limit To, string Who, int Most)
    {
        public string Subject => To == Limit.TenantRate ? $"tenant:{Who}" : $"key:{Who}";
    }

    private readonly TenantBook tenants;
    private readonly TenantLimits limits;
    private readonly DailyQuota quota;

    /// <summary>One for all kinds of limits: each limiter wakes the process ten times a second, whether there are calls or not.</summary>
    private readonly PartitionedRateLimiter<Held> limiter;

    public CallRates(TenantBook tenants, TenantLimits limits, DailyQuota quota)
    {
        (this.tenants, this.limits, this.quota) = (tenants, limits, quota);
        limiter = PartitionedRateLimiter.Create<Held, Held>(held => held.To switch
        {
            Limit.TenantRate => RateLimitPartition.GetTokenBucketLimiter(held, _ => Bucket(held.Most)),
            Limit.KeyRate => RateLimitPartition.GetTokenBucketLimiter(held, _ => Bucket(held.Most)),
            _ => RateLimitPartition.GetConcurrencyLimiter(held, _ => new ConcurrencyLimiterOptions { PermitLimit = held.Most, QueueLimit = 0 }),
        });
    }

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        using var entered = await EnterAsync(BytesOf(request, context), context);
        CountWhatComes(request, entered, context);
        return await continuation(request, context);
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        using var entered = await EnterAsync(BytesOf(request, context), context);
        CountWhatComes(request, entered, context);
        await continuation(request, responseStream, context);
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        using var entered = await EnterAsync(0, context);
        await continuation(entered is null ? requestStream : new PacedRequests<TRequest>(this, requestStream, entered, context), responseStream, context);
    }

    /// <summary>
    /// As how many calls a request counts: one for each 64 KiB that it began, one at least; never more than may come at once, so that who was quiet can always make
    /// any one call.
    /// </summary>
    internal static int Calls(long bytes, int most) => (int)Math.Clamp((bytes + BytesPerCall - 1) / BytesPerCall, 1, most);

    /// <summary>A call that was let in: the rates that it is held to, the key's first, and its place among those under way.</summary>
    private sealed record Entered(Held[] Rates, RateLimitLease Place) : IDisposable
    {
        public void Dispose() => Place.Dispose();
    }

    private async ValueTask<Entered?> EnterAsync(long bytes, ServerCallContext context)
    {
        // Health and reflection have no caller.
        if (!context.UserState.TryGetValue(typeof(Caller), out var found)) return null;
        var caller = (Caller)found;
        var tenant = (await tenants.FindAsync(caller.Tenant, context.CancellationToken)).Stored;
        var (key, atOnce) = ($"{caller.Tenant}.{caller.KeyId}", limits.KeyConcurrentCalls(tenant));
        // The key's rate first: what the key has no rate for costs its tenant's other keys nothing.
        Held[] rates = [new(Limit.KeyRate, key, limits.KeyCallsPerSecond(tenant)), new(Limit.TenantRate, caller.Tenant, limits.CallsPerSecond(tenant))];
        foreach (var rate in rates) Take(rate, Calls(bytes, rate.Most), bytes, context);
        Tell(context, rates[0]);
        var place = limiter.AttemptAcquire(new(Limit.KeyConcurrency, key, atOnce));
        try
        {
            if (!place.IsAcquired) throw Errors.TooManyAtOnce($"key:{key}", atOnce);
            if (!Scopes.IsAdministration(context.Method)) await quota.TakeAsync(context, 1);
            return new Entered(rates, place);
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    /// <summary>The size of a message that came by gRPC, or what a request over HTTP says of its own; 0 if it says nothing.</summary>
    private static long BytesOf(object request, ServerCallContext context) =>
        request is IMessage message ? message.CalculateSize() : context.GetHttpContext().Request.ContentLength ?? 0;

    /// <summary>A body that does not say its length is counted as it is read: the reading ends with the error where the rate does.</summary>
    private void CountWhatComes(object request, Entered? entered, ServerCallContext context)
    {
        var http = context.GetHttpContext();
        if (entered is null || request is IMessage || http.Request.ContentLength is not null || http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true }) return;
        var counted = 0L;
        http.Request.Body = new CountedBody(http.Request.Body, read =>
        {
            foreach (var rate in entered.Rates)
                if (Calls(read, rate.Most) - Calls(counted, rate.Most) is > 0 and var more) Take(rate, more, read, context);
            counted = read;
            Tell(context, entered.Rates[0]);
        });
    }

    /// <summary>A stream can wait: what one of its requests counts as beyond one call is taken when the rate has it, so that nothing of a stream is refused for its size.</summary>
    private sealed class PacedRequests<TRequest>(CallRates rates, IAsyncStreamReader<TRequest> requests, Entered entered, ServerCallContext context) : IAsyncStreamReader<TRequest>
    {
        public TRequest Current => requests.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (!await requests.MoveNext(cancellationToken)) return false;
            var bytes = RequestLines.BytesOf(context) ?? (Current as IMessage)?.CalculateSize() ?? 0;
            foreach (var rate in entered.Rates)
                for (var more = Calls(bytes, rate.Most) - 1; more > 0; more--)
                    await rates.WaitAsync(rate, cancellationToken);
            return true;
        }
    }

    /// <summary>Takes one call; one at a time, so that small calls beside it cannot keep it out for ever.</summary>
    private async Task WaitAsync(Held rate, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var lease = limiter.AttemptAcquire(rate);
            if (lease.IsAcquired) return;
            await Task.Delay(Delay(lease), cancellationToken);
        }
    }

    private void Take(Held rate, int calls, long bytes, ServerCallContext context)
    {
        using var lease = limiter.AttemptAcquire(rate, calls);
        if (lease.IsAcquired) return;
        Tell(context, rate.Most, 0, Delay(lease));
        throw Errors.RateLimited(rate.Subject, rate.Most, Calls(bytes, rate.Most), Delay(lease));
    }

    private static TimeSpan Delay(RateLimitLease refused) =>
        refused.TryGetMetadata(MetadataName.RetryAfter, out var after) && after > TimeSpan.Zero ? after : TimeSpan.FromMilliseconds(100);

    private void Tell(ServerCallContext context, Held key) =>
        Tell(context, key.Most, Math.Max(0, limiter.GetStatistics(key)?.CurrentAvailablePermits ?? 0), TimeSpan.FromSeconds(1));

    private static void Tell(ServerCallContext context, int limit, long remaining, TimeSpan reset)
    {
        var headers = context.GetHttpContext().Response.Headers;
        headers["ratelimit-limit"] = limit.ToString(CultureInfo.InvariantCulture);
        headers["ratelimit-remaining"] = remaining.ToString(CultureInfo.InvariantCulture);
        headers["ratelimit-reset"] = ((long)Math.Ceiling(reset.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
    }

    private static TokenBucketRateLimiterOptions Bucket(int perSecond)
    {
        // Ten refills a second: a caller that stays at its rate never meets the limit.
        var periods = perSecond >= 10 ? 10 : 1;
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = perSecond,
            TokensPerPeriod = (perSecond + periods - 1) / periods,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1.0 / periods),
            QueueLimit = 0,
            AutoReplenishment = true,
        };
    }

    public void Dispose() => limiter.Dispose();
}
