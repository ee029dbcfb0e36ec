using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Hosting;

namespace Pennypost.Dispatcher.Messages;

/// <summary>A prospect whose invitation was withdrawn: the sender's view says so, and LinkedIn's lock on another one counts from now.</summary>
internal sealed class Withdrawals(Lookups lookups, Prospects prospects, Identifiers identifiers) : ITellOfWithdrawals
{
    /// <inheritdoc/>
    public async Task WithdrawnAsync(string tenant, string accountId, string invitedId, string invitedPublicId, CancellationToken ct)
    {
        var prospectId = invitedPublicId.Length > 0 && PublicIdentifier.Of(invitedPublicId) is { } identifier
            ? identifiers.Prospect(tenant, identifier)
            : await lookups.ProspectOfAsync(tenant, identifiers.Attendee(tenant, accountId, invitedId), ct);
        if (prospectId is null)
            return;
        await prospects.HearAsync(
            tenant,
            prospectId,
            null,
            _ => [],
            (prospect, _, _, now) => prospect.ViewOf(accountId).Invitation is { State: InvitationState.Pending }
                ? new Change(Learning.Decide(prospect, new Profile { AccountId = accountId, RecipientId = "", Invitation = InvitationState.Withdrawn }, now), [])
                : null,
            ct);
    }
}
