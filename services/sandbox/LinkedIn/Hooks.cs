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
}

/// <summary>What goes wrong on purpose.</summary>
public enum FaultKind
{
    /// <summary>The call is refused and has no effect.</summary>
    Error,

    /// <summary>The call takes effect and is then answered with an error.</summary>
    ErrorAfter,

    /// <summary>The connection is cut before the call takes effect.</summary>
    DropBefore,

    /// <summary>The connection is cut after the call took effect.</summary>
    DropAfter,

    /// <summary>The call waits, then takes effect, whether or not the caller still listens.</summary>
    DelayBefore,

    /// <summary>The call takes effect, then its answer waits.</summary>
    DelayAfter,

    /// <summary>A webhook event is never posted.</summary>
    Lost,

    /// <summary>A webhook event is posted twice.</summary>
    Twice,
}

/// <summary>A fault that waits for the next calls of an endpoint.</summary>
public sealed record Fault
{
    public required string Id { get; init; }

    public required long Sequence { get; init; }

    /// <summary>An endpoint's short name, or <c>*</c> for every call; <c>event.</c> and an event's name for what goes to webhooks.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Null: whichever account.</summary>
    public string? AccountId { get; init; }

    public required FaultKind Kind { get; init; }

    /// <summary>The error's type without <c>errors/</c>.</summary>
    public string? Type { get; init; }

    public int DelayMs { get; init; }

    /// <summary>How many more calls it meets.</summary>
    public required int Times { get; init; }
}
