namespace Pennypost.Routing;

/// <summary>Everything that a decision may rest on. What is not here is unknown.</summary>
public sealed record RouteQuestion
{
    /// <summary>What is known of the prospect whoever looks.</summary>
    public required ProspectState Prospect { get; init; }

    /// <summary>At least one, with distinct ids; their order means nothing.</summary>
    public required IReadOnlyList<Sender> Senders { get; init; }

    /// <summary>The texts.</summary>
    public required Content Content { get; init; }

    /// <summary>How much the message matters.</summary>
    public Priority Priority { get; init; } = Priority.Normal;

    /// <summary>How often the tenant's InMails are answered.</summary>
    public ReplyCounts Replies { get; init; }

    /// <summary>The time to judge at.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Facts that are missing were asked for and are not to be had: decide without them.</summary>
    public bool Final { get; init; }
}

/// <summary>What is known of the prospect whoever looks.</summary>
public sealed record ProspectState
{
    /// <summary>When the prospect last replied to anybody; null if never.</summary>
    public DateTimeOffset? RepliedAt { get; init; }

    /// <summary>Whether a person released the prospect again after that reply.</summary>
    public bool ReplyReleased { get; init; }

    /// <summary>Whether it is on the suppression list.</summary>
    public bool Suppressed { get; init; }

    /// <summary>The sender that has claimed it; null if none.</summary>
    public string? ClaimedBy { get; init; }

    /// <summary>Whether an e-mail address of theirs is known for this message.</summary>
    public bool EmailKnown { get; init; }

    /// <summary>Whether that address was verified.</summary>
    public Fact<bool> EmailVerified { get; init; }
}

/// <summary>How many InMails had the time to be answered, and how many of these were.</summary>
public readonly record struct ReplyCounts(long Sent, long Replied);
