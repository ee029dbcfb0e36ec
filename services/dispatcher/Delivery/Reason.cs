namespace Pennypost.Delivery;

/// <summary>Why a gate refused, or a message waits, was skipped or failed: the contract's words with the contract's numbers. The name in snake case is the code in logs and events.</summary>
public enum Reason
{
    /// <summary>No reason: the candidate is eligible, or the message needs none.</summary>
    Unspecified = 0,

    /// <summary>Direct message: sender and prospect are not first-degree connections.</summary>
    NotConnected = 1,

    /// <summary>Connection request: they are connected already.</summary>
    AlreadyConnected = 2,

    /// <summary>Replied thread: the prospect has not written to this sender yet.</summary>
    NoRepliedThread = 3,

    /// <summary>Open-profile InMail: the prospect's profile is not open.</summary>
    NotOpenProfile = 4,

    /// <summary>A fact that decides about the candidate is unknown or too old; the decision names it among needed_facts.</summary>
    FactUnknown = 5,

    /// <summary>The message has no text for this channel.</summary>
    ContentMissing = 6,

    /// <summary>The text is longer than this channel and tier allow; it is never cut.</summary>
    ContentTooLong = 7,

    /// <summary>An invitation from this sender is waiting for an answer.</summary>
    InvitationPending = 8,

    /// <summary>LinkedIn refuses another invitation for up to three weeks after a withdrawal (LinkedIn Help a551012).</summary>
    ReinviteLocked = 9,

    /// <summary>InMail is not warranted: the priority is not high, and no invitation went unanswered long enough.</summary>
    InmailNotWarranted = 10,

    /// <summary>An earlier InMail to this prospect is unanswered, and the plan allows no second (LinkedIn Help 75).</summary>
    SecondInmail = 11,

    /// <summary>The prospect does not accept InMail (switched off, or the provider refused while credits were left).</summary>
    InmailEligibility = 12,

    /// <summary>The sender's subscription has no InMail.</summary>
    PlanHasNoInmail = 13,

    /// <summary>The sender's pool has no credit left; waits for the pool's own renewal, a top-up or a refund.</summary>
    AccountInmailCreditsExhausted = 14,

    /// <summary>No credit is available because open holds have them; transient.</summary>
    CreditsHeld = 15,

    /// <summary>The credits that are left are reserved (floor) or promised to messages that wait longer or matter more.</summary>
    CreditsReserved = 16,

    /// <summary>The InMail credit breaker of the account is open.</summary>
    BreakerOpen = 17,

    /// <summary>The month's allowance of open-profile InMails is used up.</summary>
    OpenProfileAllowanceUsed = 18,

    /// <summary>LinkedIn or the provider restricted the account.</summary>
    AccountRestricted = 19,

    /// <summary>The provider lost the session of the account; it must be reconnected.</summary>
    AccountDisconnected = 20,

    /// <summary>An operator paused the account.</summary>
    AccountPaused = 21,

    /// <summary>Another sender is in conversation with the prospect (one sender per prospect at a time).</summary>
    ClaimedByOtherSender = 22,

    /// <summary>The prospect replied; nobody writes on until a person decides.</summary>
    ProspectReplied = 23,

    /// <summary>The prospect is on the suppression list.</summary>
    ProspectSuppressed = 24,

    /// <summary>No sender and channel is left that could carry the message.</summary>
    NoRoute = 25,

    /// <summary>The same prospect was written to a short while ago.</summary>
    ProspectCoolingDown = 40,

    /// <summary>Outside the account's sending days or hours.</summary>
    OutsideSendingWindow = 41,

    /// <summary>The minimum time since the account's last send has not passed.</summary>
    Spacing = 42,

    /// <summary>The account's cap for this action in a rolling day is reached.</summary>
    DailyCap = 43,

    /// <summary>The account's cap for this action in a rolling week is reached.</summary>
    WeeklyCap = 44,

    /// <summary>The account's cap for this action in the calendar month is reached.</summary>
    MonthlyCap = 45,

