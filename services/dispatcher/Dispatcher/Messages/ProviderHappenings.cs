using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Provider;
using Pennypost.Hosting;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Messages;

/// <summary>
/// What the provider tells: replies, accepted invitations, messages written by hand, states of accounts. Each is applied once, in whatever order it comes; what concerns nobody is counted and dropped.
/// </summary>
internal sealed class ProviderHappenings(
    Prospects prospects, Lookups lookups, Identifiers identifiers, SenderAccounts accounts, StateStore store, CrashPoint crash, ILogger<ProviderHappenings> logger)
{
    /// <summary>True if it changed anything. When this returns, it is durable.</summary>
    public async Task<bool> ApplyAsync(string tenant, string connectionId, ProviderEvent happened, CancellationToken ct)
    {
        // An account of another tenant, or of another connection of this one, is not told about here.
        var account = AccountOf(happened) is { } accountId ? await accounts.FindAsync(tenant, accountId, ct) : null;
        if (account is null || account.Account.Settings.ConnectionId != connectionId)
            return false;
        return happened switch
        {
            ProviderEvent.MessageReceived received => await ReceivedAsync(tenant, received, ct),
            ProviderEvent.NewRelation relation => await RelatedAsync(tenant, relation, ct),
            ProviderEvent.AccountStatus status => await accounts.SeenAsync(tenant, status.AccountId, status.State, "", ct),
            _ => false,
        };
    }

    private static string? AccountOf(ProviderEvent happened) => happened switch
    {
        ProviderEvent.MessageReceived received => received.AccountId,
        ProviderEvent.NewRelation relation => relation.AccountId,
        ProviderEvent.AccountStatus status => status.AccountId,
        _ => null,
    };

    private async Task<bool> ReceivedAsync(string tenant, ProviderEvent.MessageReceived received, CancellationToken ct)
    {
        // Of our own message only the chat tells to whom it went.
        var prospectId = await lookups.ProspectOfAsync(tenant, identifiers.Chat(tenant, received.AccountId, received.ChatId), ct)
            ?? (received.IsOwn ? null : await ByMemberAsync(tenant, received.AccountId, received.SenderId, received.SenderPublicId, ct));
        if (prospectId is null)
        {
            logger.NobodyKnown(tenant, received.AccountId);
            return false;
        }

        var heard = identifiers.ProviderMessage(tenant, received.AccountId, received.MessageId);
        var time = received.Time ?? await store.NowAsync(ct);
        var applied = received.IsOwn
            ? await prospects.HearAsync(tenant, prospectId, heard, _ => [], (prospect, _, isOurs, now) => OwnWrite(prospect, received, isOurs(heard), time, now), ct)
            : await prospects.HearAsync(
                tenant,
                prospectId,
                heard,
                prospect => Replying.Touches(prospect, received.AccountId),
                (prospect, messages, _, now) => Replying.Decide(prospect, messages, new Reply(received.AccountId, received.ChatId, time, now), prospects.Rules),
                ct);
        if (applied && received.IsOwn)
            logger.WrittenByHand(tenant, received.AccountId, prospectId);
        if (!received.IsOwn)
        {
            crash.Reach(CrashPoints.AfterReply);
            await lookups.KeepAsync(tenant, identifiers.Chat(tenant, received.AccountId, received.ChatId), prospectId, ct);
        }

        return applied;
    }

    /// <summary>Null for a send of ours, or one that may be: its own outcome tells.</summary>
    private Change? OwnWrite(Prospect prospect, ProviderEvent.MessageReceived received, bool isOurs, DateTimeOffset time, DateTimeOffset now) =>
        isOurs || prospect.InFlight.Length > 0 ? null : Replying.WrittenByHand(prospect, received.AccountId, received.ChatId, time, now, prospects.Rules);

    private async Task<bool> RelatedAsync(string tenant, ProviderEvent.NewRelation relation, CancellationToken ct)
    {
        if (await ByMemberAsync(tenant, relation.AccountId, relation.MemberId, relation.PublicId, ct) is not { } prospectId)
        {
            logger.NobodyKnown(tenant, relation.AccountId);
            return false;
        }

        return await prospects.HearAsync(
            tenant,
            prospectId,
            null,
            prospect => Replying.Touches(prospect, relation.AccountId),
            (prospect, messages, _, now) => prospect.ViewOf(relation.AccountId).Invitation is { State: InvitationState.Accepted }
                ? null
                : Replying.Accepted(prospect, messages, relation.AccountId, now, prospects.Rules),
            ct);
    }

    /// <summary>By the profile, which is the same for every account; else by the id under which this account knows them.</summary>
    private async Task<string?> ByMemberAsync(string tenant, string accountId, string memberId, string publicId, CancellationToken ct) =>
        publicId.Length > 0 && PublicIdentifier.Of(publicId) is { } identifier
            ? identifiers.Prospect(tenant, identifier)
            : await lookups.ProspectOfAsync(tenant, identifiers.Attendee(tenant, accountId, memberId), ct);
}
