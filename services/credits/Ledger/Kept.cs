namespace Pennypost.Ledger;

/// <summary>What a pool keeps under an id that a caller chose, so that the same id again has the same answer.</summary>
public abstract record Kept
{
    private Kept() { }

    /// <summary>The caller's id.</summary>
    public required string Id { get; init; }

    /// <summary>A credit set aside for one message, and what became of it.</summary>
    public sealed record Hold : Kept
    {
        /// <summary>Where it stands. A hold with a time-out ends without its record being written: ask <see cref="At"/>.</summary>
        public required HoldState State { get; init; }

        /// <summary>The id's content.</summary>
        public required HoldContent Content { get; init; }

        /// <summary>When it was placed, or refused.</summary>
        public required DateTimeOffset PlacedAt { get; init; }

        /// <summary>When it ends by itself; null for never.</summary>
        public DateTimeOffset? ExpiresAt { get; init; }

        /// <summary>The lot whose credit it holds or spent; 0 when refused.</summary>
        public long Lot { get; init; }

        /// <summary>When that lot ends.</summary>
        public DateTimeOffset? LotExpiresAt { get; init; }

        /// <summary>Whether it was counted against its seat's limits.</summary>
        public bool SeatCharged { get; init; }

        /// <summary>Whether it was counted against its campaign's budget.</summary>
        public bool BudgetCharged { get; init; }

        /// <summary>How long after the send an answer gives the credit back: as the pool's plan had it when the credit was set aside.</summary>
        public required TimeSpan RefundWindow { get; init; }

        /// <summary>Which answers do: likewise. A rule that is changed later changes nothing about a send, or the same answer told twice would be judged twice.</summary>
        public RefundTriggers RefundTriggers { get; init; } = RefundTriggers.All;

        /// <summary>What it was counted against.</summary>
        public Charge Charge => new(SeatCharged ? Content.AccountId : "", BudgetCharged ? Content.CampaignId : "", PlacedAt);

        /// <summary>When the message was sent. Until a capture says so it is the time of placing, before which it cannot have been.</summary>
        public DateTimeOffset? SentAt { get; init; }

        /// <summary>Whether a capture said when it was sent.</summary>
        public bool SentAtKnown { get; init; }

        /// <summary>The capture came after the hold had ended and found no credit: the ledger had drifted.</summary>
        public bool Drifted { get; init; }

        /// <summary>When it was captured or released.</summary>
        public DateTimeOffset? SettledAt { get; init; }

        /// <summary>It was not placed here but told afterwards: a send from before the pool was opened, or one written by hand.</summary>
        public bool Imported { get; init; }

        /// <summary>The earliest reply that was told and counts.</summary>
        public DateTimeOffset? RepliedAt { get; init; }

        /// <summary>When the credit was given back; null while it was not.</summary>
        public DateTimeOffset? RefundedAt { get; init; }

        /// <summary>The answer a refused id keeps.</summary>
        public HoldRefusal? Refusal { get; init; }

        /// <summary>The hold as it is at <paramref name="moment"/>: one that nobody settled in time has ended then.</summary>
        public Hold At(DateTimeOffset moment) =>
            State == HoldState.Held && ExpiresAt <= moment ? this with { State = HoldState.TimedOut, SettledAt = ExpiresAt } : this;
    }

    /// <summary>Credits that were bought.</summary>
    public sealed record TopUp : Kept
    {
        /// <summary>The id's content.</summary>
        public required TopUpContent Content { get; init; }

        /// <summary>When it was booked, or refused.</summary>
        public required DateTimeOffset BookedAt { get; init; }

        /// <summary>The lot it became; 0 when refused.</summary>
        public long Lot { get; init; }

        /// <summary>The answer a refused id keeps.</summary>
        public TopUpRefusal? Refusal { get; init; }
    }

    /// <summary>A change of the plan, or its end.</summary>
    public sealed record PlanChange : Kept
    {
        /// <summary>The id's content; null for a cancellation.</summary>
        public required Opening? Content { get; init; }

        /// <summary>The answer a refused id keeps.</summary>
        public PlanChangeRefusal? Refusal { get; init; }
    }

    /// <summary>A look at the provider's balance.</summary>
    public sealed record Reconciliation : Kept
    {
        /// <summary>The id's content.</summary>
        public required ReconciliationContent Content { get; init; }

        /// <summary>What it found.</summary>
        public required Finding Finding { get; init; }
    }
}

/// <summary>Where a hold stands.</summary>
public enum HoldState
{
    /// <summary>The credit is set aside.</summary>
    Held = 1,

    /// <summary>The message was sent: the credit is spent.</summary>
    Captured = 2,

    /// <summary>The message was not sent: the credit went back.</summary>
    Released = 3,

    /// <summary>Nobody settled it in time: the credit went back.</summary>
    TimedOut = 4,

    /// <summary>It was never placed and never will be.</summary>
    Refused = 5,
}

