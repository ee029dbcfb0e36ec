namespace Pennypost.Routing;

/// <summary>
/// Why a candidate is not eligible: the part of the house's vocabulary (pennypost.types.v1.Reason, same numbers) that
/// routing can answer. docs/routing.md shows each with its channels and its effect.
/// </summary>
public enum Reason
{
    /// <summary>No reason: the candidate is eligible.</summary>
    None = 0,

    /// <summary>Direct message: sender and prospect are not first-degree connections.</summary>
    NotConnected = 1,

    /// <summary>Connection request or paid InMail: they are connected already, so that a message is free.</summary>
    AlreadyConnected = 2,

    /// <summary>Replied thread: the prospect has not written to this sender.</summary>
    NoRepliedThread = 3,

    /// <summary>Open-profile InMail: the profile is not open.</summary>
    NotOpenProfile = 4,

    /// <summary>A fact that decides about the candidate is unknown or too old.</summary>
    FactUnknown = 5,

    /// <summary>The message has no text for this channel.</summary>
    ContentMissing = 6,

    /// <summary>The text is longer than this channel and tier allow; it is never cut.</summary>
    ContentTooLong = 7,

    /// <summary>An invitation from this sender waits for an answer.</summary>
    InvitationPending = 8,

    /// <summary>LinkedIn refuses another invitation for up to three weeks after a withdrawal (LinkedIn Help a551012).</summary>
    ReinviteLocked = 9,

    /// <summary>A credit is not warranted: priority not high and no invitation unanswered for long enough, or the profile is open.</summary>
    InMailNotWarranted = 10,

    /// <summary>An earlier InMail is unanswered, and the plan allows no second (LinkedIn Help 75).</summary>
    SecondInMail = 11,

    /// <summary>The prospect does not accept InMail.</summary>
    InMailEligibility = 12,

    /// <summary>The sender's subscription has no InMail.</summary>
    PlanHasNoInMail = 13,

    /// <summary>The pool has no credit left.</summary>
    CreditsExhausted = 14,

    /// <summary>Open holds have the credits; transient.</summary>
    CreditsHeld = 15,

    /// <summary>The credits left are reserved, or promised to messages that go first.</summary>
    CreditsReserved = 16,

    /// <summary>The InMail credit breaker of the sender is open.</summary>
    BreakerOpen = 17,

    /// <summary>The month's allowance of open-profile InMails is used up.</summary>
    OpenProfileAllowanceUsed = 18,

    /// <summary>The account is restricted.</summary>
    AccountRestricted = 19,

    /// <summary>The account must be reconnected.</summary>
    AccountDisconnected = 20,

    /// <summary>An operator paused the account.</summary>
    AccountPaused = 21,

    /// <summary>Another sender is in conversation with the prospect.</summary>
    ClaimedByOtherSender = 22,

    /// <summary>The prospect replied; nobody writes on until a person decides.</summary>
    ProspectReplied = 23,

    /// <summary>The prospect is on the suppression list.</summary>
    ProspectSuppressed = 24,

    /// <summary>An earlier attempt of this message by this sender and channel was refused for good.</summary>
    ProviderRefused = 49,

    /// <summary>E-mail: the sender has no mailbox.</summary>
    NoMailbox = 90,

    /// <summary>E-mail: no address of the prospect is known.</summary>
    EmailUnknown = 91,

    /// <summary>The sender's adapter does not offer the channel.</summary>
    ChannelNotOffered = 100,

    /// <summary>Group message request: sender and prospect are in no group together.</summary>
    NotSameGroup = 101,

    /// <summary>Co-worker message request: they do not work at the same company.</summary>
    NotCoworkers = 102,

    /// <summary>Open-to-Work message: the prospect does not show that it is open to work.</summary>
    NotOpenToWork = 103,

    /// <summary>Open-to-Work message: the sender has no Recruiter seat.</summary>
    NoRecruiterSeat = 104,

    /// <summary>The policy allows the channel only from a higher priority on.</summary>
    PriorityTooLow = 105,

    /// <summary>The policy allows the channel only while the sender has more credits.</summary>
    TooFewCredits = 106,

    /// <summary>The policy allows an e-mail only to an address that was verified.</summary>
    EmailNotVerified = 107,

    /// <summary>The policy allows the channel only to texts that speak to the reader and have no placeholder left.</summary>
    ContentGeneric = 108,

    /// <summary>Outside the policy's own days and hours.</summary>
    OutsidePolicyHours = 109,

    /// <summary>A candidate before it lacks a credit, and the policy tries nothing in its stead.</summary>
    StoppedByExhaustion = 110,

    /// <summary>The credits left are kept by the policy for messages of high priority.</summary>
    CreditsKeptByPolicy = 111,
}
