using System.Collections.Immutable;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Transport;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>
/// What the credits service tells of pools: credits that came clear the breakers of the pool's seats, each in its way, and wake as many waiting messages as came. Events come at least once and may come late;
/// every step may be repeated. Whatever happened, the pool is looked at for what is to be raised of it.
/// </summary>
internal sealed class PoolWatch(IEventTopic topic, AccountBook book, Demands demands, CreditPools pools, PoolLooks looks, BreakerLog log) : IHostedService
{
    private IAsyncDisposable? _subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = topic.Subscribe(EventGroup.DispatcherOfPools, HandleAsync);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_subscription is not null)
            await _subscription.DisposeAsync();
    }

    /// <summary>One event.</summary>
    public async Task HandleAsync(EventEnvelope told, CancellationToken ct)
    {
        if (told.Data is not Shown.PoolEvent happened)
            return;
        await ArrivedAsync(told, happened, ct);
        if (happened.Entry is { Kind: Shown.EntryKind.Reconciled or Shown.EntryKind.Drifted } compared)
            await looks.ComparedAsync(told.Tenant, happened.PoolId, told.Sequence, compared.Credits, compared.Kind == Shown.EntryKind.Drifted, ct);
        await looks.LookAsync(told.Tenant, happened.PoolId, ct);
    }

    /// <summary>Those that say nothing of credits that came are left alone.</summary>
    private async Task ArrivedAsync(EventEnvelope told, Shown.PoolEvent happened, CancellationToken ct)
    {
        var (tenant, poolId, entry) = (told.Tenant, happened.PoolId, happened.Entry);
        pools.Forget(tenant, poolId);
        var arrived = entry is null ? 0 : Arrived(entry);
        if (entry is null || arrived <= 0)
            return;
        if (Clearing(entry) is { } clear)
            await ClearAsync(tenant, poolId, clear, ct);
        var returned = entry.Kind is Shown.EntryKind.Released or Shown.EntryKind.TimedOut;
        await demands.CreditsArrivedAsync(tenant, poolId, arrived, told.Sequence, ct, returned, entry.EntryTime.ToDateTimeOffset());
    }

    /// <summary>How many credits can be held now that could not before.</summary>
    private static long Arrived(Shown.Entry entry) => entry.Kind switch
    {
        Shown.EntryKind.Granted or Shown.EntryKind.ToppedUp or Shown.EntryKind.Refunded or Shown.EntryKind.Adjusted => Math.Min(entry.Credits, entry.Available),
        Shown.EntryKind.Released or Shown.EntryKind.TimedOut => Math.Min(1, entry.Available),
        _ => 0,
    };

    /// <summary>What the entry does to a breaker. A correction upwards follows a balance that was read, and that read has cleared it.</summary>
    private static Func<Breaker, DateTimeOffset, BreakerChange>? Clearing(Shown.Entry entry)
    {
        var at = entry.EntryTime.ToDateTimeOffset();
        return entry.Kind switch
        {
            Shown.EntryKind.ToppedUp => (breaker, now) => Breakers.ToppedUp(breaker, at, now),
            Shown.EntryKind.Refunded => (breaker, now) => Breakers.Refunded(breaker, at, now),
            Shown.EntryKind.Granted => (breaker, now) => Breakers.Renewed(breaker, at, now),
            _ => null,
        };
    }

    private async Task ClearAsync(string tenant, string poolId, Func<Breaker, DateTimeOffset, BreakerChange> clear, CancellationToken ct)
    {
        await foreach (var view in book.AllAsync(tenant, ct))
        {
            foreach (var product in view.Account.Settings.Pools.Where(pool => pool.PoolId == poolId).Select(pool => pool.Product))
            {
                if (view.Account.BreakerOf(product).State != BreakerState.Closed)
                    await ClearAsync(tenant, view.Id, product, clear, ct);
            }
        }
    }

    private async Task ClearAsync(string tenant, string accountId, Product product, Func<Breaker, DateTimeOffset, BreakerChange> clear, CancellationToken ct)
    {
        var executed = await book.ChangeAsync(
            tenant,
            accountId,
            ImmutableArray<BreakerEvent>.Empty,
            (account, now) =>
            {
                var before = account.BreakerOf(product);
                var change = clear(before, now);
                return new AccountDecision<ImmutableArray<BreakerEvent>>(change.Breaker == before ? account : account.With(change.Breaker), change.Events) { Events = change.Events };
            },
            ct);
        log.Tell(accountId, "", executed.Answer);
    }
}
