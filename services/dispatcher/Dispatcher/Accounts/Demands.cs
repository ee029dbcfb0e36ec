using System.Collections.Immutable;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Stored;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>Makes a message that waits for a credit look again now. The messages' side of the dispatcher implements it.</summary>
public interface IWakeMessages
{
    /// <summary>Brings the message's due time forward to now if it waits. False if it is over, or not there: then it wants no credit. Safe to repeat.</summary>
    Task<bool> WakeAsync(string tenant, string messageId, CancellationToken ct);
}

/// <summary>Who waits for the credits of each pool, and waking as many as credits came. Waking goes through the due index, so that it is paced and survives a crash.</summary>
public sealed class Demands
{
    internal const string Kind = "demand";
    internal const string WakeDue = "wake/";
    internal const string RenewalDue = "renewal";
    internal const string AlertsDue = "alerts";

    /// <summary>After the pool's renewal, before it is looked at without having been told.</summary>
    internal static readonly TimeSpan AfterRenewal = TimeSpan.FromMinutes(1);

    private static readonly HeadCodec<Kept> Codec = HeadCodec.Mapped(StoredDemand.Parser, Read, Write);
    private readonly StateStore _store;
    private readonly Jitter _jitter;

    internal Demands(StateStore store, Jitter jitter) => (_store, _jitter) = (store, jitter);

    /// <summary>The demand for a pool.</summary>
    public async Task<Demand> FindAsync(string tenant, string poolId, CancellationToken ct) =>
        (await _store.ReadAsync(Partition(tenant, poolId), Codec, [], 0, ct)).Head?.Demand ?? Demand.None;

    /// <summary>The message waits for a credit from now on; it keeps its place if it waits already. Its own due time brings it back in any case.</summary>
    public Task WaitForCreditAsync(string tenant, string poolId, string messageId, Priority priority, CancellationToken ct) =>
        ChangeAsync(tenant, poolId, (kept, now) => (kept with { Demand = kept.Demand.Wait(messageId, priority, now) }, []), ct);

    /// <summary>The message's turn has come, but it has to wait for something else until then. False if it has no turn to keep.</summary>
    public async Task<bool> KeepTurnAsync(string tenant, string poolId, string messageId, DateTimeOffset until, CancellationToken ct) =>
        (await ChangeAsync(tenant, poolId, (kept, _) => (kept.Demand.KeepTurn(messageId, until) is { } after ? kept with { Demand = after } : kept, []), ct)).Answer;

    /// <summary>The message waits no longer; a credit that it was woken for and did not take wakes the next. Safe to repeat.</summary>
    public Task LeaveAsync(string tenant, string poolId, string messageId, bool spent, CancellationToken ct)
    {
        var jitter = _jitter.Next();
        return ChangeAsync(
            tenant,
            poolId,
            (kept, now) =>
            {
                var (demand, wakes) = kept.Demand.Leave(messageId, spent, jitter, now);
                return (kept with { Demand = demand }, Due(wakes));
            },
            ct);
    }

    /// <summary>The pool is known to be empty; it is looked at again at its renewal.</summary>
    public Task ExhaustedAsync(string tenant, string poolId, DateTimeOffset until, DateTimeOffset? renewTime, CancellationToken ct) =>
        ChangeAsync(
            tenant,
            poolId,
            (kept, now) => (
                kept with { Demand = kept.Demand.Exhausted(until, now) with { RenewTime = renewTime } },
                [new DueChange.Set(RenewalDue, (renewTime > now ? renewTime.Value : until) + AfterRenewal, 1, [])]),
            ct);

