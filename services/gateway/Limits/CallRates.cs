using System.Globalization;
using System.Threading.RateLimiting;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Pennypost.Gateway.Keys;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Limits;

/// <summary>
/// Holds each tenant and each key to its rate, each key to so many calls at once, and what is let in to the tenant's day. A second's worth may come in one burst.
/// Every answer says where the key stands: <c>ratelimit-limit</c>, <c>ratelimit-remaining</c>, <c>ratelimit-reset</c> (seconds).
/// </summary>
internal sealed class CallRates : Interceptor, IDisposable
{
    private enum Limit
    {
        TenantRate,
        KeyRate,
        KeyConcurrency,
    }

    /// <summary>Who is held to what. A limit that is changed begins anew.</summary>
    private readonly record struct Held(Limit To, string Who, int Most);

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
        using var place = await EnterAsync(context);
        return await continuation(request, context);
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        using var place = await EnterAsync(context);
        await continuation(request, responseStream, context);
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        using var place = await EnterAsync(context);
        await continuation(requestStream, responseStream, context);
    }

    private async ValueTask<RateLimitLease?> EnterAsync(ServerCallContext context)
    {
        // Health and reflection have no caller.
        if (!context.UserState.TryGetValue(typeof(Caller), out var found)) return null;
        var caller = (Caller)found;
        var tenant = (await tenants.FindAsync(caller.Tenant, context.CancellationToken)).Stored;
        var (perSecond, keyPerSecond, atOnce) = (limits.CallsPerSecond(tenant), limits.KeyCallsPerSecond(tenant), limits.KeyConcurrentCalls(tenant));
        using var byTenant = limiter.AttemptAcquire(new(Limit.TenantRate, caller.Tenant, perSecond));
        if (!byTenant.IsAcquired) throw Limited($"tenant:{caller.Tenant}", perSecond, byTenant, context, 0);
        var key = $"{caller.Tenant}.{caller.KeyId}";
        using var byKey = limiter.AttemptAcquire(new(Limit.KeyRate, key, keyPerSecond));
        var remaining = Math.Max(0, limiter.GetStatistics(new(Limit.KeyRate, key, keyPerSecond))?.CurrentAvailablePermits ?? 0);
        if (!byKey.IsAcquired) throw Limited($"key:{key}", keyPerSecond, byKey, context, 0);
        Tell(context, keyPerSecond, remaining, TimeSpan.FromSeconds(1));
        var place = limiter.AttemptAcquire(new(Limit.KeyConcurrency, key, atOnce));
        try
        {
            if (!place.IsAcquired) throw Errors.TooManyAtOnce($"key:{key}", atOnce);
            if (!Scopes.IsAdministration(context.Method)) await quota.TakeAsync(context, 1);
            return place;
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    private static RpcException Limited(string subject, int perSecond, RateLimitLease lease, ServerCallContext context, long remaining)
    {
        var delay = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) && after > TimeSpan.Zero ? after : TimeSpan.FromMilliseconds(100);
        Tell(context, perSecond, remaining, delay);
        return Errors.RateLimited(subject, perSecond, delay);
    }

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