/// <summary>The content of a hold's id.</summary>
/// <param name="AccountId">The seat that sends; stamped, so that a refund goes where the credit came from.</param>
/// <param name="Ttl">After how long it ends by itself; null for never.</param>
/// <param name="Floor">How many credits the caller wants left available after it; 0 and more.</param>
/// <param name="HighValue">Whether it may take the credits that the pool's own floor keeps back.</param>
/// <param name="CampaignId">The campaign whose budget it is counted against; empty for none.</param>
public sealed record HoldContent(string AccountId, TimeSpan? Ttl, long Floor, bool HighValue = false, string CampaignId = "")
{
    /// <summary>The first field, as callers call it, in which another content differs; null if it is the same.</summary>
    public string? Difference(HoldContent other) =>
        AccountId != other.AccountId ? "account_id" :
        Ttl != other.Ttl ? "ttl" :
        Floor != other.Floor ? "floor" :
        HighValue != other.HighValue ? "high_value" :
        CampaignId != other.CampaignId ? "campaign_id" : null;
}

/// <summary>Why a hold was refused. The refusal is kept: the same id gets the same answer, whatever the pool has by then.</summary>
public abstract record HoldRefusal
{
    private HoldRefusal() { }

    /// <summary>No credit is available, and none is held that could come back before the renewal.</summary>
    public sealed record InsufficientCredits(long Available, long Held, DateTimeOffset? NextRenewalAt) : HoldRefusal;

    /// <summary>No credit is available, but open holds may release some: transient, not exhaustion.</summary>
    public sealed record CreditsHeld(long Available, long Held) : HoldRefusal;

    /// <summary>Credits are available, but the floor keeps them for others.</summary>
    public sealed record CreditsReserved(long Available, long Floor) : HoldRefusal;

    /// <summary>The seat has used what it may in the window.</summary>
    public sealed record SeatLimitReached(LimitWindow Window, long Limit, long Used, DateTimeOffset? ResetsAt) : HoldRefusal;

    /// <summary>The campaign has used its slice of the pool.</summary>
    public sealed record BudgetUsedUp(long Credits, long Used) : HoldRefusal;

    /// <summary>The id was released before it was placed: its caller has given the message up.</summary>
    public sealed record ReleasedBeforePlaced : HoldRefusal;

    /// <summary>Too many holds with a time-out are open (<see cref="Pool.MaxTimedHolds"/>).</summary>
    public sealed record TooManyTimedHolds : HoldRefusal;
}

/// <summary>The windows of a seat's limits.</summary>
public enum LimitWindow
{
    /// <summary>From one grant to the next.</summary>
    Period = 1,

    /// <summary>From Monday 00:00 UTC.</summary>
    Week = 2,
}

/// <summary>Why a change of the plan was refused. The refusal is kept.</summary>
public enum PlanChangeRefusal
{
    /// <summary>The plan's credits are of another product, and those never mix: it needs a pool of its own.</summary>
    OtherProduct = 1,

    /// <summary>The plan had been cancelled.</summary>
    Cancelled = 2,
}

/// <summary>The content of a top-up's id.</summary>
/// <param name="Credits">How many, 1 and more.</param>
/// <param name="UnitCostMicros">What one cost, in millionths of <paramref name="Currency"/>.</param>
/// <param name="Currency">ISO 4217; empty when the cost is 0.</param>
/// <param name="ExpiresAt">Until when; null for the plan's lot age.</param>
public sealed record TopUpContent(long Credits, long UnitCostMicros, string Currency, DateTimeOffset? ExpiresAt);

/// <summary>Why a top-up was refused. The refusal is kept.</summary>
public enum TopUpRefusal
{
    /// <summary>The plan sells no further credits (Sales Navigator: 57013, a101030).</summary>
    NotAllowed = 1,

    /// <summary>The pool has <see cref="Pool.MaxLots"/> lots.</summary>
    TooManyLots = 2,

    /// <summary>The pool's plan was cancelled.</summary>
    PlanCancelled = 3,
}

/// <summary>The content of a reconciliation's id.</summary>
/// <param name="Observed">The provider's balance, 0 to <see cref="Pool.MaxBalance"/>.</param>
/// <param name="UnknownSends">Open holds whose send may or may not be in it.</param>
/// <param name="ObservedAt">When it was read.</param>
public sealed record ReconciliationContent(long Observed, long UnknownSends, DateTimeOffset ObservedAt);

/// <summary>What a reconciliation found and did.</summary>
/// <param name="Drift">Observed less expected; 0 within what unknown sends and refunds in flight explain.</param>
/// <param name="Adjusted">Credits added (above zero) or taken (below).</param>
/// <param name="Owed">Credits that could not be taken: the rise of the pool's shortfall, or its fall (below zero).</param>
/// <param name="Applied">False when the balance was read before a newer look, or before a change that explains the difference.</param>
public sealed record Finding(long Drift, long Adjusted, long Owed, bool Applied);

/// <summary>The content of a pool's id.</summary>
/// <param name="PlanId">Which plan.</param>
/// <param name="CatalogVersion">Of which catalogue; not compared, since the caller does not choose it.</param>
/// <param name="Renewal">The day the caller named; null for the plan's own rule.</param>
/// <param name="Balance">The balance of a seat that is not new; null for a new one, which gets its first grant.</param>
/// <param name="Terms">The pool's own values for some of the plan's rules; null for none.</param>
public sealed record Opening(string PlanId, int CatalogVersion, Renewal? Renewal, long? Balance, TermsOverride? Terms = null)
{
    /// <summary>The first field, as callers call it, in which another content differs; null if it is the same.</summary>
    public string? Difference(Opening other) =>
        PlanId != other.PlanId ? "plan_id" :
        Renewal != other.Renewal ? "renewal" :
        Balance != other.Balance ? "opening_balance" :
        Terms != other.Terms ? "terms" : null;
}
