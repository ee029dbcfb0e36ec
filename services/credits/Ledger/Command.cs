namespace Pennypost.Ledger;

/// <summary>What can be asked of a pool. Every command carries its own time.</summary>
public abstract record Command
{
    private Command() { }

    /// <summary>The time at which it is decided. An earlier one than the pool has seen counts as that.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Opens a pool.</summary>
    public sealed record OpenPool(string PoolId, Plan Plan, Opening Opening) : Command;

    /// <summary>Books what time has brought, and nothing else.</summary>
    public sealed record LetTimePass : Command;

    /// <summary>Adds bought credits.</summary>
    public sealed record TopUp(string TopUpId, TopUpContent Content) : Command;

    /// <summary>Sets a credit aside for one message.</summary>
    public sealed record PlaceHold(string HoldId, HoldContent Content) : Command;

    /// <summary>The message was sent at <paramref name="SentAt"/>: a fact.</summary>
    public sealed record CaptureHold(string HoldId, DateTimeOffset SentAt) : Command;

    /// <summary>The message was not sent.</summary>
    public sealed record ReleaseHold(string HoldId) : Command;

    /// <summary>The recipient answered at <paramref name="RepliedAt"/>: a fact, and proof that the message was sent.</summary>
    public sealed record RefundHold(string HoldId, DateTimeOffset RepliedAt) : Command;

    /// <summary>The provider's balance was read.</summary>
    public sealed record Reconcile(string ReconcileId, ReconciliationContent Content) : Command;
}
