using Grpc.Core;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Stored;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>Looks at pools for what is to be raised of them (F65): when something happened to one, when a credit was spent, and when its renewal comes near.</summary>
internal sealed class PoolLooks(StateStore store, CreditPools pools, Demands demands, ILogger<PoolLooks> logger)
{
    private static readonly HeadCodec<AlertThresholds> _codec = HeadCodec.Mapped(StoredAlertThresholds.Parser, Read, Write);

    /// <summary>The tenant's thresholds; the defaults if it set none.</summary>
    public async Task<AlertThresholds> ThresholdsAsync(string tenant, CancellationToken ct) =>
        (await store.ReadAsync(Partition(tenant), _codec, [], 0, ct)).Head ?? new AlertThresholds();

    /// <summary>They hold from the next look at each pool.</summary>
    public Task PutThresholdsAsync(string tenant, AlertThresholds thresholds, CancellationToken ct) =>
        store.ExecuteAsync<AlertThresholds, bool>(Partition(tenant), _codec, RecordKeys.None, view =>
            view.Head == thresholds ? new Decision<AlertThresholds, bool>.Answer(false) : new Decision<AlertThresholds, bool>.Commit(thresholds, true), 0, ct);

    /// <summary>Looks at the pool. One that cannot be asked for is looked at the next time: whatever brought us here must not wait for it.</summary>
    public async Task LookAsync(string tenant, string poolId, CancellationToken ct)
    {
        try
        {
            await LookAsync(tenant, poolId, wasDue: false, ct);
        }
        catch (RpcException unanswered) when (!ct.IsCancellationRequested)
        {
            AccountsLog.NotLookedAt(logger, poolId, unanswered.StatusCode);
        }
    }

    /// <summary>Its due time came.</summary>
    /// <exception cref="RpcException">The credits service does not answer; the due time comes back.</exception>
    public Task LookWhenDueAsync(string tenant, string poolId, CancellationToken ct) => LookAsync(tenant, poolId, wasDue: true, ct);

    /// <summary>The pool's books were compared with the provider's balance, or a send was paid that they had no credit for.</summary>
    public async Task ComparedAsync(string tenant, string poolId, long number, long drift, bool certain, CancellationToken ct)
    {
        var thresholds = await ThresholdsAsync(tenant, ct);
        await demands.AlertAsync(tenant, poolId, (alerts, now) => Alerting.Compared(alerts, number, drift, certain, thresholds, now), wasDue: false, ct);
    }

    private async Task LookAsync(string tenant, string poolId, bool wasDue, CancellationToken ct)
    {
        var pool = await pools.FindNowAsync(tenant, poolId, ct);
        if (pool is null)
        {
            if (wasDue)
                await demands.DoneAsync(tenant, poolId, Demands.AlertsDue, ct);
            return;
        }

        var seen = new PoolSeen(pool.Version, pool.Balance.Available + pool.Balance.Held, pool.RenewTime?.ToDateTimeOffset(), pool.ForfeitsAtRenewal);
        var thresholds = await ThresholdsAsync(tenant, ct);
        await demands.AlertAsync(tenant, poolId, (alerts, now) => Alerting.Look(alerts, seen, thresholds, now), wasDue, ct);
    }

    private static PartitionId Partition(string tenant) => new("settings", tenant, "alerts");

    private static AlertThresholds Read(StoredAlertThresholds stored) => new()
    {
        LowCredits = stored.LowCredits,
        ForfeitCredits = stored.ForfeitCredits,
        ForfeitWithin = TimeSpan.FromMilliseconds(stored.ForfeitWithinMs),
        DriftCredits = stored.DriftCredits,
    };

    private static StoredAlertThresholds Write(AlertThresholds thresholds) => new()
    {
        Format = 1,
        LowCredits = thresholds.LowCredits,
        ForfeitCredits = thresholds.ForfeitCredits,
        ForfeitWithinMs = (long)thresholds.ForfeitWithin.TotalMilliseconds,
        DriftCredits = thresholds.DriftCredits,
    };
}
