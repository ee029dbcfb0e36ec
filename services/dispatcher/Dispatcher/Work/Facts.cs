using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Provider;

namespace Pennypost.Dispatcher.Work;

/// <summary>What looking a prospect up came to.</summary>
internal abstract record Looked
{
    private Looked() { }

    /// <summary>What there is to know is kept.</summary>
    public sealed record Known(ProfileFacts Facts) : Looked;

    /// <summary>The sender may not look now: its allowance is used up, or it cannot be used.</summary>
    public sealed record NotAllowed : Looked;

    /// <summary>The provider cannot tell now.</summary>
    public sealed record NoAnswer(string Why) : Looked;

    /// <summary>There is no such profile.</summary>
    public sealed record NoSuchProfile : Looked;
}

/// <summary>Fetches a prospect's profile as one sender sees it, within the sender's allowance, and keeps it with its age.</summary>
internal sealed class Facts(UnipileProvider provider, Connections connections, SenderAccounts accounts, Prospects prospects, Lookups lookups, Identifiers identifiers)
{
    /// <summary>Whether a look at a profile can tell a fact. Whether an address is good stands on none.</summary>
    public static bool IsOnProfile(Types.V1.FactKind kind) => kind != Types.V1.FactKind.EmailVerified;

    /// <summary>For routing: leaves the look-ups that are kept for verification.</summary>
    public Task<Looked> LookAsync(string tenant, string prospectId, string publicIdentifier, AccountView account, Product product, CancellationToken ct) =>
        LookAsync(tenant, prospectId, publicIdentifier, account, product, Permits.LookupsKept, ct);

    /// <summary>For verification of a send whose answer is unknown.</summary>
    public Task<Looked> LookAgainAsync(string tenant, string prospectId, string publicIdentifier, AccountView account, CancellationToken ct) =>
        LookAsync(tenant, prospectId, publicIdentifier, account, Product.Unspecified, 0, ct);

    private async Task<Looked> LookAsync(string tenant, string prospectId, string publicIdentifier, AccountView account, Product product, int reserve, CancellationToken ct)
    {
        if (await connections.FindAsync(tenant, account.Account.Settings.ConnectionId, ct) is not { } connection || !await accounts.TryTakeProfileLookupAsync(tenant, account.Id, reserve, ct))
            return new Looked.NotAllowed();
        switch (await provider.GetProfileAsync(connection.Provider, account.Id, publicIdentifier, product, ct))
        {
            case ProfileReply.Found found:
                // Before the facts: whoever hears of a message to this person must find them.
                var attendee = identifiers.Attendee(tenant, account.Id, found.Facts.ProviderId);
                await lookups.KeepAsync(tenant, attendee, prospectId, ct);
                if (!await prospects.LearnAsync(tenant, prospectId, Profile(account.Id, found.Facts, Sends.HasIdsOfItsOwn(product)), ct))
                    await lookups.ForgetAsync(tenant, attendee, prospectId, ct);
                return new Looked.Known(found.Facts);
            case ProfileReply.NotFound:
                return new Looked.NoSuchProfile();
            case ProfileReply.AccountDown down:
                await accounts.SeenAsync(tenant, account.Id, down.State, "", AccountStateCause.RefusedCall, ct);
                return new Looked.NotAllowed();
            case ProfileReply.Limited:
                return new Looked.NotAllowed();
            case ProfileReply.Unavailable unavailable:
                return new Looked.NoAnswer(unavailable.Why);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static Profile Profile(string accountId, ProfileFacts facts, bool forInmail) => new()
    {
        AccountId = accountId,
        RecipientId = facts.ProviderId,
        ForInmail = forInmail,
        Distance = facts.Distance == Distance.Unknown ? null : (NetworkDistance)facts.Distance,
        OpenProfile = facts.OpenProfile,
        CanSendInmail = facts.CanSendInmail,
        Invitation = facts.Invitation == InvitationSeen.Unknown ? null : (InvitationState)facts.Invitation,
        InvitationSendTime = facts.InvitationTime,
    };
}
