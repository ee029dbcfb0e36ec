using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;

namespace Pennypost.Dispatcher.Provider;

/// <summary>How far sender and prospect are apart; the router's words and numbers.</summary>
public enum Distance
{
    /// <summary>Not known.</summary>
    Unknown = 0,

    /// <summary>Connected.</summary>
    First = 1,

    /// <summary>A connection of a connection.</summary>
    Second = 2,

    /// <summary>Further.</summary>
    Third = 3,

    /// <summary>Out of the network.</summary>
    OutOfNetwork = 4,
}

/// <summary>An invitation of this sender, as the profile shows it.</summary>
public enum InvitationSeen
{
    /// <summary>Not known.</summary>
    Unknown = 0,

    /// <summary>None.</summary>
    None = 1,

    /// <summary>Waits for an answer.</summary>
    Pending = 2,

    /// <summary>Ignored, declined or withdrawn.</summary>
    Ended = 4,
}

/// <summary>A profile as one account sees it. What the provider left out is unknown, not false.</summary>
public sealed record ProfileFacts
{
    /// <summary>The recipient's id as this account sees it: only this account can send to it.</summary>
    public required string ProviderId { get; init; }

    /// <summary>The public identifier; empty if it was left out.</summary>
    public string PublicIdentifier { get; init; } = "";

    /// <summary>How far away.</summary>
    public Distance Distance { get; init; }

    /// <summary>Whether everybody may write to it for free.</summary>
    public bool? OpenProfile { get; init; }

    /// <summary>Whether this account may send it an InMail.</summary>
    public bool? CanSendInmail { get; init; }

    /// <summary>Whether it is open to work. Not a sign of a free path.</summary>
    public bool? OpenToWork { get; init; }

    /// <summary>This account's invitation.</summary>
    public InvitationSeen Invitation { get; init; }

    /// <summary>When it was sent, if that is known.</summary>
    public DateTimeOffset? InvitationTime { get; init; }

    /// <summary>Sections that LinkedIn left out of this answer.</summary>
    public IReadOnlyList<string> ThrottledSections { get; init; } = [];
}

/// <summary>What a profile look-up came to.</summary>
public abstract record ProfileReply
{
    private ProfileReply() { }

    /// <summary>Found.</summary>
    public sealed record Found(ProfileFacts Facts) : ProfileReply;

    /// <summary>There is no such profile.</summary>
    public sealed record NotFound(string Type) : ProfileReply;

    /// <summary>The account cannot be used.</summary>
    public sealed record AccountDown(string Type, AccountState State) : ProfileReply;

    /// <summary>Too many look-ups.</summary>
    public sealed record Limited(string Type, TimeSpan? RetryAfter) : ProfileReply;

    /// <summary>It cannot be read now.</summary>
    public sealed record Unavailable(string Why) : ProfileReply;
}

/// <summary>What a read of the InMail balance came to.</summary>
public abstract record BalanceReply
{
    private BalanceReply() { }

    /// <summary>Read. Null: no such subscription, or not told.</summary>
    public sealed record Read(long? Premium, long? SalesNavigator, long? Recruiter) : BalanceReply
    {
        /// <summary>One product's.</summary>
        public long? Of(Product product) => product switch
        {
            Product.Premium => Premium,
            Product.SalesNavigator => SalesNavigator,
            Product.Recruiter => Recruiter,
            _ => null,
        };
    }

    /// <summary>It cannot be read now.</summary>
    public sealed record Unreadable(string Why) : BalanceReply;
}

/// <summary>A message that the account itself wrote.</summary>
/// <param name="Id">The provider's; may be empty.</param>
/// <param name="ChatId">Its chat.</param>
/// <param name="Text">As the provider shows it.</param>
public sealed record OwnMessage(string Id, string ChatId, string Text);

/// <summary>What reading an account's own messages came to.</summary>
public abstract record OwnMessagesReply
{
    private OwnMessagesReply() { }

