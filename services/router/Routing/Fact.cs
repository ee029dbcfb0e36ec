namespace Pennypost.Routing;

/// <summary>
/// Something seen at a time, or unknown. Unknown is not false: there is no way to read a value without saying at what
/// time and up to which age, and nothing comes back for a fact that is unknown or older.
/// </summary>
public readonly record struct Fact<T>
    where T : struct
{
    private readonly T value;

    private Fact(T value, DateTimeOffset observedAt)
    {
        this.value = value;
        ObservedAt = observedAt;
    }

    /// <summary>Nobody has looked, or the provider left the field out.</summary>
    public static Fact<T> Unknown => default;

    /// <summary>When it was seen; null if unknown.</summary>
    public DateTimeOffset? ObservedAt { get; }

    /// <summary>What was seen, however long ago; null if unknown. For showing, not for deciding.</summary>
    public T? LastSeen => ObservedAt is null ? null : value;

    /// <summary>Seen at a time.</summary>
    public static Fact<T> Known(T value, DateTimeOffset observedAt) => new(value, observedAt);

    /// <summary>The value if it is known and no older than `life` at `now`, else null.</summary>
    public T? At(DateTimeOffset now, TimeSpan life) => ObservedAt is { } seen && now - seen <= life ? value : null;
}

/// <summary>Makes known facts without naming their type.</summary>
public static class Fact
{
    /// <summary>Seen at a time.</summary>
    public static Fact<T> Known<T>(T value, DateTimeOffset observedAt)
        where T : struct => Fact<T>.Known(value, observedAt);
}

/// <summary>Kinds of facts, as a set. Bit n is kind n of pennypost.types.v1.FactKind.</summary>
[Flags]
public enum FactKinds
{
    /// <summary>No fact.</summary>
    None = 0,

    /// <summary>How far sender and prospect are apart.</summary>
    NetworkDistance = 1 << 1,

    /// <summary>Whether the profile is open.</summary>
    OpenProfile = 1 << 2,

    /// <summary>Whether the prospect can be sent InMail.</summary>
    CanSendInMail = 1 << 3,

    /// <summary>How this sender's invitation stands.</summary>
    Invitation = 1 << 4,

    /// <summary>The credits of the sender's pool.</summary>
    Credits = 1 << 5,

    /// <summary>Whether sender and prospect are in a group together.</summary>
    SameGroup = 1 << 6,

    /// <summary>Whether sender and prospect work at the same company.</summary>
    Coworker = 1 << 7,

    /// <summary>Whether the prospect shows recruiters that it is open to work.</summary>
    OpenToWork = 1 << 8,

    /// <summary>Whether the prospect's e-mail address was verified. Whoever looks, the answer is the same.</summary>
    EmailVerified = 1 << 9,
}

/// <summary>A fact to fetch: which one, and whose view of it.</summary>
public readonly record struct NeededFact(string AccountId, FactKinds Kind);
