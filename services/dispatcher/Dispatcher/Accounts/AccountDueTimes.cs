using System.Globalization;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>
/// What becomes due in account and demand partitions: looking at a breaker, waking a message, looking at a pool after its renewal. The releaser, which claims due entries of every kind, hands these on. An entry
/// goes with the commit that deals with it; one that fails is claimed again when its lease ends.
/// </summary>
public sealed class AccountDueTimes
{
    private readonly CreditErrors _errors;
    private readonly StateLooks _states;
    private readonly Demands _demands;
    private readonly CreditPools _pools;
    private readonly IWakeMessages _messages;
    private readonly PendingInvitations _invitations;
    private readonly PoolLooks _looks;

    internal AccountDueTimes(
        CreditErrors errors, StateLooks states, Demands demands, CreditPools pools, IWakeMessages messages,
        PendingInvitations invitations, PoolLooks looks) =>
        (_errors, _states, _demands, _pools, _messages, _invitations, _looks) = (errors, states, demands, pools, messages, invitations, looks);

    /// <summary>Whether the claim is of a kind that is dealt with here.</summary>
    public static bool Owns(DueClaim claim) => claim.Partition.Kind == Demands.Kind || (claim.Partition.Kind == AccountStorage.Kind && claim.Key != AccountBook.InboxDue);

    /// <summary>Deals with a claim of ours.</summary>
    public async Task HandleAsync(DueClaim claim, CancellationToken ct)
    {
        var (tenant, id) = (claim.Partition.Tenant, claim.Partition.Id);
        if (claim is { Partition.Kind: AccountStorage.Kind, Key: AccountBook.StateDue })
            await _states.LookAsync(tenant, id, AccountStateCause.Poll, ct);
        else if (claim is { Partition.Kind: AccountStorage.Kind, Key: AccountBook.InvitationsDue })
            await _invitations.LookAsync(tenant, id, ct);
        else if (claim.Partition.Kind == AccountStorage.Kind)
            await _errors.ReadBalanceAsync(tenant, id, (Product)int.Parse(claim.Key[AccountBook.BreakerDue.Length..], CultureInfo.InvariantCulture), ct);
        else if (claim.Key == Demands.RenewalDue)
            await RenewedAsync(tenant, id, ct);
        else if (claim.Key == Demands.AlertsDue)
            await _looks.LookWhenDueAsync(tenant, id, ct);
        else
        {
            // First awake, then done: a crash between the two wakes it twice, which changes nothing.
            var messageId = claim.Key[Demands.WakeDue.Length..];
            if (!await _messages.WakeAsync(tenant, messageId, ct))
                await _demands.LeaveAsync(tenant, id, messageId, spent: false, ct);
            await _demands.DoneAsync(tenant, id, claim.Key, ct);
        }
    }

    /// <summary>The pool's event tells of the grant; this is for the event that never came.</summary>
    private async Task RenewedAsync(string tenant, string poolId, CancellationToken ct)
    {
        _pools.Forget(tenant, poolId);
        var pool = await _pools.FindAsync(tenant, poolId, ct);
        await _demands.DoneAsync(tenant, poolId, Demands.RenewalDue, ct);
        if (pool is { Balance.Available: > 0 })
            await _demands.CreditsArrivedAsync(tenant, poolId, pool.Balance.Available, 0, ct);
    }
}
