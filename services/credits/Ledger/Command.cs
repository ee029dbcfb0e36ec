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

    /// <summary>The recipient answered, in the way of <paramref name="Trigger"/>, at <paramref name="RepliedAt"/>: a fact, and proof that the message was sent.</summary>
    public sealed record RefundHold(string HoldId, DateTimeOffset RepliedAt, RefundTriggers Trigger = RefundTriggers.Reply) : Command;

    /// <summary>An InMail left at <paramref name="SentAt"/> that nobody held a credit for: from before the pool, or written by hand. A fact.</summary>
    public sealed record ImportSend(string HoldId, string AccountId, DateTimeOffset SentAt) : Command;

    /// <summary>The contract is on another plan from now on: its balance begins anew.</summary>
    public sealed record ChangePlan(string ChangeId, Plan Plan, Opening Content) : Command;

    /// <summary>The contract ends now: its balance is lost.</summary>
    public sealed record CancelPlan(string ChangeId) : Command;

    /// <summary>The plan's rules hold with other values of the pool's own from now on; the balance stays.</summary>
    public sealed record ChangeTerms(Terms Terms) : Command;

    /// <summary>Takes a lot back.</summary>
    public sealed record VoidLot(long Lot) : Command;

    /// <summary>Sets a seat's limits; none takes them away.</summary>
    public sealed record PutSeat(string AccountId, long? PerPeriod, long? PerWeek) : Command;

    /// <summary>Sets a campaign's slice; null takes it away.</summary>
    public sealed record PutBudget(string CampaignId, long? Credits) : Command;

    /// <summary>The provider's balance was read.</summary>
    public sealed record Reconcile(string ReconcileId, ReconciliationContent Content) : Command;
}
