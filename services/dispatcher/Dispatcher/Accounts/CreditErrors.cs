using System.Collections.Immutable;
using System.Globalization;
using Grpc.Core;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Provider;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>
/// Telling "out of credits" from "the recipient refuses InMail" (F34), and looking whether credits are back. Both rest on the provider's own balance, never on the words of an error.
/// </summary>
public sealed class CreditErrors
{
    private readonly AccountBook _book;
    private readonly Connections _connections;
    private readonly UnipileProvider _provider;
    private readonly CreditPools _pools;
    private readonly Demands _demands;
    private readonly BreakerLog _log;
    private readonly ILogger<CreditErrors> _logger;

    internal CreditErrors(
        AccountBook book, Connections connections, UnipileProvider provider, CreditPools pools, Demands demands, BreakerLog log, ILogger<CreditErrors> logger) =>
        (_book, _connections, _provider, _pools, _demands, _log, _logger) = (book, connections, provider, pools, demands, log, logger);

    /// <summary>
    /// Classifies a credit error of a send that cost a credit. Call it before the permit is settled: the account's one write is still taken, so no other send of it can begin meanwhile. When it returns,
    /// the breaker is as the answer says, and an exhaustion has been told to the credits service, so that every other seat of the pool is refused at its hold.
    /// </summary>
    public async Task<CreditRefusal> ClassifyCreditErrorAsync(string tenant, string accountId, Product product, string messageId, CancellationToken ct)
    {
        var (account, balance, poolId, renewTime, renewedTime) = await LookAsync(tenant, accountId, product, ct);
        var executed = await _book.ChangeAsync<(CreditRefusal Refusal, ImmutableArray<BreakerEvent> Events, DateTimeOffset Now)?>(
            tenant,
            accountId,
            null,
            (current, now) =>
            {
                var looked = Breakers.AsOf(current.BreakerOf(product), now);
                var (change, refusal) = Breakers.CreditError(looked.Breaker, balance, renewTime, messageId, now, renewedTime);
                var events = looked.Events.AddRange(change.Events);
                return new AccountDecision<(CreditRefusal, ImmutableArray<BreakerEvent>, DateTimeOffset)?>(
                    change.Breaker == current.BreakerOf(product) ? current : current.With(change.Breaker), (refusal, events, now))
                { Events = events };
            },
            ct);
        if (executed.Answer is not { } answer)
            return new CreditRefusal.Unclear(executed.Now + Breakers.ReadEvery);
        _log.Tell(accountId, "", answer.Events);
        // The mark first: who finds credits in the books from now on finds the mark as well, before it calls.
        if (answer.Refusal is CreditRefusal.Exhausted exhausted && poolId is not null)
            await _demands.ExhaustedAsync(tenant, poolId, exhausted.ResumeTime, renewTime, ct);
        if (balance is { } observed && poolId is not null && account is not null)
            await TellAsync(tenant, accountId, poolId, observed, answer.Now, await _pools.OpenSendsAsync(tenant, poolId, messageId, ct), ct);
        return answer.Refusal;
    }

    /// <summary>Reads the balance because the breaker's time to look has come, or because something says that credits are back. Sets the next look if it stays closed to sends.</summary>
    public async Task ReadBalanceAsync(string tenant, string accountId, Product product, CancellationToken ct)
    {
        var (account, balance, poolId, renewTime, _) = await LookAsync(tenant, accountId, product, ct);
        if (account is null)
            return;
        var executed = await _book.ChangeAsync<(ImmutableArray<BreakerEvent> Events, Breaker Breaker, DateTimeOffset Now)>(
            tenant,
            accountId,
            ([], Breaker.Closed(product), account.Now),
            (current, now) =>
            {
                var before = current.BreakerOf(product);
                var looked = Breakers.AsOf(before, now);
                // What was read a moment ago was read after the breaker opened: it opened before this look began.
                var change = Breakers.BalanceRead(looked.Breaker, balance, now, renewTime, now);
                var events = looked.Events.AddRange(change.Events);
                return new AccountDecision<(ImmutableArray<BreakerEvent>, Breaker, DateTimeOffset)>(
                    change.Breaker == before ? current : current.With(change.Breaker), (events, change.Breaker, now))
                {
                    Events = events,
                    // The due entry that brought us here is replaced or removed in this commit.
                    LookAgain = product,
                };
            },
            ct);
        _log.Tell(accountId, "", executed.Answer.Events);
        if (poolId is null || balance is not { } observed)
            return;
        await TellAsync(tenant, accountId, poolId, observed, executed.Answer.Now, await _pools.OpenSendsAsync(tenant, poolId, "", ct), ct);
        if (observed > 0)
            await _demands.CreditsArrivedAsync(tenant, poolId, observed, 0, ct);
        else if (executed.Answer.Breaker.ResumeTime is { } resume)
            await _demands.ExhaustedAsync(tenant, poolId, resume, renewTime, ct);
    }

