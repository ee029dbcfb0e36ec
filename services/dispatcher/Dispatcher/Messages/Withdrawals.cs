using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;

namespace Pennypost.Dispatcher.Messages;

/// <summary>A prospect whose invitation was withdrawn: the sender's view says so, and LinkedIn's lock on another one counts from now.</summary>
internal sealed class Withdrawals(KnownPeople people, Prospects prospects) : ITellOfWithdrawals
{
    /// <inheritdoc/>
    public async Task WithdrawnAsync(string tenant, string accountId, string invitedId, string invitedPublicId, CancellationToken ct)
    {
        if (await people.OfMemberAsync(tenant, accountId, invitedId, invitedPublicId, ct) is not { } prospectId)
            return;
        await prospects.HearAsync(
            tenant,
            prospectId,
            null,
            _ => [],
            (prospect, _, _, now) => prospect.ViewOf(accountId).Invitation is { State: InvitationState.Pending }
                && Learning.Decide(prospect, new Profile { AccountId = accountId, RecipientId = "", Invitation = InvitationState.Withdrawn }, now) is { } learned
                    ? new Change(learned, [])
                    : null,
            ct);
    }
}