    /// <summary>Credits came: wakes as many as came, paced.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="poolId">Which pool.</param>
    /// <param name="credits">How many.</param>
    /// <param name="eventNumber">The event that tells it: one told again wakes nobody. 0 if none tells it.</param>
    /// <param name="ct">Ends the waiting.</param>
    /// <param name="returned">It is one that somebody had taken and gave back.</param>
    /// <param name="arriveTime">When they came; null for now.</param>
    public Task CreditsArrivedAsync(string tenant, string poolId, long credits, long eventNumber, CancellationToken ct, bool returned = false, DateTimeOffset? arriveTime = null)
    {
        var jitter = _jitter.Next();
        return ChangeAsync(
            tenant,
            poolId,
            (kept, now) =>
            {
                if (credits <= 0 || (eventNumber > 0 && eventNumber <= kept.LastEventNumber))
                    return (kept, []);
                var (demand, wakes) = returned ? kept.Demand.CreditReturned(jitter, now) : kept.Demand.CreditsArrived(credits, arriveTime ?? now, jitter, now);
                return (kept with { Demand = demand, LastEventNumber = Math.Max(kept.LastEventNumber, eventNumber) }, Due(wakes));
            },
            ct);
    }

    private static IReadOnlyList<DueChange> Due(ImmutableArray<Wake> wakes) => [.. wakes.Select(wake => new DueChange.Set(WakeDue + wake.MessageId, wake.At, 2, []))];

    /// <summary>Whether the pool's balance at the provider may be read now: one account reads for all, and not more often than this.</summary>
    internal async Task<bool> TryTakeBalanceReadAsync(string tenant, string poolId, TimeSpan every, CancellationToken ct) =>
        (await ChangeAsync(tenant, poolId, (kept, now) => kept.BalanceReadTime + every > now ? (kept, []) : (kept with { BalanceReadTime = now }, []), ct)).Answer;

    /// <summary>Whether the pool's balance at the provider was last read before this time, or never.</summary>
    internal async Task<bool> IsBalanceReadDueAsync(string tenant, string poolId, DateTimeOffset before, CancellationToken ct) =>
        (await _store.ReadAsync(Partition(tenant, poolId), Codec, [], 0, ct)).Head is not { BalanceReadTime: { } read } || read < before;

    /// <summary>What is raised of the pool after a look at it or at what happened to it.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="poolId">Which pool.</param>
    /// <param name="decide">From what was raised, at which time.</param>
    /// <param name="wasDue">Its due time brought us here: it is set anew.</param>
    /// <param name="ct">Ends the waiting.</param>
    internal Task AlertAsync(string tenant, string poolId, Func<PoolAlerts, DateTimeOffset, PoolAlerts> decide, bool wasDue, CancellationToken ct) =>
        ChangeAsync(
            tenant,
            poolId,
            (kept, now) =>
            {
                var alerts = decide(kept.Alerts, now);
                // One that stands in the past would bring us back at once, for good.
                var next = alerts.NextLook <= now ? now + Alerting.LookAgain : alerts.NextLook;
                IReadOnlyList<DueChange> due = !wasDue && alerts.NextLook == kept.Alerts.NextLook ? [] : next is { } look ? [new DueChange.Set(AlertsDue, look, 4, [])] : [new DueChange.Remove(AlertsDue)];
                return (kept with { Alerts = alerts }, due);
            },
            ct);

    /// <summary>What is raised of a page of the tenant's pools, by pool.</summary>
    internal async Task<(IReadOnlyList<(string PoolId, Alert Alert)> Alerts, string? NextPageToken)> AlertsAsync(string tenant, int pageSize, string? pageToken, CancellationToken ct)
    {
        var page = await _store.ListAsync(Kind, tenant, pageSize, pageToken, ct);
        var found = await Task.WhenAll(page.Partitions.Select(async partition => (partition.Id, (await _store.ReadAsync(partition, Codec, [], 0, ct)).Head?.Alerts.Raised ?? [])));
        return ([.. found.SelectMany(pool => pool.Item2.Select(alert => (pool.Id, alert)))], page.NextPageToken);
    }

    /// <summary>A due time was dealt with.</summary>
    internal Task DoneAsync(string tenant, string poolId, string dueKey, CancellationToken ct) =>
        ChangeAsync(tenant, poolId, (kept, _) => (kept, [new DueChange.Remove(dueKey)]), ct);

