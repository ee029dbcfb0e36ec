namespace Pennypost.Delivery.Messages;

/// <summary>What became of an attempt; the contract's numbers.</summary>
public enum AttemptState
{
    /// <summary>Its gates are being passed; nothing was sent.</summary>
    Open = 1,

    /// <summary>From here on the provider may have been called.</summary>
    Intended = 2,

    /// <summary>The provider's answer is unknown.</summary>
    Indeterminate = 3,

    /// <summary>Known sent.</summary>
    Sent = 4,

    /// <summary>Known not sent.</summary>
    NotSent = 5,
}

/// <summary>A sender and a channel that the router found eligible.</summary>
public sealed record Candidate
{
    /// <summary>The sender.</summary>
    public required string AccountId { get; init; }

    /// <summary>The channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>The pool that pays; empty if it costs nothing.</summary>
    public string PoolId { get; init; } = "";

    /// <summary>Whose subscription an InMail is sent with.</summary>
    public Product Product { get; init; }

    /// <summary>Whether the sender's plan allows a second InMail before the first was answered.</summary>
    public bool SecondInmailAllowed { get; init; }

    /// <summary>Whether a send takes a credit.</summary>
    public bool CostsCredit => Channel.CostsCredit();
}

/// <summary>What verification has seen so far.</summary>
/// <param name="HealthyReads">Reads that worked and found nothing, all after the settling time.</param>
/// <param name="Tries">Reads in all.</param>
/// <param name="NextTime">When to look next, on the installation's clock.</param>
public sealed record Verification(int HealthyReads, int Tries, DateTimeOffset NextTime);

/// <summary>One try at one candidate: it links open, permit, hold, intent, outcome and settling.</summary>
public sealed record Attempt
{
    /// <summary>1, 2, ... within the message.</summary>
    public required int Number { get; init; }

    /// <summary>The sender.</summary>
    public required string AccountId { get; init; }

    /// <summary>The channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>The pool that pays; empty if it costs nothing.</summary>
    public string PoolId { get; init; } = "";

    /// <summary>Whose subscription an InMail is sent with.</summary>
    public Product Product { get; init; }

    /// <summary>Where it stands.</summary>
    public required AttemptState State { get; init; }

    /// <summary>Why it was not sent.</summary>
    public Reason Reason { get; init; }

    /// <summary>The provider's own error type; empty if none.</summary>
    public string ProviderType { get; init; } = "";

    /// <summary>The provider's id of the message or invitation, once known.</summary>
    public string ProviderMessageId { get; init; } = "";

    /// <summary>The provider's id of the chat, once known.</summary>
    public string ChatId { get; init; } = "";

    /// <summary>When it was opened.</summary>
    public required DateTimeOffset OpenTime { get; init; }

    /// <summary>From when on another worker may take it up, on the installation's clock.</summary>
    public required DateTimeOffset RecoverTime { get; init; }

    /// <summary>When the intent was committed, on the installation's clock.</summary>
    public DateTimeOffset? IntentTime { get; init; }

    /// <summary>The same in real time: a clock that is moved on must not make a provider call look old.</summary>
    public DateTimeOffset? IntentRealTime { get; init; }

    /// <summary>When it ended: for a send the time that the refund window counts from.</summary>
    public DateTimeOffset? EndTime { get; init; }

    /// <summary>Set while it is indeterminate.</summary>
    public Verification? Verification { get; init; }

    /// <summary>Whether hold and permit were settled.</summary>
    public bool Settled { get; init; }

    /// <summary>Whether its send is among the tenant's counts: no engagement is, nor what a version sent that kept none.</summary>
    public bool IsCounted { get; init; }

    /// <summary>When it was sent, if it was.</summary>
    public DateTimeOffset? SendTime => State == AttemptState.Sent ? IntentTime ?? EndTime : null;

    /// <summary>Whether it ended.</summary>
    public bool IsOver => State >= AttemptState.Sent;

    /// <summary>Whether a send takes a credit.</summary>
    public bool CostsCredit => Channel.CostsCredit();

    /// <summary>The id of its hold in credits: the same whoever resumes it. Empty if it costs nothing.</summary>
    public string HoldId(string messageId) => CostsCredit ? $"{messageId}_{Number}" : "";
}
