using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Caching.Memory;
using Pennypost.Credits.V1;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>The credits that senders draw on, as the credits service tells, kept for a moment.</summary>
public sealed class CreditPools : IDisposable
{
    // Real time: enough for the many messages of one batch, too short to matter. Holds decide on the truth anyway.
    private static readonly TimeSpan PoolAge = TimeSpan.FromSeconds(2);
    /// <summary>The contract's limit.</summary>
    public const long MostUnknownSends = 10_000;

    private readonly CreditsService.CreditsServiceClient _credits;
    private readonly Demands _demands;
    private readonly AccountBook _book;
    private readonly MemoryCache _pools = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    internal CreditPools(CreditsService.CreditsServiceClient credits, Demands demands, AccountBook book) =>
        (_credits, _demands, _book) = (credits, demands, book);

    /// <summary>The pool that pays a sender's InMails, with those who wait for it; null if it has none, or the credits service knows none of this id.</summary>
    /// <exception cref="RpcException">The credits service does not answer.</exception>
    public async Task<SenderPool?> PoolAsync(string tenant, AccountView account, CancellationToken ct)
    {
        if (account.PoolId is not { } poolId || await AnswerAsync(tenant, poolId, ct) is not { Pool: { } pool } answer)
            return null;
        var seat = answer.Seats.FirstOrDefault(seat => seat.AccountId == account.Id && seat.HasPeriodLimit);
        var demand = await _demands.FindAsync(tenant, poolId, ct);
        var breaker = account.Breaker;
        return new SenderPool
        {
            PoolId = poolId,
            Product = account.Account.Settings.InmailProduct,
            Available = pool.Balance.Available,
            Held = pool.Balance.Held,
            RenewTime = pool.RenewTime?.ToDateTimeOffset(),
            ForfeitsAtRenewal = pool.ForfeitsAtRenewal,
            PriceMicros = pool.PriceMicros,
            Currency = pool.Currency,
            SecondInmailAllowed = pool.SecondInmailAllowed,
            Floor = pool.Floor,
            Version = pool.Version,
            ObserveTime = account.Now,
            BreakerUntil = breaker.State == BreakerState.Open ? breaker.ResumeTime : null,
            Demand = demand,
            Budget = seat?.PeriodLimit ?? pool.NextGrant,
            BudgetLeft = seat is null ? null : Math.Max(0, seat.PeriodLimit - seat.PeriodUsed),
        };
    }

    /// <summary>A pool as it was a moment ago; null if there is none.</summary>
    public async Task<Shown.Pool?> FindAsync(string tenant, string poolId, CancellationToken ct) => (await AnswerAsync(tenant, poolId, ct))?.Pool;

    /// <summary>That the pool which pays a sender's InMails has no credit left; null if it has, if there is none, or if nobody can tell now.</summary>
    public async Task<EmptyPool?> EmptyAsync(string tenant, AccountView account, CancellationToken ct)
    {
        if (account.PoolId is not { } poolId)
            return null;
        try
        {
            return await FindAsync(tenant, poolId, ct) is { Balance: { Available: <= 0, Held: 0 } } pool ? new EmptyPool(pool.RenewTime?.ToDateTimeOffset()) : null;
        }
        catch (RpcException) when (!ct.IsCancellationRequested)
        {
            // What is shown of an account does not wait for the credits service.
            return null;
        }
    }

    /// <summary>A pool as it is; null if there is none. For whoever must not be told what was before what has just happened.</summary>
    public async Task<Shown.Pool?> FindNowAsync(string tenant, string poolId, CancellationToken ct) => (await AskAsync(tenant, poolId, ct))?.Pool;

    private async Task<GetPoolResponse?> AnswerAsync(string tenant, string poolId, CancellationToken ct)
    {
        if (_pools.TryGetValue((tenant, poolId), out GetPoolResponse? known))
            return known;
        return await AskAsync(tenant, poolId, ct);
    }

    private async Task<GetPoolResponse?> AskAsync(string tenant, string poolId, CancellationToken ct)
    {
        try
        {
            return Keep((tenant, poolId), await _credits.GetPoolAsync(new GetPoolRequest { PoolId = poolId }, OnBehalf.Of(tenant, ct)), PoolAge);
        }
        catch (RpcException refused) when (RpcFault.From(refused).ErrorReason == ErrorReason.PoolNotFound)
        {
            return null;
        }
    }

    /// <summary>Whether the pool has a credit for this message now, those before it served: asked anew.</summary>
    public async Task<bool> HasCreditForAsync(string tenant, string poolId, string messageId, Priority priority, CancellationToken ct)
    {
        Forget(tenant, poolId);
        Shown.Pool? pool;
        try
        {
            pool = await FindAsync(tenant, poolId, ct);
        }
        catch (RpcException) when (!ct.IsCancellationRequested)
        {
            // Its own time brings it back.
            return false;
        }

        if (pool is null)
            return false;
        var demand = await _demands.FindAsync(tenant, poolId, ct);
        var floor = priority == Priority.High ? 0 : pool.Floor;
        return demand.ExhaustedUntil is null && pool.Balance.Available - demand.Ahead(messageId, priority) > floor;
    }

    /// <summary>Something happened to the pool: the next look asks again.</summary>
    public void Forget(string tenant, string poolId) => _pools.Remove((tenant, poolId));

    /// <summary>Permits of the pool's seats for sends that may have left or not, without one message's that is known not to have.</summary>
    public async Task<long> OpenSendsAsync(string tenant, string poolId, string exceptMessageId, CancellationToken ct)
    {
        var open = 0L;
        await foreach (var view in _book.AllAsync(tenant, ct))
            open += view.Account.OpenCredits.Where(credit => view.Account.Settings.PoolOf(credit.Product) == poolId).Sum(credit => (long)credit.Count);
        return Math.Max(0, open - (exceptMessageId.Length > 0 ? 1 : 0));
    }

    /// <summary>Tells the credits service what the provider says is left, so that every seat of the pool is judged by it. A pool that it does not know is no error.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="poolId">Which pool.</param>
    /// <param name="reconcileId">Of this observation.</param>
    /// <param name="observed">What is left.</param>
    /// <param name="observeTime">When it was read.</param>
    /// <param name="unknownSends">Sends that the figure may hold or not, as <see cref="OpenSendsAsync"/> counts them; the credits service goes by no more of them than are held.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async Task ReconcileAsync(string tenant, string poolId, string reconcileId, long observed, DateTimeOffset observeTime, long unknownSends, CancellationToken ct)
    {
        try
        {
            await _credits.ReconcilePoolAsync(
                new ReconcilePoolRequest
                {
                    PoolId = poolId,
                    ReconcileId = reconcileId,
                    ObservedAvailable = observed,
                    UnknownSends = Math.Clamp(unknownSends, 0, MostUnknownSends),
                    ObserveTime = Timestamp.FromDateTimeOffset(observeTime),
                },
                OnBehalf.Of(tenant, ct));
            Forget(tenant, poolId);
        }
        catch (RpcException refused) when (RpcFault.From(refused).ErrorReason is ErrorReason.PoolNotFound or ErrorReason.CommandIdReused)
        {
            // Nothing to correct, or corrected already.
        }
    }

    private T Keep<T>(object key, T value, TimeSpan age)
    {
        using var entry = _pools.CreateEntry(key);
        entry.SetSize(1).SetAbsoluteExpiration(age).SetValue(value);
        return value;
    }

    /// <inheritdoc/>
    public void Dispose() => _pools.Dispose();
}
