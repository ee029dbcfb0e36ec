using System.Text.Json.Serialization;

namespace Pennypost.Sandbox.LinkedIn;

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

    /// <summary>Something in front of the provider answers in its place, in HTML and not in the provider's envelope; the call has no effect.</summary>
    Http,

    /// <summary>The call takes effect, and something in front of the provider answers in its place.</summary>
    HttpAfter,

    /// <summary>The call finds its account restricted, which it is from then on.</summary>
    Restrict,

    /// <summary>The call finds its account disconnected, which it is from then on.</summary>
    Disconnect,

    /// <summary>A webhook event is posted, but later.</summary>
    Late,

    /// <summary>A webhook event is posted after the next one to the same hook.</summary>
    Reordered,

    /// <summary>Nothing goes wrong: a step of a script.</summary>
    Pass,
}

/// <summary>What happens to one call or event.</summary>
public sealed record FaultStep
{
    public required FaultKind Kind { get; init; }

    /// <summary>The error's type without <c>errors/</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Real milliseconds that a call waits; milliseconds of the sandbox's time that an event does, at most.</summary>
    public int DelayMs { get; init; }

    /// <summary>500 to 599, where something else than the provider answers.</summary>
    public int? Status { get; init; }

    /// <summary>What an error says in <c>Retry-After</c>; null: no such header.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Such a fault needs a call that names an account.</summary>
    [JsonIgnore]
    public bool StopsAccount => Kind is FaultKind.Restrict or FaultKind.Disconnect;
}

/// <summary>A fault that waits for the next calls of an endpoint: for each of them, for a share of them, or step by step.</summary>
public sealed record Fault
{
    public required string Id { get; init; }

    public required long Sequence { get; init; }

    /// <summary>An endpoint's short name, or <c>*</c> for every call; <c>event.</c> and an event's name for what goes to webhooks.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Null: whichever account.</summary>
    public string? AccountId { get; init; }

    /// <summary>Null where a script says it step by step.</summary>
    public required FaultKind? Kind { get; init; }

    public string? Type { get; init; }

    public int DelayMs { get; init; }

    public int? Status { get; init; }

    public int? RetryAfterSeconds { get; init; }

    /// <summary>How many more calls it strikes; null: until its script ends or it is deleted.</summary>
    public required int? Times { get; init; }

    /// <summary>The share of the calls that it strikes, 0 to 1; null: every one.</summary>
    public double? Rate { get; init; }

    /// <summary>One step for each call, in order.</summary>
    public IReadOnlyList<FaultStep>? Script { get; init; }

    /// <summary>The script starts over after its last step.</summary>
    public bool Repeat { get; init; }

    /// <summary>The running number by which chance is drawn and the script goes on: how many calls it has been asked about, struck or not.</summary>
    public long Met { get; init; }

    /// <summary>What it may do to a call: the steps of its script, or the one thing that it always does.</summary>
    [JsonIgnore]
    public IReadOnlyList<FaultStep> Steps => Script ??
        [new() { Kind = Kind ?? FaultKind.Pass, Type = Type, DelayMs = DelayMs, Status = Status, RetryAfterSeconds = RetryAfterSeconds }];
}
