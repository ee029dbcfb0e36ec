namespace Pennypost.Sandbox.LinkedIn;

/// <summary>How far apart a sender and a member are.</summary>
public enum Degree
{
    First,
    Second,
    Third,
    OutOfNetwork,
}

/// <summary>What happens to an InMail that costs a credit at this member's door.</summary>
public enum InmailDoor
{
    Open,

    /// <summary>Switched off: refused as not_allowed_inmail.</summary>
    Off,

    /// <summary>Switched off, but refused with the words of an empty balance: the ambiguous form that was seen in the field.</summary>
    OffSaysInsufficientCredits,
}

/// <summary>Whether the member can be reached at all.</summary>
public enum Reach
{
    Reachable,

    /// <summary>Has blocked the sender: blocked_recipient.</summary>
    Blocked,

    /// <summary>Has closed the profile: user_unreachable on a write, resource_not_found on a read.</summary>
    Gone,
}

/// <summary>A member who can be written to, and how that member behaves.</summary>
public sealed record Prospect
{
    /// <summary>The real member id: what the judge counts by. The provider's API shows only viewer-scoped ids.</summary>
    public required string Id { get; init; }

    public required string PublicIdentifier { get; init; }

    public required string FirstName { get; init; }

    public required string LastName { get; init; }

    public string? Headline { get; init; }

    public string? Company { get; init; }

    public string? Location { get; init; }

    public bool OpenProfile { get; init; }

    public bool Premium { get; init; }

    public bool OpenToWork { get; init; }

    public InmailDoor Inmail { get; init; }

    public Reach Reach { get; init; }

    /// <summary>The degree to every account without an entry in <see cref="Degrees"/>; null is drawn from the seed for each account.</summary>
    public Degree? Degree { get; init; }

    public IReadOnlyDictionary<string, Degree> Degrees { get; init; } = new Dictionary<string, Degree>();

    public required Behaviour Behaviour { get; init; }

    /// <summary>Profile fields that the provider leaves out: unknown, not false.</summary>
    public IReadOnlyList<string> HiddenFields { get; init; } = [];

    /// <summary>Profile sections that the provider answers empty with status 200.</summary>
    public IReadOnlyList<string> ThrottledSections { get; init; } = [];

    public string FullName => FirstName + " " + LastName;
}

/// <summary>What a member does by themselves, drawn from the seed for each account and message, never from the order of calls.</summary>
public sealed record Behaviour
{
    /// <summary>0 to 1, for each message that arrives.</summary>
    public double ReplyProbability { get; init; }

    /// <summary>0 to 1, of the members who would not reply to an InMail: declines it, which returns the credit as a reply does.</summary>
    public double DeclineProbability { get; init; }

    public TimeSpan ReplyAfterAtLeast { get; init; } = TimeSpan.FromHours(1);

    public TimeSpan ReplyAfterAtMost { get; init; } = TimeSpan.FromDays(10);

    /// <summary>0 to 1, for each invitation.</summary>
    public double AcceptProbability { get; init; }

    public TimeSpan AcceptAfterAtLeast { get; init; } = TimeSpan.FromHours(1);

    public TimeSpan AcceptAfterAtMost { get; init; } = TimeSpan.FromDays(14);

    /// <summary>The provider tells of a new relation only when it next looks: up to 8 hours late (facts 1.5).</summary>
    public TimeSpan NoticedWithin { get; init; } = TimeSpan.FromHours(8);
}
