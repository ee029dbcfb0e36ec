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

/// <summary>What looking for a send came to.</summary>
public abstract record SentReply
{
    private SentReply() { }

    /// <summary>It was sent.</summary>
    public sealed record Found(string MessageId, string ChatId, string InvitationId, DateTimeOffset SendTime) : SentReply;

    /// <summary>A healthy read did not show it.</summary>
    public sealed record Absent : SentReply;

    /// <summary>The read was not healthy: it says nothing.</summary>
    public sealed record Unreadable(string Why) : SentReply;
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
