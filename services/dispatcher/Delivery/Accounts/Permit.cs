namespace Pennypost.Delivery.Accounts;

/// <summary>A message asks its sender's account whether it may be written now.</summary>
public sealed record PermitAsk
{
    /// <summary>Which message.</summary>
    public required string MessageId { get; init; }

    /// <summary>Which of its attempts, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>By which channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>How much it matters.</summary>
    public required Priority Priority { get; init; }

    /// <summary>0 to 1.</summary>
    public required double Jitter { get; init; }

    /// <summary>The installation's time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Real time: what leases run on.</summary>
    public required DateTimeOffset RealNow { get; init; }

    /// <summary>How long one write may take, with the time to get to it: real time.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>Since when the account's inbox must have been read; null for whoever nothing was sent to before: nobody there can have answered.</summary>
    public DateTimeOffset? InboxReadSince { get; init; }

    /// <summary>What it is charged as.</summary>
    public CappedAction Action => Caps.ActionOf(Channel);
}

/// <summary>A permit that was granted and is not settled yet: what was charged for it.</summary>
public sealed record OpenPermit
{
    /// <summary>Whose.</summary>
    public required string MessageId { get; init; }

    /// <summary>Which attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>What was charged.</summary>
    public required CappedAction Action { get; init; }

    /// <summary>When it was charged.</summary>
    public required DateTimeOffset ChargeTime { get; init; }

    /// <summary>Whose credit the send takes; unspecified if it takes none.</summary>
    public Product CreditProduct { get; init; }
}

/// <summary>What the account says to a permit.</summary>
public abstract record PermitAnswer
{
    private PermitAnswer() { }

    /// <summary>It may be written until the lease ends. Caps are charged and the account's one write is taken.</summary>
    public sealed record Granted(OpenPermit Permit, DateTimeOffset LeaseUntilReal) : PermitAnswer;

    /// <summary>Not now.</summary>
    /// <param name="Reason">The first gate, in their order, that refused.</param>
    /// <param name="WaitUntil">When to come back if nothing else carries the message; null if no time is known.</param>
    /// <param name="Effect">What it leads to.</param>
    public sealed record Refused(Reason Reason, DateTimeOffset? WaitUntil, GateEffect Effect) : PermitAnswer;

    /// <summary>This attempt was settled before: a late duplicate asks.</summary>
    public sealed record AlreadySettled : PermitAnswer;
}

/// <summary>The account after a permit was decided.</summary>
/// <param name="Account">As it is now.</param>
/// <param name="Answer">What the message is told.</param>
/// <param name="Events">What the breaker did, for its history.</param>
public sealed record PermitDecision(Account Account, PermitAnswer Answer, System.Collections.Immutable.ImmutableArray<BreakerEvent> Events);

/// <summary>What is known of a send when its permit is settled.</summary>
public enum SendResult
{
    /// <summary>Not known: the write is over, the charge stays, a later settling says more.</summary>
    Unknown,

    /// <summary>Known sent.</summary>
    Sent,

    /// <summary>Known not sent: the charge goes back.</summary>
    NotSent,
}

/// <summary>What an answer of the provider says about the account, beside the send.</summary>
public abstract record AccountSignal
{
    private AccountSignal() { }

    /// <summary>429: the whole account slows down.</summary>
    public sealed record RateLimited(TimeSpan? RetryAfter) : AccountSignal;

    /// <summary>LinkedIn's own limit for this action (limit_exceeded).</summary>
    public sealed record LimitReached : AccountSignal;

    /// <summary>The provider's estimate of how much of LinkedIn's limit for this action is used, in percent; it comes at 50, 75, 90 and 95.</summary>
    public sealed record Usage(int Percent) : AccountSignal;

    /// <summary>LinkedIn restricted the account.</summary>
    public sealed record Restricted : AccountSignal;

    /// <summary>The provider lost its session, or it wants a checkpoint solved.</summary>
    public sealed record Disconnected : AccountSignal;

    /// <summary>The mail server refuses the account's mailbox. LinkedIn has nothing to do with it: only e-mails stop.</summary>
    public sealed record MailboxRefused : AccountSignal;
}
