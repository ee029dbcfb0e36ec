using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Provider;
using Pennypost.Dispatcher.Work;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Messages;

/// <summary>
/// Messages and invitations of a sender's own that are seen at the provider: ours, or made by hand (F84). One that may be ours is never taken for one made by hand: its credit would be counted twice, and the
/// search for a send whose answer is unknown would pass it over.
/// </summary>
internal sealed class SendsByHand(
    Prospects prospects, KnownPeople people, Identifiers identifiers, Connections connections, UnipileProvider provider, Facts facts, StateStore store, ILogger<SendsByHand> logger)
{
    /// <summary>Messages of a prospect in one read.</summary>
    private const int MessagesAtOnce = 100;

    /// <summary>A message of the account's own.</summary>
    public async Task<Heard> WrittenAsync(string tenant, AccountView account, ProviderEvent.MessageReceived written, CancellationToken ct)
    {
        if (await connections.FindAsync(tenant, account.Account.Settings.ConnectionId, ct) is not { Provider: var connection })
            return Heard.Undecided;
        ChatReply.With? chat = null;
        var byThread = await people.OfChatAsync(tenant, account.Id, written.ChatId, ct);
        var byId = byThread ?? await people.OfIdAsync(tenant, account.Id, written.OtherId, ct);
        var prospectId = byId ?? await people.OfMemberAsync(tenant, account.Id, "", written.OtherPublicId, ct);
        if (prospectId is null)
        {
            switch (await provider.GetChatAsync(connection, written.ChatId, ct))
            {
                case ChatReply.With with:
                    chat = with;
                    break;
                case ChatReply.Gone:
                    return Heard.Nothing;
                default:
                    return Heard.Undecided;
            }

            byId = await people.OfIdAsync(tenant, account.Id, chat.AttendeeId, ct);
            prospectId = byId ?? await people.OfMemberAsync(tenant, account.Id, "", chat.AttendeePublicId, ct);
        }

        if (prospectId is null)
        {
            logger.NobodyKnown(tenant, account.Id);
            return Heard.Nothing;
        }

        var hash = identifiers.ProviderMessage(tenant, account.Id, written.MessageId);
        if ((await prospects.KnownAsync(tenant, prospectId, [hash], ct)).Count > 0)
            return Heard.Nothing;
        var prospect = await prospects.FindAsync(tenant, prospectId, ct);
        if (prospect.InFlight.Length > 0)
            return await IsUnderWayAsync(tenant, prospectId, prospect.InFlight, written, ct) ? Heard.Nothing : Heard.Undecided;
        // The person is known by a name only, which people change, and the account is writing, or has in doubt what it wrote: that could be this, under another name.
        if (byId is null && (account.Account.Lease?.UntilReal > prospects.RealNow || !account.Account.OpenCredits.IsEmpty))
            return Heard.Undecided;

        var now = await store.NowAsync(ct);
        var time = Observing.Past(written.Time ?? now, now);
        foreach (var send in Observing.Alike(prospect, account.Id, time))
        {
            if (await prospects.FindAsync(tenant, prospectId, send.MessageId, ct) is { } at && Sightings.IsSame(at.Content.Body, written.Text))
                return Heard.Nothing;
        }

        if (prospect.ViewOf(account.Id).Invitation is not null && await IsNoteAsync(tenant, account.Id, prospectId, written.Text, ct))
            return Heard.Nothing;
        if (chat is null)
        {
            var read = await provider.GetChatAsync(connection, written.ChatId, ct);
            if (read is ChatReply.Gone)
                return Heard.Nothing;
            chat = read as ChatReply.With;
        }

        if (chat is null || await ChannelAsync(tenant, account, connection, prospectId, prospect, written, chat, time, ct) is not { } channel)
            return Heard.Undecided;
        var heard = await ObserveAsync(tenant, prospectId, hash, now => new Observe
        {
            Id = IdOf(hash),
            AccountId = account.Id,
            ChatId = written.ChatId,
            Channel = channel,
            PoolId = channel == Channel.Inmail ? PoolOf(account, chat.Product) : "",
            Time = time,
            Now = now,
        }, ct);
        if (heard != Heard.Undecided && byThread is null && !prospect.Forgotten)
            await people.KeepAsync(tenant, account.Id, written.ChatId, chat.AttendeeId, prospectId, prospect, ct);
        return heard;
    }

    /// <summary>An invitation of the account's own that waits for its answer.</summary>
    public async Task<Heard> InvitedAsync(string tenant, ProviderEvent.InvitationPending invited, CancellationToken ct)
    {
        if (await people.OfMemberAsync(tenant, invited.AccountId, invited.MemberId, invited.PublicId, ct) is not { } prospectId)
            return Heard.Nothing;
        var hash = identifiers.ProviderMessage(tenant, invited.AccountId, invited.InvitationId);
        return await ObserveAsync(tenant, prospectId, hash, now => new Observe
        {
            Id = IdOf(hash),
            AccountId = invited.AccountId,
            Channel = Channel.ConnectionRequest,
            Time = invited.Time,
            Now = now,
        }, ct);
    }

    private async Task<Heard> ObserveAsync(string tenant, string prospectId, string hash, Func<DateTimeOffset, Observe> seen, CancellationToken ct)
    {
        var undecided = false;
        var isByHand = false;
        var changed = await prospects.HearAsync(tenant, prospectId, hash, _ => [], (prospect, _, isOurs, now) =>
        {
            (undecided, isByHand) = (false, false);
            if (isOurs(hash))
                return null;
            var observed = seen(now);
            switch (Observing.Decide(prospect, observed, prospects.Rules))
            {
                case ObserveAnswer.ByHand hand:
                    isByHand = true;
                    return hand.Change;
                case ObserveAnswer.Ours ours:
                    return ours.Change;
                default:
                    undecided = true;
                    return null;
            }
        }, ct);
        if (changed && isByHand)
            logger.WrittenByHand(tenant, seen(default).AccountId, prospectId);
        return undecided ? Heard.Undecided : changed && isByHand ? Heard.Changed : Heard.Nothing;
    }

    /// <summary>Whether it has the words of the send that is under way: then that is what it is, and its own outcome tells.</summary>
    private async Task<bool> IsUnderWayAsync(string tenant, string prospectId, string messageId, ProviderEvent.MessageReceived written, CancellationToken ct) =>
        await prospects.FindAsync(tenant, prospectId, messageId, ct) is { Message.Current: { State: AttemptState.Intended or AttemptState.Indeterminate } attempt } at
        && attempt.AccountId == written.AccountId
        && Sightings.IsSame(at.Content.Body, written.Text);

    /// <summary>Whether it is the note of an invitation of ours: LinkedIn shows it as the thread's first message once the invitation is accepted, under an id that nobody told.</summary>
    private async Task<bool> IsNoteAsync(string tenant, string accountId, string prospectId, string text, CancellationToken ct)
    {
        string? pageToken = null;
        do
        {
            (var messages, pageToken) = await prospects.MessagesAsync(tenant, prospectId, MessagesAtOnce, pageToken, ct);
            foreach (var invited in messages.Where(message => message.Attempts.Exists(attempt =>
                attempt is { Channel: Channel.ConnectionRequest, State: not (AttemptState.Open or AttemptState.NotSent) } && attempt.AccountId == accountId)))
            {
                if (await prospects.FindAsync(tenant, prospectId, invited.Id, ct) is { Content.Note: { Length: > 0 } note } && Sightings.IsSame(note, text))
                    return true;
            }
        }
        while (pageToken is not null);
        return false;
    }

    /// <summary>How it was sent; null if that cannot be read now. Of an InMail's thread only the first message is one; and one to an open profile costs nothing.</summary>
    private async Task<Channel?> ChannelAsync(
        string tenant,
        AccountView account,
        ProviderConnection connection,
        string prospectId,
        Prospect prospect,
        ProviderEvent.MessageReceived written,
        ChatReply.With chat,
        DateTimeOffset time,
        CancellationToken ct)
    {
        var view = prospect.ViewOf(account.Id);
        if (!chat.IsInmail)
            return view.ReplyTime is null ? Channel.DirectMessage : Channel.RepliedThread;
        if (await provider.IsFirstAsync(connection, written.ChatId, time, ct) is not { } isFirst)
            return null;
        if (!isFirst)
            return Channel.RepliedThread;
        var isOpen = view.OpenProfile?.Value;
        if (isOpen is null && (chat.AttendeePublicId.Length > 0 ? chat.AttendeePublicId : chat.AttendeeId) is { Length: > 0 } identifier
            && await facts.LookAsync(tenant, prospectId, identifier, account, Product.Unspecified, ct) is Looked.Known looked)
            isOpen = looked.Facts.OpenProfile;
        // Where nobody can tell, a credit too few is counted rather than one too many: the next balance puts it right.
        return isOpen == true ? Channel.OpenProfileInmail : Channel.Inmail;
    }

    private static string PoolOf(AccountView account, Product product) =>
        account.Account.Settings.PoolOf(product == Product.Unspecified ? account.Account.Settings.InmailProduct : product) ?? "";

    /// <summary>The same for everybody who hears of the send; no message's hold has one like it.</summary>
    private static string IdOf(string hash) => "hand_" + hash;
}
