namespace Pennypost.Ledger;

/// <summary>Which of LinkedIn's products a credit belongs to. Credits of one product are never worth anything in another (LinkedIn help answers 75 and 1584).</summary>
public enum Product
{
    /// <summary>Premium Career and Premium Business, and free seats, which have no credits at all.</summary>
    Premium = 1,

    /// <summary>Sales Navigator of any tier.</summary>
    SalesNavigator = 2,

    /// <summary>Recruiter Lite, Professional Services and Corporate.</summary>
    Recruiter = 3,
}

/// <summary>What happens to the part of a monthly grant that would lift the balance above the cap. The sources disagree, so it is a setting.</summary>
public enum OverflowRule
{
    /// <summary>The new credits above the cap are forfeited (Quicklead: "new monthly credits don't accumulate, they're forfeited").</summary>
    ForfeitNew = 1,

    /// <summary>The oldest unheld credits make room (Ampliflow: "you start losing the oldest credits first"). Bought credits are never evicted.</summary>
    EvictOldest = 2,
}

/// <summary>On which kind of day a plan's credits renew. The day itself belongs to the pool: <see cref="Renewal"/>.</summary>
public enum RenewalKind
{
    /// <summary>The plan grants nothing.</summary>
    Never = 1,

    /// <summary>The first of each month, 00:00 UTC (Sales Navigator, help answer 57013).</summary>
    CalendarMonth = 2,

    /// <summary>The day of the billing cycle or of the contract (Premium, answer 75; Recruiter, a412114).</summary>
    BillingAnchor = 3,
}

/// <summary>How long a refunded credit lives. No source says, so it is a setting.</summary>
public enum RefundLife
{
    /// <summary>As long as a new credit, counted from the reply.</summary>
    AsNew = 1,

    /// <summary>As long as the credit that was spent: a refund into a lot that has ended expires at once.</summary>
    AsSpent = 2,
}

/// <summary>The rules of a pool's credits: data, copied into the pool when it is opened, so that a later catalogue cannot change what was decided.</summary>
public sealed record Terms
{
    /// <summary>Credits granted at each renewal; 0 and more.</summary>
    public required long MonthlyGrant { get; init; }

    /// <summary>The balance (available and held) above which a grant overflows; at least one grant.</summary>
    public required long Cap { get; init; }

    /// <summary>On which kind of day the plan renews.</summary>
    public required RenewalKind Renewal { get; init; }

    /// <summary>What gives way when a grant overflows the cap.</summary>
    public OverflowRule Overflow { get; init; } = OverflowRule.ForfeitNew;

    /// <summary>How long a credit lives from the day it takes effect; null for ever. LinkedIn says both: "must be used within 90 days" (57013, a554514) and "don't expire" (a101030).</summary>
    public TimeSpan? LotAge { get; init; } = TimeSpan.FromDays(90);

    /// <summary>A reply this long after the send, the last moment included, gives the credit back (75, 57013, a412114: 90 days).</summary>
    public TimeSpan RefundWindow { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long a refunded credit lives.</summary>
    public RefundLife RefundLife { get; init; } = RefundLife.AsNew;

    /// <summary>Whether a refund that finds the balance at the cap is forfeited. No source says; false leaves it above the cap.</summary>
    public bool RefundCountsTowardCap { get; init; }

    /// <summary>How long, from the end of its day (UTC), a refund stays provisional unless the provider's balance confirms it earlier ("refunds are not instant", Ampliflow).</summary>
    public TimeSpan RefundConfirmedAfter { get; init; } = TimeSpan.FromDays(3);

    /// <summary>Whether credits can be bought.</summary>
    public bool TopUpAllowed { get; init; }

    /// <summary>What an extra credit costs, in millionths of <see cref="Currency"/>: what a spent or a saved credit is worth.</summary>
    public long UnitPriceMicros { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public string Currency { get; init; } = "USD";

    /// <summary>Whether a second InMail may be sent before the first was answered. LinkedIn: not in Premium (75); allowed in Sales Navigator, for another credit (57013).</summary>
    public bool SecondInMailAllowed { get; init; }
}

/// <summary>One row of the catalogue.</summary>
/// <param name="Id">Stable name, for instance <c>sales_navigator_core</c>.</param>
/// <param name="Name">What LinkedIn calls it.</param>
/// <param name="Product">Whose credits it grants.</param>
/// <param name="Terms">Its rules.</param>
/// <param name="Source">Where the figures come from.</param>
public sealed record Plan(string Id, string Name, Product Product, Terms Terms, string Source);