    /// <summary>Another write of the account is under way (one at a time).</summary>
    WriteInProgress = 46,

    /// <summary>The provider asked to slow down (429).</summary>
    ProviderRateLimited = 47,

    /// <summary>The provider cannot be reached, or answers that it cannot work, before anything was sent.</summary>
    ProviderUnavailable = 48,

    /// <summary>The provider refused the send for good; provider_type has its own word.</summary>
    ProviderRefused = 49,

    /// <summary>The provider does not know the recipient, or the recipient blocked the sender.</summary>
    InvalidRecipient = 50,

    /// <summary>The message was tried as often as it may be.</summary>
    AttemptsExhausted = 51,

    /// <summary>Whether the send took effect is not known yet; it is being verified and is not sent again.</summary>
    SendUnknown = 52,

    /// <summary>Cancelled by the caller.</summary>
    Cancelled = 53,

    /// <summary>The message's own deadline passed before it could be sent.</summary>
    Expired = 54,

    /// <summary>A service that the send depends on does not answer; nothing was sent.</summary>
    DependencyUnavailable = 55,

    /// <summary>LinkedIn's own limit was met at the provider (limit_exceeded); the account cools down for this action.</summary>
    ProviderLimit = 56,

    /// <summary>The same text went to this prospect before, in another message of the tenant.</summary>
    Duplicate = 57,

    /// <summary>The account's permit was over before the request could begin, because this side was slow; nothing was sent, and a new permit is asked for within seconds.</summary>
    PermitExpired = 58,

    /// <summary>The seat has used what it may of its pool, in the pool's period or in the week.</summary>
    SeatLimitReached = 59,

    /// <summary>The campaign has used its slice of the pool.</summary>
    BudgetUsedUp = 60,

    /// <summary>The prospect was erased: the message's texts are gone.</summary>
    ProspectErased = 70,

    /// <summary>Somebody else at the prospect's company replied, and the message was to stop then; nobody writes on until a person decides.</summary>
    CompanyReplied = 71,

    /// <summary>The e-mail address is another prospect's: nobody is written to under two profiles.</summary>
    DuplicateProspect = 72,

    /// <summary>As many of the account's invitations wait for an answer as may.</summary>
    PendingInvitations = 80,

    /// <summary>Too few answer the account's InMails: it sends none that cost a credit.</summary>
    LowResponseRate = 81,

    /// <summary>The account's safety score is under its threshold: it is paused.</summary>
    AccountUnsafe = 82,

    /// <summary>A follow-up, and the sender's inbox was not read lately: an answer that no webhook told of may wait there.</summary>
    InboxNotRead = 83,

    /// <summary>E-mail: the sender has no mailbox.</summary>
    NoMailbox = 90,

    /// <summary>E-mail: the message names no address of the prospect.</summary>
    EmailUnknown = 91,

    /// <summary>E-mail: the mail server refuses the sender's mailbox.</summary>
    MailboxRefused = 92,

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

    /// <summary>The policy allows the channel only to a personal text.</summary>
    ContentGeneric = 108,

    /// <summary>Outside the policy's own days and hours.</summary>
    OutsidePolicyHours = 109,

    /// <summary>A candidate before it lacks a credit, and the policy tries nothing in its stead.</summary>
    StoppedByExhaustion = 110,

    /// <summary>The credits left are kept by the policy for messages of high priority.</summary>
    CreditsKeptByPolicy = 111,
}

/// <summary>How reasons are written where no enum is at hand.</summary>
public static class Reasons
{
    /// <summary>The code in logs and events: <c>account_inmail_credits_exhausted</c>.</summary>
    public static string Code(this Reason reason)
    {
        var name = reason.ToString();
        var code = new System.Text.StringBuilder(name.Length + 6);
        for (var index = 0; index < name.Length; index++)
        {
            if (index > 0 && char.IsAsciiLetterUpper(name[index]))
                code.Append('_');
            code.Append(char.ToLowerInvariant(name[index]));
        }

        return code.ToString();
    }
}
