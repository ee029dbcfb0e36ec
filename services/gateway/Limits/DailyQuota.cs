using System.Collections.Concurrent;
using System.Globalization;
using Grpc.Core;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.Stored;
using Pennypost.Hosting;
using Pennypost.Store;

namespace Pennypost.Gateway.Limits;

/// <summary>
/// Holds each tenant to its calls per UTC day, over all instances and restarts. An instance takes a block of them from the tenant's partition and counts it down in
/// memory; what it has no use for it gives back within seconds. Answers say where the tenant stands: <c>ratelimit-day-limit</c>, <c>ratelimit-day-remaining</c>,
/// <c>ratelimit-day-reset</c> (seconds).
/// </summary>
internal sealed class DailyQuota(StateStore store, TenantBook tenants, TenantLimits limits, ILogger<DailyQuota> logger) : IHostedService
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);
    private static readonly HeadCodec<StoredQuota> Codec = HeadCodec.Message(StoredQuota.Parser);

    private readonly string instance = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<string, Block> blocks = new(StringComparer.Ordinal);
    private long lastNumber;

    /// <summary>What this instance may still do for a tenant; one caller at a time.</summary>
    private sealed class Block : IDisposable
    {
        public readonly SemaphoreSlim Turn = new(1);

        /// <summary>Calls that it may still make; all else is as of the last look.</summary>
        public long Calls { get; set; }

        public long LeftForAll { get; set; }
        public long Limit { get; set; }
        public long Day { get; set; }

        /// <summary>Counts takes, so that it is seen when there are none.</summary>
        public long Taken { get; set; }

        public bool IsWatched { get; set; }

        public void Dispose() => Turn.Dispose();
    }

    /// <summary>Counts calls of the caller's tenant. Says in the headers how many are left.</summary>
    /// <exception cref="RpcException">There are not as many; none is counted then.</exception>
    public async ValueTask TakeAsync(ServerCallContext context, long calls)
    {
        var tenant = context.Caller().Tenant;
        var known = await tenants.FindAsync(tenant, context.CancellationToken);
        if (limits.CallsPerDay(known.Stored) is not (> 0 and var limit) || calls <= 0) return;
        var block = blocks.GetOrAdd(tenant, _ => new Block());
        await block.Turn.WaitAsync(context.CancellationToken);
        try
        {
            var isEnough = block.Calls >= calls && block.Limit == limit && block.Day == QuotaLeases.DayOf(known.Now);
            if (!isEnough) await LeaseAsync(tenant, block, calls, limit, context.CancellationToken);
            var day = block.Day;
            if (block.Calls < calls)
            {
                Tell(context, limit, 0, QuotaLeases.EndOf(day) - known.Now);
                throw Errors.DailyQuotaUsedUp(tenant, limit, QuotaLeases.EndOf(day), known.Now);
            }
            block.Calls -= calls;
            block.Taken++;
            Tell(context, limit, block.LeftForAll + block.Calls, QuotaLeases.EndOf(day) - known.Now);
            if (block.IsWatched || block.Calls == 0) return;
            block.IsWatched = true;
            _ = GiveBackWhenIdleAsync(tenant, block, block.Taken);
        }
        finally
        {
            block.Turn.Release();
        }
    }

    /// <summary>Gives back what is left and takes another block, which has at least as many as are needed, or none.</summary>
    private async Task LeaseAsync(string tenant, Block block, long needed, long limit, CancellationToken cancellationToken)
    {
        var asked = new LeaseAsked(instance, Interlocked.Increment(ref lastNumber), block.Calls, needed, limit);
        // Should the answer be lost, what was given is not known here: it counts as spent.
        block.Calls = 0;
        var executed = await store.ExecuteAsync<StoredQuota, LeaseGiven>(new PartitionId("quota", tenant, "_"), Codec, RecordKeys.None, view =>
        {
            var (after, given) = QuotaLeases.Decide(view.Head, asked, view.Now);
            return after.Equals(view.Head) ? new Decision<StoredQuota, LeaseGiven>.Answer(given) : new Decision<StoredQuota, LeaseGiven>.Commit(after, given) { Listed = false };
        }, 0, cancellationToken);
        (block.Calls, block.LeftForAll, block.Day, block.Limit) = (executed.Answer.Calls, executed.Answer.Left, executed.Answer.Day, limit);
    }

    /// <summary>Waits until nothing is taken for a while, and gives back what is left. Nothing runs for a tenant that does not call.</summary>
    private async Task GiveBackWhenIdleAsync(string tenant, Block block, long taken)
    {
        while (true)
        {
            await Task.Delay(Idle);
            await block.Turn.WaitAsync();
            try
            {
                if (block.Taken == taken || block.Calls == 0)
                {
                    block.IsWatched = false;
                    if (block.Calls > 0) await LeaseAsync(tenant, block, 0, block.Limit, CancellationToken.None);
                    return;
                }
                taken = block.Taken;
            }
            catch (Exception exception) when (exception is StoreException or ObjectDisposedException)
            {
                // It counts as spent.
                logger.QuotaNotGivenBack(exception, tenant);
                return;
            }
            finally
            {
                block.Turn.Release();
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Calls have ended by now: gives back what is left, so that a restart costs nobody anything.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var (tenant, block) in blocks)
        {
            await block.Turn.WaitAsync(cancellationToken);
            try
            {
                if (block.Calls > 0) await LeaseAsync(tenant, block, 0, block.Limit, cancellationToken);
            }
            catch (StoreException exception)
            {
                logger.QuotaNotGivenBack(exception, tenant);
            }
            finally
            {
                block.Turn.Release();
            }
        }
    }

    private static void Tell(ServerCallContext context, long limit, long remaining, TimeSpan reset)
    {
        // Of a stream, the beginning has been told.
        if (context.GetHttpContext().Response.HasStarted) return;
        var headers = context.GetHttpContext().Response.Headers;
        headers["ratelimit-day-limit"] = limit.ToString(CultureInfo.InvariantCulture);
        headers["ratelimit-day-remaining"] = remaining.ToString(CultureInfo.InvariantCulture);
        headers["ratelimit-day-reset"] = Math.Max(1, (long)Math.Ceiling(reset.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
    }
}
