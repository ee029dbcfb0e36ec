using Pennypost.Delivery.Accounts;

namespace Pennypost.Dispatcher.Provider;

/// <summary>What a refusal is about.</summary>
public enum RefusalKind
{
    /// <summary>Anything else; the type has the provider's own word.</summary>
    Other,

    /// <summary>The recipient does not exist, cannot be reached or blocked the sender.</summary>
    Recipient,

    /// <summary>The text, or how it was sent.</summary>
    Content,

    /// <summary>They are connected already: no invitation is possible.</summary>
    AlreadyConnected,

    /// <summary>An invitation is pending.</summary>
    InvitationPending,

    /// <summary>LinkedIn allows no other invitation for a while.</summary>
    ReinviteLocked,

    /// <summary>Not a first-degree connection.</summary>
    NotConnected,

    /// <summary>The recipient takes no InMail, or the sender's subscription has none.</summary>
    InmailNotAllowed,

    /// <summary>The first InMail is unanswered.</summary>
    SecondInmail,
}

/// <summary>
/// What is known after a write was tried. Only <see cref="NotSent"/>, <see cref="TooLate"/>, <see cref="Refused"/>, <see cref="OutOfCredits"/>, <see cref="AccountDown"/>, <see cref="MailboxRefused"/> and <see cref="Limited"/> say that nothing was sent.
/// </summary>
public abstract record ProviderReply
{
    private ProviderReply() { }

    /// <summary>It was sent.</summary>
    /// <param name="MessageId">The provider's id of the message; empty for an invitation, or if it told none.</param>
    /// <param name="ChatId">The provider's id of the chat; empty for an invitation.</param>
    /// <param name="InvitationId">The provider's id of the invitation.</param>
    /// <param name="UsagePercent">How much of LinkedIn's limit is used, as the provider estimates; it tells only at 50, 75, 90 and 95.</param>
    public sealed record Accepted(string MessageId, string ChatId, string InvitationId, int? UsagePercent) : ProviderReply;

    /// <summary>Refused for good: the same again would be refused again.</summary>
    public sealed record Refused(string Type, RefusalKind Kind) : ProviderReply;

    /// <summary>Refused for want of credits, it says; the balance tells whether that is so.</summary>
    public sealed record OutOfCredits(string Type) : ProviderReply;

    /// <summary>The account cannot be used.</summary>
    public sealed record AccountDown(string Type, AccountState State) : ProviderReply;

    /// <summary>Too much: by the provider (429) or by LinkedIn (limit_exceeded).</summary>
    public sealed record Limited(string Type, TimeSpan? RetryAfter, bool WholeAccount) : ProviderReply;

    /// <summary>Known not sent, and it may be tried again: not connected, circuit open, 503 before the send. <paramref name="RetryAfter"/>: not before; null for soon.</summary>
    public sealed record NotSent(string Why, TimeSpan? RetryAfter = null) : ProviderReply;

    /// <summary>The mail server refuses the sender's mailbox: its login, its address, or the encryption that is asked for. Nothing was sent.</summary>
    public sealed record MailboxRefused(string Type) : ProviderReply;

    /// <summary>The deadline passed before the request could begin: this side was slow, the provider was never asked.</summary>
    public sealed record TooLate : ProviderReply;

    /// <summary>It may have been sent: time-out, reset, or a 5xx after the request was written. Never try it again; look.</summary>
    public sealed record Unknown(string Why) : ProviderReply;

    /// <summary>What it says about the account, to be settled with the permit; null if nothing.</summary>
    public AccountSignal? Signal => this switch
    {
        Accepted { UsagePercent: { } percent } => new AccountSignal.Usage(percent),
        AccountDown { State: AccountState.Restricted } => new AccountSignal.Restricted(),
        AccountDown => new AccountSignal.Disconnected(),
        Limited { WholeAccount: true, RetryAfter: var after } => new AccountSignal.RateLimited(after),
        Limited => new AccountSignal.LimitReached(),
        MailboxRefused => new AccountSignal.MailboxRefused(),
        _ => null,
    };
}
