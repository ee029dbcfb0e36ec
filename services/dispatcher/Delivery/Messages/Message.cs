using System.Collections.Immutable;

namespace Pennypost.Delivery.Messages;

/// <summary>Where a message stands; the contract's numbers.</summary>
public enum MessageState
{
    /// <summary>Durable; not looked at yet.</summary>
    Accepted = 1,

    /// <summary>To be worked on at once.</summary>
    Ready = 2,

    /// <summary>Waits, holding nothing.</summary>
    Waiting = 3,

    /// <summary>An attempt is open or intended.</summary>
    Sending = 4,

    /// <summary>An attempt's answer is unknown.</summary>
    Indeterminate = 5,

    /// <summary>Final.</summary>
    Sent = 6,

    /// <summary>Final: not sent on purpose.</summary>
    Skipped = 7,

    /// <summary>Final: could not be sent.</summary>
    Failed = 8,

    /// <summary>Final: cancelled before its send began.</summary>
    Cancelled = 9,
}

/// <summary>A kind of step; the contract's numbers.</summary>
public enum EventKind
{
    /// <summary>Durable.</summary>
    Accepted = 1,

    /// <summary>Waits.</summary>
    Waiting = 2,

    /// <summary>An attempt was opened.</summary>
    AttemptOpened = 3,

    /// <summary>An attempt closed without a send.</summary>
    AttemptNotSent = 4,

    /// <summary>The provider is called next.</summary>
    Intended = 5,

    /// <summary>The provider's answer is unknown.</summary>
    Indeterminate = 6,

    /// <summary>Sent.</summary>
    Sent = 7,

    /// <summary>Skipped.</summary>
    Skipped = 8,

    /// <summary>Failed.</summary>
    Failed = 9,

    /// <summary>Cancelled.</summary>
    Cancelled = 10,

    /// <summary>The prospect replied.</summary>
    Replied = 11,

    /// <summary>The credit came back.</summary>
    Refunded = 12,

    /// <summary>The invitation was accepted.</summary>
    InvitationAccepted = 13,

    /// <summary>The credit was captured.</summary>
    CreditSpent = 14,

    /// <summary>It was put back to be tried again, or made to look again now.</summary>
    Retried = 15,
}

/// <summary>One step of a message's life. Holds no personal data: it goes into the journal.</summary>
public sealed record MessageEvent
{
    /// <summary>1, 2, ... within the message, without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>What.</summary>
    public required EventKind Kind { get; init; }

    /// <summary>The state after it.</summary>
    public required MessageState State { get; init; }

    /// <summary>0 if none.</summary>
    public int Attempt { get; init; }

    /// <summary>Empty if none.</summary>
    public string AccountId { get; init; } = "";

    /// <summary>Unspecified if none.</summary>
    public Channel Channel { get; init; }

    /// <summary>Unspecified if none.</summary>
    public Reason Reason { get; init; }

    /// <summary>Set while it waits.</summary>
    public DateTimeOffset? WaitUntil { get; init; }

    /// <summary>Whether the tenant's reply and accept counts have it.</summary>
    public bool Counts { get; init; }
}

/// <summary>A channel by which no further attempt of this message is made with this sender.</summary>
public sealed record ClosedChannel(string AccountId, Channel Channel);

/// <summary>What an attempt owes credits after a reply: repeated until answered.</summary>
/// <param name="Attempt">The attempt whose credit may come back.</param>
/// <param name="ReplyTime">When the prospect replied.</param>
public sealed record OwedRefund(int Attempt, DateTimeOffset ReplyTime);

/// <summary>One message to one prospect, and what became of it. Its texts are kept apart.</summary>
public sealed record Message
{
    /// <summary>Events that are kept in the message; all of them are in the journal.</summary>
    public const int KeptEvents = 200;

    /// <summary>The caller's id.</summary>
    public required string Id { get; init; }

    /// <summary>Never unspecified.</summary>
    public required Priority Priority { get; init; }

    /// <summary>The senders that it may use; empty for all.</summary>
    public required ImmutableList<string> AccountIds { get; init; }

    /// <summary>The caller's label; may be empty.</summary>
    public string CampaignId { get; init; } = "";

    /// <summary>Whom it goes to, by the caller's word; may be empty. No personal data: it goes into the journal.</summary>
    public string Segment { get; init; } = "";

