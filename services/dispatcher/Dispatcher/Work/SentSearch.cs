using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Provider;

namespace Pennypost.Dispatcher.Work;

/// <summary>
/// Looks for a send whose answer was lost: among the sender's own messages since the intent, or its invitations. A search that meets its limit or an error was not healthy, and says nothing. What a sighting
/// means is weighed in <see cref="Sightings"/>.
/// </summary>
internal sealed class SentSearch(UnipileProvider provider, Prospects prospects, Lookups lookups, Identifiers identifiers, Facts facts)
{
    /// <summary>Chats to look into in one search.</summary>
    private const int MostChats = 50;

    /// <summary>The provider's clock and ours may differ by this much.</summary>
    private static readonly TimeSpan _clockDifference = TimeSpan.FromMinutes(5);

    /// <summary>LinkedIn tells by the day when an invitation was sent.</summary>
    private static readonly TimeSpan _invitationDay = TimeSpan.FromDays(1);

    /// <summary>What can be seen of the attempt at the provider.</summary>
    public async Task<Finding> LookAsync(MessageInHand at, Attempt attempt, AccountView account, ProviderConnection connection, CancellationToken ct)
    {
        var since = attempt.IntentTime ?? attempt.OpenTime;
        return Sends.Of(attempt, at.Prospect.ViewOf(attempt.AccountId), at.Content, account.Account.Signature) switch
        {
            ProviderSend.StartChat chat => await MessageAsync(at, attempt, connection, "", chat.Text, since, ct),
            ProviderSend.WriteInChat write => await MessageAsync(at, attempt, connection, write.ChatId, write.Text, since, ct),
            ProviderSend.Invite invite => await InvitationAsync(at, attempt, account, connection, invite, since, ct),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private async Task<Finding> MessageAsync(MessageInHand at, Attempt attempt, ProviderConnection connection, string chatId, string text, DateTimeOffset since, CancellationToken ct)
    {
        if (await provider.GetOwnMessagesAsync(connection, attempt.AccountId, chatId, since - _clockDifference, ct) is not OwnMessagesReply.Read { Messages: var own })
            return new Finding.Unreadable();
        var chats = own.Select(message => message.ChatId).Distinct(StringComparer.Ordinal).ToList();
        if (chats.Count > MostChats)
            return new Finding.Unreadable();
        var recipients = new Dictionary<string, SeenRecipient>(StringComparer.Ordinal);
        foreach (var chat in chats)
        {
            if (chat == chatId)
                recipients[chat] = SeenRecipient.Prospect;
            else if (await RecipientAsync(at, attempt, connection, chat, ct) is { } recipient)
                recipients[chat] = recipient;
            else
                return new Finding.Unreadable();
        }

        string Hash(OwnMessage message) => identifiers.ProviderMessage(at.Tenant, attempt.AccountId, message.Id);
        var known = await prospects.KnownAsync(at.Tenant, at.ProspectId, [.. own.Where(message => message.Id.Length > 0).Select(Hash)], ct);
        return Sightings.Weigh(
            own.Select(message => new Sighting(message.Id, message.ChatId, message.Text, recipients[message.ChatId], AccountedFor: message.Id.Length > 0 && known.Contains(Hash(message)))), text);
    }

    /// <summary>Null if it cannot be read now.</summary>
    private async Task<SeenRecipient?> RecipientAsync(MessageInHand at, Attempt attempt, ProviderConnection connection, string chatId, CancellationToken ct)
    {
        // A thread never changes hands: one that was settled or answered before says by itself whose it is.
        if (await lookups.ProspectOfAsync(at.Tenant, identifiers.Chat(at.Tenant, attempt.AccountId, chatId), ct) is { } owner)
            return owner == at.ProspectId ? SeenRecipient.Prospect : SeenRecipient.SomebodyElse;
        if (await provider.GetChatAsync(connection, chatId, ct) is not ChatReply.With chat)
            return null;
        var view = at.Prospect.ViewOf(attempt.AccountId);
        string[] ids = [view.RecipientId, view.InmailRecipientId];
        if ((chat.AttendeeId.Length > 0 && ids.Contains(chat.AttendeeId, StringComparer.Ordinal)) || Same(chat.AttendeePublicId, at.Content.PublicIdentifier))
            return SeenRecipient.Prospect;
        // Public identifiers change when people rename themselves, and every subscription has ids of its own: only two ids of one kind tell two people apart.
        return ids.Any(id => MemberIds.AreOfOneKind(id, chat.AttendeeId)) ? SeenRecipient.SomebodyElse : SeenRecipient.Unknown;
    }

    private async Task<Finding> InvitationAsync(
        MessageInHand at, Attempt attempt, AccountView account, ProviderConnection connection, ProviderSend.Invite invite, DateTimeOffset since, CancellationToken ct)
    {
        if (await provider.GetPendingInvitationsAsync(connection, invite.AccountId, ct) is not InvitationsReply.Read { Pending: var pending })
            return new Finding.Unreadable();
        var ours = pending.FirstOrDefault(one => (one.InvitedId == invite.Recipient || Same(one.InvitedPublicId, invite.RecipientPublicId)) && !(one.SendTime < since - _invitationDay));
        if (ours is not null)
            return new Finding.Found(ours.Id, "");
        // A look at the profile is dear: only the absence that would be believed is held against it.
        return Verifying.WouldBelieveAbsence(attempt, prospects.Rules, at.Now, prospects.RealNow) ? await AnsweredAsync(at, account, since, ct) : new Finding.Absent();
    }

    /// <summary>An invitation that was answered has left the pending ones: then the profile shows it.</summary>
    private async Task<Finding> AnsweredAsync(MessageInHand at, AccountView account, DateTimeOffset since, CancellationToken ct)
    {
        var before = at.Prospect.ViewOf(account.Id);
        if (await facts.LookAgainAsync(at.Tenant, at.ProspectId, at.Content.PublicIdentifier, account, ct) is not Looked.Known { Facts: var profile })
            return new Finding.Unreadable();
        return profile switch
        {
            { Distance: Distance.First } or { Invitation: InvitationSeen.Pending } => new Finding.Found("", ""),
            { Invitation: InvitationSeen.Ended, InvitationTime: { } time } => time < since - _invitationDay ? new Finding.Absent() : new Finding.Found("", ""),
            { Invitation: InvitationSeen.Ended } when before.Invitation?.State != InvitationState.Withdrawn => new Finding.Unreadable(),
            { Distance: Distance.Unknown } => new Finding.Unreadable(),
            _ => new Finding.Absent(),
        };
    }

    private static bool Same(string one, string other) => one.Length > 0 && string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
