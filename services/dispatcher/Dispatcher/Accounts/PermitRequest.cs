using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>A message asks its sender's account whether it may be written now.</summary>
public sealed record PermitRequest
{
    /// <summary>The sender.</summary>
    public required string AccountId { get; init; }

    /// <summary>Which message.</summary>
    public required string MessageId { get; init; }

    /// <summary>Which of its attempts, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>By which channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>How much it matters.</summary>
    public Priority Priority { get; init; }

    /// <summary>Since when the account's messages must have been read: it wrote to the prospect before. Null if it did not.</summary>
    public DateTimeOffset? InboxReadSince { get; init; }

    /// <summary>How long its call may take once it has begun.</summary>
    public required TimeSpan CallLimit { get; init; }

    /// <summary>For whom, for the log.</summary>
    public string ProspectId { get; init; } = "";
}

/// <summary>What the account says.</summary>
public abstract record PermitOutcome
{
    private PermitOutcome() { }

    /// <summary>It may be written. Caps are charged and the account's one write is taken.</summary>
    /// <param name="SendBy">The request must have begun to be written by then, as a timestamp of the host's <see cref="TimeProvider"/>: the lease less the call's limit.</param>
    public sealed record Granted(long SendBy) : PermitOutcome;

    /// <summary>Not now.</summary>
    /// <param name="Reason">The first gate that refused.</param>
    /// <param name="WaitUntil">When to come back if nothing else carries the message; null if no time is known.</param>
    /// <param name="Effect">What it leads to.</param>
    public sealed record Refused(Reason Reason, DateTimeOffset? WaitUntil, GateEffect Effect) : PermitOutcome;

    /// <summary>This attempt was settled before: whoever asks is late.</summary>
    public sealed record AlreadySettled : PermitOutcome;

    /// <summary>The tenant has no such account.</summary>
    public sealed record UnknownAccount : PermitOutcome;
}

/// <summary>A permit's write is over.</summary>
public sealed record SettleRequest
{
    /// <summary>The sender.</summary>
    public required string AccountId { get; init; }

    /// <summary>Which message.</summary>
    public required string MessageId { get; init; }

    /// <summary>Which of its attempts.</summary>
    public required int Attempt { get; init; }

    /// <summary>By which channel.</summary>
    public required Channel Channel { get; init; }

    /// <summary>What is known of the send. Unknown frees the lease and keeps the charge; settle again when it is known.</summary>
    public required SendResult Result { get; init; }

    /// <summary>When it was sent, if it was.</summary>
    public DateTimeOffset? SendTime { get; init; }

    /// <summary>What the provider's answer says about the account; see <c>ProviderReply.Signal</c>.</summary>
    public AccountSignal? Signal { get; init; }
}
