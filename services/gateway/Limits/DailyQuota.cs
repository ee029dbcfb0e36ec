using System.Collections.Concurrent;
using System.Globalization;
using Grpc.Core;
using Pennypost.Gateway.Keys;
using Pennypost.Gateway.Stored;
using Pennypost.Hosting;
using Pennypost.Store;

namespace Pennypost.Gateway.Limits;

/// <summary>
/// Holds each tenant, and each key that has a limit of its own, to its calls per UTC day, over all instances and restarts. An instance takes a block of them from the
/// day's partition and counts it down in memory; what it has no use for it gives back within seconds. Answers say where the caller stands, by the key's day or the
/// tenant's, whichever has less left: <c>ratelimit-day-limit</c>, <c>ratelimit-day-remaining</c>, <c>ratelimit-day-reset</c> (seconds).
/// </summary>
internal sealed class DailyQuota(StateStore store, TenantBook tenants, TenantLimits limits, ILogger<DailyQuota> logger) : IHostedService
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);
    private static readonly HeadCodec<StoredQuota> Codec = HeadCodec.Message(StoredQuota.Parser);

    private readonly string instance = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<Holder, Block> blocks = new();
    private long lastNumber;

    /// <summary>Whose day it is: a key's, or with <see cref="KeyId"/> null a tenant's, all its keys together.</summary>
    private readonly record struct Holder(string Tenant, string? KeyId)
    {
        public PartitionId Partition => KeyId is null ? new("quota", Tenant, "_") : new("key_quota", Tenant, KeyId);

        public string Subject => KeyId is null ? $"tenant:{Tenant}" : $"key:{Tenant}.{KeyId}";
    }

    /// <summary>What this instance may still do of somebody's day; one caller at a time.</summary>
    private sealed class Block(Holder holder) : IDisposable
    {
        public readonly Holder Holder = holder;
        public readonly SemaphoreSlim Turn = new(1);

        /// <summary>Calls that it may still make; all else is as of the last look.</summary>
        public long Calls { get; set; }

        public long LeftForAll { get; set; }
        public long Limit { get; set; }
        public long Day { get; set; }

        /// <summary>Counts takes, so that it is seen when there are none.</summary>
        public long Taken { get; set; }

        public bool IsWatched { get; set; }

        public long Left => LeftForAll + Calls;

        public void Dispose() => Turn.Dispose();
    }

    /// <summary>Counts calls of the caller's key and tenant.</summary>
    /// <param name="context">The call.</param>
    /// <param name="calls">How many it counts as.</param>
    /// <param name="tells">Says in the headers how many are left: not of a stream that goes on, whose answer may have begun.</param>
    /// <exception cref="RpcException">One of the two has not as many; neither counts them then.</exception>
    public async ValueTask TakeAsync(ServerCallContext context, long calls, bool tells = true)
    {
        var caller = context.Caller();
        var known = await tenants.FindAsync(caller.Tenant, context.CancellationToken);
        var days = Days(caller, known.Stored);
        if (days.Count == 0 || calls <= 0) return;
        var entered = 0;
        try
        {
            foreach (var (block, limit) in days)
            {
                await block.Turn.WaitAsync(context.CancellationToken);
                entered++;
                var isEnough = block.Calls >= calls && block.Limit == limit && block.Day == QuotaLeases.DayOf(known.Now);
                if (!isEnough) await LeaseAsync(block, calls, limit, context.CancellationToken);
                if (block.Calls >= calls) continue;
                var reset = QuotaLeases.EndOf(block.Day);
                if (tells) Tell(context, limit, 0, reset - known.Now);
                throw Errors.DailyQuotaUsedUp(block.Holder.Subject, limit, reset, known.Now);
            }
            // Both turns are had and both have room: what one refuses the other has not counted.
            foreach (var (block, _) in days)
            {
                block.Calls -= calls;
                block.Taken++;
            }
            var least = days.MinBy(day => day.Block.Left).Block;
            if (tells) Tell(context, least.Limit, least.Left, QuotaLeases.EndOf(least.Day) - known.Now);
        }
        finally
        {
            foreach (var (block, _) in days.Take(entered))
            {
                // Also a block that was taken for a call which the other refused.
                Watch(block);
                block.Turn.Release();
            }
        }
    }

    /// <summary>The days that hold the caller. The key's comes first, always: two calls never wait for each other, and a key without calls asks nothing of its tenant's day.</summary>
    private List<(Block Block, long Limit)> Days(Caller caller, StoredTenant? tenant)
    {
        List<(Block, long)> days = [];
        if (TenantLimits.CallsPerDay(tenant, caller.KeyId) is > 0 and var ofKey) days.Add((BlockOf(new Holder(caller.Tenant, caller.KeyId)), ofKey));
        if (limits.CallsPerDay(tenant) is > 0 and var ofAll) days.Add((BlockOf(new Holder(caller.Tenant, null)), ofAll));
        return days;
    }

    private Block BlockOf(Holder holder) => blocks.GetOrAdd(holder, whose => new Block(whose));

    /// <summary>Gives back what is left and takes another block, which has at least as many as are needed, or none.</summary>
    private async Task LeaseAsync(Block block, long needed, long limit, CancellationToken cancellationToken)
    {
        var asked = new LeaseAsked(instance, Interlocked.Increment(ref lastNumber), block.Calls, needed, limit);
        // Should the answer be lost, what was given is not known here: it counts as spent.
        block.Calls = 0;
        var executed = await store.ExecuteAsync<StoredQuota, LeaseGiven>(block.Holder.Partition, Codec, RecordKeys.None, view =>
        {
            var (after, given) = QuotaLeases.Decide(view.Head, asked, view.Now);
            return after.Equals(view.Head) ? new Decision<StoredQuota, LeaseGiven>.Answer(given) : new Decision<StoredQuota, LeaseGiven>.Commit(after, given) { Listed = false };
        }, 0, cancellationToken);
        (block.Calls, block.LeftForAll, block.Day, block.Limit) = (executed.Answer.Calls, executed.Answer.Left, executed.Answer.Day, limit);
    }

    private void Watch(Block block)
    {
        if (block.IsWatched || block.Calls == 0) return;
        block.IsWatched = true;
        _ = GiveBackWhenIdleAsync(block, block.Taken);
    }

    /// <summary>Waits until nothing is taken for a while, and gives back what is left. Nothing runs for who does not call.</summary>
    private async Task GiveBackWhenIdleAsync(Block block, long taken)
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
                    if (block.Calls > 0) await LeaseAsync(block, 0, block.Limit, CancellationToken.None);
                    return;
                }
                taken = block.Taken;
            }
            catch (Exception exception) when (exception is StoreException or ObjectDisposedException)
            {
                // It counts as spent.
                logger.QuotaNotGivenBack(exception, block.Holder.Subject);
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
        foreach (var block in blocks.Values)
        {
            await block.Turn.WaitAsync(cancellationToken);
            try
            {
                if (block.Calls > 0) await LeaseAsync(block, 0, block.Limit, cancellationToken);
            }
            catch (StoreException exception)
            {
                logger.QuotaNotGivenBack(exception, block.Holder.Subject);
            }
            finally
            {
                block.Turn.Release();
            }
        }
    }

    private static void Tell(ServerCallContext context, long limit, long remaining, TimeSpan reset)
    {
        var headers = context.GetHttpContext().Response.Headers;
        headers["ratelimit-day-limit"] = limit.ToString(CultureInfo.InvariantCulture);
        headers["ratelimit-day-remaining"] = remaining.ToString(CultureInfo.InvariantCulture);
        headers["ratelimit-day-reset"] = Math.Max(1, (long)Math.Ceiling(reset.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
    }
}
