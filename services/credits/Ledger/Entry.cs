namespace Pennypost.Ledger;

/// <summary>A kind of line in a pool's journal.</summary>
public enum EntryKind
{
    /// <summary>The pool was opened.</summary>
    Created = 1,

    /// <summary>Monthly grant or opening balance: a lot comes.</summary>
    Granted = 2,

    /// <summary>Bought: a lot comes.</summary>
    ToppedUp = 3,

    /// <summary>Available to held.</summary>
    Held = 4,

    /// <summary>A hold was refused; its id stays refused. No credits move.</summary>
    Refused = 5,

    /// <summary>Held to spent.</summary>
    Captured = 6,

    /// <summary>Held to available.</summary>
    Released = 7,

    /// <summary>Held to available, by time.</summary>
    TimedOut = 8,

    /// <summary>Given back after a reply, into the day's refund lot.</summary>
    Refunded = 9,

    /// <summary>Available to expired.</summary>
    Expired = 10,

    /// <summary>Available to forfeited.</summary>
    Forfeited = 11,

    /// <summary>A correction: above zero a credit comes, below zero available ones go.</summary>
    Adjusted = 12,

    /// <summary>The provider's balance was compared. No credits move; what could not be taken is owed.</summary>
    Reconciled = 13,

    /// <summary>A capture found its hold ended and nothing left to spend. No credits move; the correction follows.</summary>
    Drifted = 14,

    // 15 is the acceptance of a rewind, which the store itself writes.

    /// <summary>A lot was taken back: available to voided. What of it is held ends with it.</summary>
    Voided = 16,

    /// <summary>The plan was changed or cancelled. What was available is forfeited by lines of its own.</summary>
    PlanChanged = 17,

    /// <summary>The rules were changed; the balance stays.</summary>
    TermsChanged = 18,

    /// <summary>A send that the balance knew before the ledger did: it came in and was spent.</summary>
    Imported = 19,

    /// <summary>So many credits will be forfeited at the coming renewal, at <see cref="Entry.At"/>, if nothing changes. No credits move.</summary>
    ForfeitAnnounced = 20,

    /// <summary>So many credits will expire at <see cref="Entry.At"/>, if nothing changes. No credits move.</summary>
    ExpiryAnnounced = 21,

    /// <summary>A seat's or a campaign's limit was set. No credits move.</summary>
    LimitChanged = 22,
}

/// <summary>One line of a pool's journal. The lines of a pool add up to its state: <see cref="Replay"/>.</summary>
public sealed record Entry
{
    /// <summary>What happened.</summary>
    public required EntryKind Kind { get; init; }

    /// <summary>When it was due: a renewal that was found late carries its own time.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>How many credits; negative only in a correction downwards and in what a reconciliation found.</summary>
    public long Credits { get; init; }

    /// <summary>The lot that they came to or went from; 0 for none.</summary>
    public long Lot { get; init; }

    /// <summary>Where the lot came from, if it came with this line.</summary>
    public LotSource? NewLot { get; init; }

    /// <summary>When the lot ends, if it came with this line or ended by it.</summary>
    public DateTimeOffset? LotExpiresAt { get; init; }

    /// <summary>What one of its credits cost, if it came with this line, in millionths of <see cref="Currency"/>.</summary>
    public long UnitCostMicros { get; init; }

    /// <summary>ISO 4217; empty when the cost is 0.</summary>
    public string Currency { get; init; } = "";

    /// <summary>For what will come: when.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The plan and rules that hold from this line on, if it changed them.</summary>
    public PlanInForce? Plan { get; init; }

    /// <summary>The hold; empty for none.</summary>
    public string HoldId { get; init; } = "";

    /// <summary>When the hold ends by itself, in the line that sets its credit aside; null for never.</summary>
    public DateTimeOffset? HoldExpiresAt { get; init; }

    /// <summary>When the provider's balance was read, in the line that compares it.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Refunds that the balance did not show and that were taken all the same, after the line that compares it.</summary>
    public long Awaited { get; init; }

    /// <summary>What the pool was opened with, in its first line.</summary>
    public Opening? Opening { get; init; }

    /// <summary>The command that caused it (pool, hold, top-up or reconcile id); empty where time did.</summary>
    public string CauseId { get; init; } = "";

    /// <summary>By how much the pool's shortfall rose (or fell, below zero).</summary>
    public long Owed { get; init; }

    /// <summary>Available after it.</summary>
    public long Available { get; init; }

    /// <summary>Held after it.</summary>
    public long Held { get; init; }
}