    private Task<Executed<bool>> ChangeAsync(string tenant, string poolId, Func<Kept, DateTimeOffset, (Kept After, IReadOnlyList<DueChange> Due)> change, CancellationToken ct) =>
        _store.ExecuteAsync<Kept, bool>(
            Partition(tenant, poolId),
            Codec,
            RecordKeys.None,
            view =>
            {
                var before = view.Head ?? new Kept(Demand.None, 0);
                var (after, due) = change(before, view.Now);
                return due.Count == 0 && ReferenceEquals(after.Demand, before.Demand) && ReferenceEquals(after.Alerts, before.Alerts)
                    && after.LastEventNumber == before.LastEventNumber && after.BalanceReadTime == before.BalanceReadTime
                    ? new Decision<Kept, bool>.Answer(false)
                    : new Decision<Kept, bool>.Commit(after, true) { Due = due, Entries = [.. AlertMessages.Entries(before.Alerts.Raised, after.Alerts.Raised, view.Now, poolId: poolId)] };
            },
            0,
            ct);

    private static PartitionId Partition(string tenant, string poolId) => new(Kind, tenant, poolId);

    private sealed record Kept(Demand Demand, long LastEventNumber)
    {
        public DateTimeOffset? BalanceReadTime { get; init; }

        public PoolAlerts Alerts { get; init; } = PoolAlerts.None;
    }

    private static StoredDemand Write(Kept kept) => new()
    {
        Format = 1,
        ExhaustedUntilMs = AccountStorage.Ms(kept.Demand.ExhaustedUntil),
        ExhaustedAtMs = AccountStorage.Ms(kept.Demand.ExhaustedAt),
        RenewMs = AccountStorage.Ms(kept.Demand.RenewTime),
        LastEventNumber = kept.LastEventNumber,
        BalanceReadMs = AccountStorage.Ms(kept.BalanceReadTime),
        Alerts = { kept.Alerts.Raised.Select(AlertMessages.Write) },
        AlertsSeenVersion = kept.Alerts.SeenVersion,
        AlertsComparedNumber = kept.Alerts.ComparedNumber,
        AlertsNextLookMs = AccountStorage.Ms(kept.Alerts.NextLook),
        Waiting =
        {
            kept.Demand.Waiting.Select(waiting => new StoredWaiting
            {
                MessageId = waiting.MessageId,
                Rank = waiting.Rank,
                SinceMs = AccountStorage.Ms(waiting.Since),
                WakeMs = AccountStorage.Ms(waiting.WakeTime),
                TurnMs = AccountStorage.Ms(waiting.TurnTime),
            }),
        },
    };

    private static Kept Read(StoredDemand stored) => new(
        new Demand
        {
            ExhaustedUntil = AccountStorage.MaybeTime(stored.ExhaustedUntilMs),
            ExhaustedAt = AccountStorage.MaybeTime(stored.ExhaustedAtMs),
            RenewTime = AccountStorage.MaybeTime(stored.RenewMs),
            Waiting =
            [
                .. stored.Waiting.Select(waiting => new WaitingForCredit(
                    waiting.MessageId, waiting.Rank, AccountStorage.Time(waiting.SinceMs), AccountStorage.MaybeTime(waiting.WakeMs), AccountStorage.MaybeTime(waiting.TurnMs))),
            ],
        },
        stored.LastEventNumber)
    {
        BalanceReadTime = AccountStorage.MaybeTime(stored.BalanceReadMs),
        Alerts = new PoolAlerts
        {
            Raised = [.. stored.Alerts.Select(AlertMessages.Read)],
            SeenVersion = stored.AlertsSeenVersion,
            ComparedNumber = stored.AlertsComparedNumber,
            NextLook = AccountStorage.MaybeTime(stored.AlertsNextLookMs),
        },
    };
}
