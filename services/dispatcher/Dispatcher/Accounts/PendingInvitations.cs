using Microsoft.Extensions.Options;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Provider;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>Tells whoever keeps prospects that a sender's invitation to one of them waits no longer.</summary>
internal interface ITellOfWithdrawals
{
    /// <summary>Safe to repeat; somebody who is not known is no error.</summary>
    Task WithdrawnAsync(string tenant, string accountId, string invitedId, string invitedPublicId, CancellationToken ct);
}

/// <summary>
/// Looks at the invitations of an account that wait for an answer (F49), and withdraws the oldest when the ceiling is near. One look withdraws one at most; the next comes by the account's due time. A crash anywhere
/// costs that look: a withdrawal is by id, and the list shows whether it happened.
/// </summary>
internal sealed class PendingInvitations(
    AccountBook book,
    Connections connections,
    UnipileProvider provider,
    ITellOfWithdrawals prospects,
    IOptions<DispatcherOptions> dispatcher,
    IOptions<ProviderOptions> calls,
    TimeProvider time,
    Jitter jitter,
    ILogger<PendingInvitations> logger)
{
    public async Task LookAsync(string tenant, string accountId, CancellationToken ct)
    {
        if (await book.FindAsync(tenant, accountId, ct) is not { } before)
            return;
        var connection = await connections.FindAsync(tenant, before.Account.Settings.ConnectionId, ct);
        var read = connection is null ? null : await provider.GetPendingInvitationsAsync(connection.Provider, accountId, ct) as InvitationsReply.Read;
        // Before the commit: what the commit takes is the lease's, not the write's.
        var (asked, realNow, chance) = (time.GetTimestamp(), time.GetUtcNow(), jitter.Next());
        var executed = await book.ChangeAsync<PendingLook?>(
            tenant,
            accountId,
            null,
            (account, now) =>
            {
                var look = read is null
                    ? new PendingLook(Pending.Unreadable(account, now, chance), null)
                    : Pending.Read(account, [.. read.Pending.Select(one => new Outstanding(one.Id, one.SendTime))], before.Now, chance, dispatcher.Value.WriteLease, now, realNow);
                return new AccountDecision<PendingLook?>(look.Account, look);
            },
            ct);
        if (executed.Answer is not { } seen)
            return;
        if (Pending.IsFull(seen.Account))
            AccountsLog.CeilingReached(logger, accountId, Pending.Count(seen.Account), seen.Account.Settings.Safety.PendingCeiling);
        if (seen.Withdraw is { } oldest)
            await WithdrawAsync(tenant, accountId, connection!.Provider, read!.Pending.First(one => one.Id == oldest.Id), asked + Ticks(dispatcher.Value.WriteLease - calls.Value.CallLimit - dispatcher.Value.ClockMargin));
    }

    /// <summary>From here on nothing is cancelled: what the provider answers is kept.</summary>
    private async Task WithdrawAsync(string tenant, string accountId, ProviderConnection connection, PendingInvitation invitation, long deadline)
    {
        var reply = await provider.WithdrawAsync(connection, accountId, invitation.Id, deadline, CancellationToken.None);
        var withdrawn = reply is ProviderReply.Accepted;
        AccountsLog.Withdrawn(logger, accountId, invitation.Id, invitation.SendTime, withdrawn ? "done" : reply.GetType().Name);
        // First the prospect: a crash after it leaves the account a lease that ends by itself.
        if (withdrawn)
            await prospects.WithdrawnAsync(tenant, accountId, invitation.InvitedId, invitation.InvitedPublicId, CancellationToken.None);
        await book.ChangeAsync(tenant, accountId, false, (account, now) => new AccountDecision<bool>(Pending.Withdrew(account, withdrawn, reply.Signal, now), true), CancellationToken.None);
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