    /// <summary>Which of the caller's texts it is; may be empty. No personal data: it goes into the journal.</summary>
    public string Variant { get; init; } = "";

    /// <summary>The routing policy that it names; empty for the tenant's own default.</summary>
    public string Policy { get; init; } = "";

    /// <summary>Not before; null for at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>When it gives up waiting.</summary>
    public required DateTimeOffset ExpireTime { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>Keyed hash of its texts: the same texts are not sent to a prospect twice.</summary>
    public required string TextHash { get; init; }

    /// <summary>Keyed hash of the company with whose replies it stops; empty if it does not.</summary>
    public string Company { get; init; } = "";

    /// <summary>Where it stands.</summary>
    public required MessageState State { get; init; }

    /// <summary>Why it waits or ended.</summary>
    public Reason Reason { get; init; }

    /// <summary>Until when it waits.</summary>
    public DateTimeOffset? WaitUntil { get; init; }

    /// <summary>Every attempt, oldest first.</summary>
    public ImmutableList<Attempt> Attempts { get; init; } = [];

    /// <summary>The newest events.</summary>
    public ImmutableList<MessageEvent> Events { get; init; } = [];

    /// <summary>Channels that are not tried again.</summary>
    public ImmutableList<ClosedChannel> Closed { get; init; } = [];

    /// <summary>The channel that carried it.</summary>
    public Channel Channel { get; init; }

    /// <summary>The sender that carried it; empty if none.</summary>
    public string AccountId { get; init; } = "";

    /// <summary>Credits captured for it.</summary>
    public long CreditsSpent { get; init; }

    /// <summary>Credits that came back.</summary>
    public long CreditsRefunded { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndTime { get; init; }

    /// <summary>When the prospect last replied to it.</summary>
    public DateTimeOffset? ReplyTime { get; init; }

    /// <summary>A refund that credits has not answered yet.</summary>
    public OwedRefund? Refund { get; init; }

    /// <summary>The pool in whose demand it stands; empty if it stands in none.</summary>
    public string DemandPool { get; init; } = "";

    /// <summary>While it waits: whether it stands there for a credit, or for its turn to take one; else it has yet to be taken out.</summary>
    public bool WantsCredit { get; init; }

    /// <summary>When settling, refunding or leaving a queue is tried again.</summary>
    public DateTimeOffset? RetryTime { get; init; }

    /// <summary>How often that failed in a row.</summary>
    public int Retries { get; init; }

    /// <summary>Whether it ended.</summary>
    public bool IsOver => State >= MessageState.Sent;

    /// <summary>The attempt that is neither sent nor known not sent; null if none.</summary>
    public Attempt? Current => Attempts is [.., { IsOver: false } last] ? last : null;

    /// <summary>An attempt by its number.</summary>
    public Attempt? AttemptOf(int number) => Attempts.Find(attempt => attempt.Number == number);

    /// <summary>Whether its send took a credit of this pool.</summary>
    public bool SpentFrom(string poolId) => Attempts.Exists(attempt => attempt is { State: AttemptState.Sent, CostsCredit: true } && attempt.PoolId == poolId);

    /// <summary>The number of the newest event.</summary>
    public long LastSequence => Events.Count == 0 ? 0 : Events[^1].Sequence;

    internal Message With(Attempt attempt) => this with { Attempts = Attempts.SetItem(Attempts.FindIndex(one => one.Number == attempt.Number), attempt) };

    /// <summary>Appends an event that shows the state as it now is.</summary>
    internal Message Tell(DateTimeOffset now, EventKind kind, Attempt? attempt = null, Reason reason = Reason.Unspecified, bool counts = false)
    {
        var next = new MessageEvent
        {
            Sequence = LastSequence + 1,
            Time = now,
            Kind = kind,
            State = State,
            Attempt = attempt?.Number ?? 0,
            AccountId = attempt?.AccountId ?? "",
            Channel = attempt?.Channel ?? Channel.Unspecified,
            Reason = reason,
            WaitUntil = WaitUntil,
            Counts = counts,
        };
        return this with { Events = Events.Count < KeptEvents ? Events.Add(next) : Events.RemoveAt(0).Add(next) };
    }
}