    /// <summary>
    /// Compares the pool with the provider's balance, unless any of its accounts did so within this time. Nothing is known to be wrong: every held credit may have been sent already, and a balance that was read
    /// before a send is never applied after it.
    /// </summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="accountId">By which account it is read.</param>
    /// <param name="pool">Its pool.</param>
    /// <param name="every">Not more often than this.</param>
    /// <param name="isStillAll">Asked once the balance is read: whether the books know by now of everything that it can hold. If not, it is not compared.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async Task CompareAsync(string tenant, string accountId, AccountPool pool, TimeSpan every, Func<CancellationToken, Task<bool>> isStillAll, CancellationToken ct)
    {
        if (await _book.FindAsync(tenant, accountId, ct) is not { Account.Condition: AccountState.Ok } account || !await _demands.TryTakeBalanceReadAsync(tenant, pool.PoolId, every, ct))
            return;
        // The breaker has reads of its own, and this one is as good.
        if (Breakers.AsOf(account.Account.BreakerOf(pool.Product), account.Now).Breaker.State != BreakerState.Closed)
        {
            await ReadBalanceAsync(tenant, accountId, pool.Product, ct);
            return;
        }

        if ((await LookAsync(tenant, accountId, pool.Product, ct)).Balance is { } observed && await isStillAll(ct))
            await TellAsync(tenant, accountId, pool.PoolId, observed, account.Now, CreditPools.MostUnknownSends, ct);
    }

    private async Task<(AccountView? Account, long? Balance, string? PoolId, DateTimeOffset? RenewTime, DateTimeOffset? RenewedTime)> LookAsync(
        string tenant, string accountId, Product product, CancellationToken ct)
    {
        if (await _book.FindAsync(tenant, accountId, ct) is not { } account)
            return (null, null, null, null, null);
        var settings = account.Account.Settings;
        var balance = await _connections.FindAsync(tenant, settings.ConnectionId, ct) is { } connection
            && await _provider.GetBalanceAsync(connection.Provider, accountId, ct) is BalanceReply.Read read
                ? read.Of(product)
                : null;
        var poolId = settings.PoolOf(product);
        var (renewTime, renewedTime) = poolId is null ? default : await RenewalsAsync(tenant, poolId, ct);
        return (account, balance, poolId, renewTime, renewedTime);
    }

    private async Task<(DateTimeOffset? Next, DateTimeOffset? Last)> RenewalsAsync(string tenant, string poolId, CancellationToken ct)
    {
        try
        {
            var pool = await _pools.FindAsync(tenant, poolId, ct);
            // A plan's first day is no renewal: nothing is late then.
            return (pool?.RenewTime?.ToDateTimeOffset(), pool?.PeriodTime == pool?.PlanTime ? null : pool?.PeriodTime?.ToDateTimeOffset());
        }
        catch (RpcException)
        {
            // Classifying must not wait for the books: without a renewal time the balance is looked at again in a day.
            AccountsLog.PoolUnknown(_logger, poolId);
            return default;
        }
    }

    private async Task TellAsync(string tenant, string accountId, string poolId, long observed, DateTimeOffset at, long unknownSends, CancellationToken ct)
    {
        // One observation of one account at one time is the same observation however often it is told.
        var id = string.Create(CultureInfo.InvariantCulture, $"bal_{Slots.OwnerOf(accountId):x}_{at.ToUnixTimeMilliseconds()}");
        try
        {
            await _pools.ReconcileAsync(tenant, poolId, id, observed, at, unknownSends, ct);
        }
        catch (RpcException failed)
        {
            // The breaker holds this account back already; the next read of the balance tells it again.
            AccountsLog.NotReconciled(_logger, poolId, failed.StatusCode);
        }
    }

}