    /// <summary>All of them since the time that was asked for.</summary>
    public sealed record Read(IReadOnlyList<OwnMessage> Messages) : OwnMessagesReply;

    /// <summary>The read was not healthy: it says nothing.</summary>
    public sealed record Unreadable(string Why) : OwnMessagesReply;
}

/// <summary>What reading an account's messages came to.</summary>
public abstract record MessagesReply
{
    private MessagesReply() { }

    /// <summary>Read, oldest first.</summary>
    /// <param name="Messages">Those of which it is told who wrote them.</param>
    /// <param name="Complete">Whether nothing older is left between the times that were asked for.</param>
    public sealed record Read(IReadOnlyList<ProviderEvent.MessageReceived> Messages, bool Complete) : MessagesReply;

    /// <summary>The account cannot be used.</summary>
    public sealed record AccountDown(string Type, AccountState State) : MessagesReply;

    /// <summary>It cannot be read now.</summary>
    public sealed record Unreadable(string Why) : MessagesReply;
}

/// <summary>Somebody whom the account is connected to.</summary>
/// <param name="MemberId">As the account sees them.</param>
/// <param name="PublicId">Their public identifier; may be empty.</param>
/// <param name="Time">Since when, if that is told.</param>
public sealed record SeenRelation(string MemberId, string PublicId, DateTimeOffset? Time);

/// <summary>What reading an account's relations came to.</summary>
public abstract record RelationsReply
{
    private RelationsReply() { }

    /// <summary>Those since the time that was asked for; <paramref name="Complete"/>: all of them.</summary>
    public sealed record Read(IReadOnlyList<SeenRelation> Relations, bool Complete) : RelationsReply;

    /// <summary>It cannot be read now.</summary>
    public sealed record Unreadable(string Why) : RelationsReply;
}

/// <summary>What reading a chat came to.</summary>
public abstract record ChatReply
{
    private ChatReply() { }

    /// <summary>With whom it is; either id may be empty.</summary>
    /// <param name="AttendeeId">As the account sees them.</param>
    /// <param name="AttendeePublicId">Their public identifier.</param>
    /// <param name="IsInmail">Whether it began with an InMail.</param>
    /// <param name="Product">The subscription that it belongs to; unspecified if that is not told.</param>
    public sealed record With(string AttendeeId, string AttendeePublicId, bool IsInmail, Product Product) : ChatReply;

    /// <summary>There is none of this id.</summary>
    public sealed record Gone : ChatReply;

    /// <summary>It cannot be read now.</summary>
    public sealed record Unreadable(string Why) : ChatReply;
}

/// <summary>An invitation that waits for its answer.</summary>
/// <param name="Id">The provider's.</param>
/// <param name="InvitedId">Whom, as this account sees them.</param>
/// <param name="InvitedPublicId">Their public identifier.</param>
/// <param name="SendTime">When, if that is told; LinkedIn shows it by the day.</param>
public sealed record PendingInvitation(string Id, string InvitedId, string InvitedPublicId, DateTimeOffset? SendTime);

/// <summary>What reading an account's pending invitations came to.</summary>
public abstract record InvitationsReply
{
    private InvitationsReply() { }

    /// <summary>All of them.</summary>
    public sealed record Read(IReadOnlyList<PendingInvitation> Pending) : InvitationsReply;

    /// <summary>The read was not healthy: it says nothing.</summary>
    public sealed record Unreadable(string Why) : InvitationsReply;
}

/// <summary>What the provider says of an account.</summary>
public abstract record AccountReply
{
    private AccountReply() { }

    /// <summary>Known there.</summary>
    /// <param name="State">Ok or disconnected; null if the status is on its way to either.</param>
    /// <param name="OwnProviderId">The account's own member id; empty if it was not told.</param>
    public sealed record Known(AccountState? State, string OwnProviderId) : AccountReply;

    /// <summary>Not known there.</summary>
    public sealed record NotFound(string Type) : AccountReply;

    /// <summary>It cannot be read now.</summary>
    public sealed record Unreadable(string Why) : AccountReply;
}
