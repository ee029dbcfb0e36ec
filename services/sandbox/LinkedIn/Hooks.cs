namespace Pennypost.Sandbox.LinkedIn;

/// <summary>What a webhook listens to.</summary>
public enum HookSource
{
    Messaging,
    AccountStatus,

    /// <summary>New relations; the API's name for it is unverified, so both <c>users</c> and <c>relations</c> are taken.</summary>
    Users,
}

/// <summary>A registered webhook.</summary>
public sealed record Hook
{
    public required string Id { get; init; }

    public required string RequestUrl { get; init; }

    public required HookSource Source { get; init; }

    public string? Name { get; init; }

    /// <summary>Empty: every account.</summary>
    public required IReadOnlyList<string> AccountIds { get; init; }

    public required IReadOnlyList<HookHeader> Headers { get; init; }

    /// <summary>Empty: every event of the source.</summary>
    public required IReadOnlyList<string> Events { get; init; }
}

/// <summary>A header that the provider sends along with each post to a webhook.</summary>
public sealed record HookHeader(string Key, string Value);

/// <summary>How far a post to a webhook has come.</summary>
public enum PostState
{
    Pending,

    /// <summary>Kept back on purpose, by a fault, until its time comes or another post has overtaken it.</summary>
    Held,
    Delivered,

    /// <summary>Given up after the last try, or never queued because the queue was full.</summary>
    Dropped,

    /// <summary>Lost on purpose, by a fault.</summary>
    Lost,
}

/// <summary>One event on its way to one webhook.</summary>
public sealed record HookPost
{
    public required string Id { get; init; }

    public required long Sequence { get; init; }

    public required string HookId { get; init; }

    public required string Event { get; init; }

    public required string Body { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required PostState State { get; init; }

    public int Tries { get; init; }

    /// <summary>Real time, not the sandbox's: not before this the next try.</summary>
    public DateTimeOffset NotBefore { get; init; }

    public string? LastProblem { get; init; }

    /// <summary>While it is held: released as soon as a later post to the same hook is done with.</summary>
    public bool GivesWay { get; init; }
}
