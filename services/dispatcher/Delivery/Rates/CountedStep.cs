using Pennypost.Delivery.Messages;

namespace Pennypost.Delivery.Rates;

/// <summary>What is counted.</summary>
public enum CountedKind
{
    /// <summary>A message went out.</summary>
    Sent = 1,

    /// <summary>A connection request was accepted.</summary>
    Accepted = 2,

    /// <summary>A conversation began with it.</summary>
    Replied = 3,

    /// <summary>It took a credit.</summary>
    CreditSpent = 4,

    /// <summary>The credit came back.</summary>
    CreditRefunded = 5,
}

/// <summary>One step of a message that is counted, with its place in the journal that it is read from.</summary>
/// <param name="Shard">Whose journal.</param>
/// <param name="Sequence">Its commit's place there; grows.</param>
/// <param name="Kind">What.</param>
/// <param name="Channel">By which channel the message went.</param>
/// <param name="Segment">Whom to, by the caller's word; may be empty.</param>
/// <param name="Variant">In which of the caller's texts; may be empty.</param>
/// <param name="SendTime">When the message went out: all that becomes of it is counted on that day.</param>
public sealed record CountedStep(int Shard, long Sequence, CountedKind Kind, Channel Channel, string Segment, string Variant, DateTimeOffset SendTime)
{
    /// <summary>The day of the send, in UTC.</summary>
    public DateOnly Day => DateOnly.FromDateTime(SendTime.UtcDateTime);

    /// <summary>What an event is counted as; null for one that never is.</summary>
    public static CountedKind? KindOf(EventKind kind) => kind switch
    {
        EventKind.Sent => CountedKind.Sent,
        EventKind.InvitationAccepted => CountedKind.Accepted,
        EventKind.Replied => CountedKind.Replied,
        EventKind.CreditSpent => CountedKind.CreditSpent,
        EventKind.Refunded => CountedKind.CreditRefunded,
        _ => null,
    };
}
