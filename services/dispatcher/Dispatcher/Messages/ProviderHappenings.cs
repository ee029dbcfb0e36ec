using Pennypost.Delivery.Accounts;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Provider;
using Pennypost.Hosting;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Messages;

/// <summary>What became of something that the provider told.</summary>
internal enum Heard
{
    /// <summary>It was known, or concerns nobody here.</summary>
    Nothing,

    /// <summary>It changed something, and that is durable.</summary>
    Changed,

    /// <summary>It cannot be said yet what it means: whoever can is to tell it again.</summary>
    Undecided,
}

/// <summary>
/// What the provider tells, by webhook or when it is read: replies, accepted invitations, sends made by hand, states of accounts. Each is applied once, in whatever order and by whichever way it comes; what concerns
/// nobody is counted and dropped.
/// </summary>
internal sealed class ProviderHappenings(
    Prospects prospects,
    KnownPeople people,
    Companies companies,
    Identifiers identifiers,
    SendsByHand byHand,
    SenderAccounts accounts,
    Connections connections,
    UnipileProvider provider,
    StateLooks states,
    StateStore store,
    CrashPoint crash,
    ILogger<ProviderHappenings> logger)
{
    /// <summary>When this returns, what it says is durable.</summary>
    public async Task<Heard> ApplyAsync(string tenant, string connectionId, ProviderEvent happened, CancellationToken ct)
    {
        // An account of another tenant, or of another connection of this one, is not told about here.
        var account = AccountOf(happened) is { } accountId ? await accounts.FindAsync(tenant, accountId, ct) : null;
        if (account is null || account.Account.Settings.ConnectionId != connectionId)
            return Heard.Nothing;
        return happened switch
        {
            ProviderEvent.MessageReceived { IsOwn: true } own => await byHand.WrittenAsync(tenant, account, own, ct),
            ProviderEvent.MessageReceived reply => await RepliedAsync(tenant, account, reply, ct),
            ProviderEvent.InvitationPending invitation => await byHand.InvitedAsync(tenant, invitation, ct),
            ProviderEvent.NewRelation relation => await RelatedAsync(tenant, relation, ct),
            // It has no time, and is tried again for minutes: one from before the session was lost must not bring it back.
            ProviderEvent.AccountStatus { State: AccountState.Ok } back when account.Account.Condition == AccountState.Disconnected =>
                await states.LookAsync(tenant, back.AccountId, AccountStateCause.Webhook, ct) ? Heard.Changed : Heard.Nothing,
            ProviderEvent.AccountStatus status => await accounts.SeenAsync(tenant, status.AccountId, status.State, "", AccountStateCause.Webhook, ct) ? Heard.Changed : Heard.Nothing,
            _ => Heard.Nothing,
        };
    }

    private static string? AccountOf(ProviderEvent happened) => happened switch
    {
        ProviderEvent.MessageReceived received => received.AccountId,
        ProviderEvent.NewRelation relation => relation.AccountId,
        ProviderEvent.InvitationPending invitation => invitation.AccountId,
        ProviderEvent.AccountStatus status => status.AccountId,
        _ => null,
    };

    private async Task<Heard> RepliedAsync(string tenant, AccountView account, ProviderEvent.MessageReceived reply, CancellationToken ct)
    {
        var known = await people.OfChatAsync(tenant, reply.AccountId, reply.ChatId, ct);
        var prospectId = known ?? await people.OfMemberAsync(tenant, reply.AccountId, reply.OtherId, reply.OtherPublicId, ct);
        if (prospectId is null)
        {
            // Neither thread nor sender is known: the thread itself may name them otherwise.
            var chat = await connections.FindAsync(tenant, account.Account.Settings.ConnectionId, ct) is { } connection
                ? await provider.GetChatAsync(connection.Provider, reply.ChatId, ct)
                : new ChatReply.Unreadable("no_connection");
            if (chat is ChatReply.Unreadable)
                return Heard.Undecided;
            if (chat is ChatReply.With with)
                prospectId = await people.OfMemberAsync(tenant, reply.AccountId, with.AttendeeId, with.AttendeePublicId, ct);
        }

        if (prospectId is null)
        {
            logger.NobodyKnown(tenant, reply.AccountId);
            return Heard.Nothing;
        }

        var now = await store.NowAsync(ct);
        var time = Observing.Past(reply.Time ?? now, now);
        IReadOnlyList<UnansweredSend> answered = [];
        var changed = await prospects.HearAsync(
            tenant,
            prospectId,
            identifiers.ProviderMessage(tenant, reply.AccountId, reply.MessageId),
            prospect => Replying.Touches(prospect, reply.AccountId),
            (prospect, messages, _, now) =>
            {
                var change = Replying.Decide(prospect, messages, new Reply(reply.AccountId, reply.ChatId, time, now), prospects.Rules);
                answered = Replying.Answered(prospect, change.Prospect, reply.AccountId);
                return change;
            },
            ct);
        crash.Reach(CrashPoints.AfterReply);
        if (changed)
            await accounts.AnsweredAsync(tenant, reply.AccountId, answered, ct);
        var prospect = await prospects.FindAsync(tenant, prospectId, ct);
        if (known is null && !prospect.Forgotten)
            await people.KeepAsync(tenant, reply.AccountId, reply.ChatId, reply.OtherId, prospectId, prospect, ct);
        if (prospect.Company.Length > 0)
            await companies.RepliedAsync(tenant, prospect.Company, prospectId, time, ct);
        return changed ? Heard.Changed : Heard.Nothing;
    }

    private async Task<Heard> RelatedAsync(string tenant, ProviderEvent.NewRelation relation, CancellationToken ct)
    {
        if (await people.OfMemberAsync(tenant, relation.AccountId, relation.MemberId, relation.PublicId, ct) is not { } prospectId)
        {
            logger.NobodyKnown(tenant, relation.AccountId);
            return Heard.Nothing;
        }

        IReadOnlyList<UnansweredSend> answered = [];
        var applied = await prospects.HearAsync(
            tenant,
            prospectId,
            null,
            prospect => Replying.Touches(prospect, relation.AccountId),
            (prospect, messages, _, now) =>
            {
                answered = [];
                if (prospect.Forgotten || prospect.ViewOf(relation.AccountId).Invitation is { State: InvitationState.Accepted })
                    return null;
                var change = Replying.Accepted(prospect, messages, relation.AccountId, now, prospects.Rules);
                answered = Replying.Answered(prospect, change.Prospect, relation.AccountId);
                return change;
            },
            ct);
        if (applied)
            await accounts.AnsweredAsync(tenant, relation.AccountId, answered, ct);
        return applied ? Heard.Changed : Heard.Nothing;
    }
}
