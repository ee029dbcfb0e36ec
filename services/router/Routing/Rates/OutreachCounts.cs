namespace Pennypost.Routing.Rates;

/// <summary>
/// What went out by one channel, to one segment, in one variant of its text, and what came of it. Only sends that had the time to be answered belong here: one of yesterday would count as unanswered. One conversation counts once,
/// and neither own messages nor repeated or late events make another (F54).
/// </summary>
public sealed record OutreachCounts
{
    /// <summary>How it went; never an engagement, which carries no words.</summary>
    public required Channel Channel { get; init; }

    /// <summary>Whom it went to; empty if nobody said.</summary>
    public string Segment { get; init; } = "";

    /// <summary>Which text it was; empty if nobody said.</summary>
    public string Variant { get; init; } = "";

    /// <summary>Messages sent.</summary>
    public required long Sent { get; init; }

    /// <summary>Connection requests of them that were accepted; 0 for every other channel.</summary>
    public long Accepted { get; init; }

    /// <summary>Conversations that began: prospects who answered.</summary>
    public long Replied { get; init; }

    /// <summary>Meetings that came of these conversations.</summary>
    public long Meetings { get; init; }

    /// <summary>Credits that the sends took.</summary>
    public long CreditsSpent { get; init; }

    /// <summary>Of these, those that replies brought back.</summary>
    public long CreditsRefunded { get; init; }

    /// <summary>The sum of both, as if it were of the first one's channel, segment and variant.</summary>
    internal OutreachCounts Plus(OutreachCounts other) => this with
    {
        Sent = Sent + other.Sent,
        Accepted = Accepted + other.Accepted,
        Replied = Replied + other.Replied,
        Meetings = Meetings + other.Meetings,
        CreditsSpent = CreditsSpent + other.CreditsSpent,
        CreditsRefunded = CreditsRefunded + other.CreditsRefunded,
    };
}

/// <summary>What things cost, in millionths of one currency.</summary>
public sealed record UnitCosts
{
    /// <summary>A credit that stays spent.</summary>
    public long CreditMicros { get; init; }

    /// <summary>A send by a channel, whatever else it takes: people's time, a tool's fee. What is not here costs nothing.</summary>
    public IReadOnlyDictionary<Channel, long> SendMicros { get; init; } = new Dictionary<Channel, long>();
}
