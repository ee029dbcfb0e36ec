using System.Collections.Immutable;

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

/// <summary>Which available credit goes first.</summary>
public enum BurnOrder
{
    /// <summary>The soonest to expire, whatever it cost.</summary>
    SoonestToExpire = 1,

    /// <summary>Bought credits last, each kind soonest to expire first: what was paid for is kept as long as it can be.</summary>
    BoughtLast = 2,
}

/// <summary>What a recipient did that may bring a credit back. The sources disagree on which do, so it is a setting.</summary>
[Flags]
public enum RefundTriggers
{
    /// <summary>Nothing does.</summary>
    None = 0,

    /// <summary>An answer in the InMail's thread (LinkedIn Help 75, Quicklead, Ampliflow).</summary>
    Reply = 1,

    /// <summary>The InMail was accepted (75).</summary>
    Accepted = 2,

    /// <summary>The InMail was declined (75, Quicklead: "even a no"; Ampliflow counts answers in the thread only).</summary>
    Declined = 4,

    /// <summary>An automatic answer (57013: counts in Sales Navigator).</summary>
    AutoReply = 8,

    /// <summary>All of them.</summary>
    All = Reply | Accepted | Declined | AutoReply,
}

/// <summary>
/// The rules of a pool's credits: data, copied into the pool when it is opened, so that a later catalogue cannot change what was decided. A tenant or a pool may have
/// other ones than the catalogue: <see cref="TermsOverride"/>.
/// </summary>
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

    /// <summary>Which available credit is spent first.</summary>
    public BurnOrder BurnOrder { get; init; } = BurnOrder.SoonestToExpire;

    /// <summary>The last so many credits go only to holds that are marked as of high value; 0 for none.</summary>
    public long Floor { get; init; }

    /// <summary>How long a credit lives from the day it takes effect; null for ever. LinkedIn says both: "must be used within 90 days" (57013, a554514) and "don't expire" (a101030).</summary>
    public TimeSpan? LotAge { get; init; } = TimeSpan.FromDays(90);

    /// <summary>A reply this long after the send, the last moment included, gives the credit back (75, 57013, a412114: 90 days).</summary>
    public TimeSpan RefundWindow { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Which answers bring a credit back.</summary>
    public RefundTriggers RefundTriggers { get; init; } = RefundTriggers.All;

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

    /// <summary>How long before credits are forfeited or expire that is announced; null for never.</summary>
    public TimeSpan? AnnounceBefore { get; init; } = TimeSpan.FromDays(7);
}

/// <summary>Other values for some of a plan's rules; null leaves the plan's own. A life of zero is one without end.</summary>
public sealed record TermsOverride
{
    /// <summary>See <see cref="Terms.MonthlyGrant"/>.</summary>
    public long? MonthlyGrant { get; init; }

    /// <summary>See <see cref="Terms.Cap"/>.</summary>
    public long? Cap { get; init; }

    /// <summary>See <see cref="Terms.Renewal"/>.</summary>
    public RenewalKind? Renewal { get; init; }

    /// <summary>See <see cref="Terms.Overflow"/>.</summary>
    public OverflowRule? Overflow { get; init; }

    /// <summary>See <see cref="Terms.BurnOrder"/>.</summary>
    public BurnOrder? BurnOrder { get; init; }

    /// <summary>See <see cref="Terms.Floor"/>.</summary>
    public long? Floor { get; init; }

    /// <summary>See <see cref="Terms.LotAge"/>; zero for ever.</summary>
    public TimeSpan? LotAge { get; init; }

    /// <summary>See <see cref="Terms.RefundWindow"/>.</summary>
    public TimeSpan? RefundWindow { get; init; }

    /// <summary>See <see cref="Terms.RefundTriggers"/>.</summary>
    public RefundTriggers? RefundTriggers { get; init; }

    /// <summary>See <see cref="Terms.RefundLife"/>.</summary>
    public RefundLife? RefundLife { get; init; }

    /// <summary>See <see cref="Terms.RefundCountsTowardCap"/>.</summary>
    public bool? RefundCountsTowardCap { get; init; }

    /// <summary>See <see cref="Terms.RefundConfirmedAfter"/>.</summary>
    public TimeSpan? RefundConfirmedAfter { get; init; }

    /// <summary>See <see cref="Terms.TopUpAllowed"/>.</summary>
    public bool? TopUpAllowed { get; init; }

    /// <summary>See <see cref="Terms.UnitPriceMicros"/>.</summary>
    public long? UnitPriceMicros { get; init; }

    /// <summary>See <see cref="Terms.Currency"/>.</summary>
    public string? Currency { get; init; }

    /// <summary>See <see cref="Terms.SecondInMailAllowed"/>.</summary>
    public bool? SecondInMailAllowed { get; init; }

    /// <summary>See <see cref="Terms.AnnounceBefore"/>; zero for never.</summary>
    public TimeSpan? AnnounceBefore { get; init; }

    /// <summary>The rules that come of <paramref name="terms"/> where this says nothing else.</summary>
    public Terms On(Terms terms) => terms with
    {
        MonthlyGrant = MonthlyGrant ?? terms.MonthlyGrant,
        Cap = Cap ?? terms.Cap,
        Renewal = Renewal ?? terms.Renewal,
        Overflow = Overflow ?? terms.Overflow,
        BurnOrder = BurnOrder ?? terms.BurnOrder,
        Floor = Floor ?? terms.Floor,
        LotAge = LotAge is { } age ? Unless(age, TimeSpan.Zero) : terms.LotAge,
        RefundWindow = RefundWindow ?? terms.RefundWindow,
        RefundTriggers = RefundTriggers ?? terms.RefundTriggers,
        RefundLife = RefundLife ?? terms.RefundLife,
        RefundCountsTowardCap = RefundCountsTowardCap ?? terms.RefundCountsTowardCap,
        RefundConfirmedAfter = RefundConfirmedAfter ?? terms.RefundConfirmedAfter,
        TopUpAllowed = TopUpAllowed ?? terms.TopUpAllowed,
        UnitPriceMicros = UnitPriceMicros ?? terms.UnitPriceMicros,
        Currency = Currency ?? terms.Currency,
        SecondInMailAllowed = SecondInMailAllowed ?? terms.SecondInMailAllowed,
        AnnounceBefore = AnnounceBefore is { } before ? Unless(before, TimeSpan.Zero) : terms.AnnounceBefore,
    };

    private static TimeSpan? Unless(TimeSpan span, TimeSpan none) => span == none ? null : span;
}

/// <summary>What an allowance counts; numbered as the dispatcher's caps are.</summary>
public enum AllowedAction
{
    /// <summary>Direct messages and replies.</summary>
    Message = 1,

    /// <summary>Connection requests.</summary>
    Invitation = 2,

    /// <summary>InMails that cost a credit.</summary>
    InMail = 3,

    /// <summary>InMails to open profiles.</summary>
    OpenProfileInMail = 4,

    /// <summary>Profile look-ups through the provider, and visits of profiles.</summary>
    Profile = 5,

    /// <summary>Likes of posts.</summary>
    Like = 11,

    /// <summary>Comments on posts.</summary>
    Comment = 12,
}

/// <summary>Over which time an allowance counts; numbered as the dispatcher's caps are.</summary>
public enum AllowanceWindow
{
    /// <summary>24 hours, rolling.</summary>
    Day = 1,

    /// <summary>7 days, rolling.</summary>
    Week = 2,

    /// <summary>The calendar month, UTC.</summary>
    Month = 3,
}

/// <summary>How much of an action an account on a plan may do.</summary>
/// <param name="Action">What is counted.</param>
/// <param name="Window">Over which time.</param>
/// <param name="Limit">How many.</param>
public sealed record Allowance(AllowedAction Action, AllowanceWindow Window, int Limit);

/// <summary>One row of the catalogue.</summary>
/// <param name="Id">Stable name, for instance <c>sales_navigator_core</c>.</param>
/// <param name="Name">What LinkedIn calls it.</param>
/// <param name="Product">Whose credits it grants.</param>
/// <param name="Terms">Its rules.</param>
/// <param name="Source">Where the figures come from.</param>
public sealed record Plan(string Id, string Name, Product Product, Terms Terms, string Source)
{
    /// <summary>
    /// What an account on it may do. Messages: 100 a week free, 150 paid (Kondo). Invitations: 40 a week free (Kondo: 40-50), paid 80 a day and 200 a week (Unipile: 80-100, about 200). InMails: 30 a day
    /// (Unipile: 30-50). InMails to open profiles: 800 a month (Kondo, Unipile). Profiles: 100 a day (Unipile). Likes and comments: 30 and 10 a day; no public page names a number. Where sources give a range its lower end stands here.
    /// </summary>
    public ImmutableArray<Allowance> Allowances => Id == "free" ? Free : Paid;

    private static ImmutableArray<Allowance> Free { get; } =
    [
        new(AllowedAction.Message, AllowanceWindow.Week, 100),
        new(AllowedAction.Invitation, AllowanceWindow.Week, 40),
        new(AllowedAction.InMail, AllowanceWindow.Day, 30),
        new(AllowedAction.OpenProfileInMail, AllowanceWindow.Month, 800),
        new(AllowedAction.Profile, AllowanceWindow.Day, 100),
        new(AllowedAction.Like, AllowanceWindow.Day, 30),
        new(AllowedAction.Comment, AllowanceWindow.Day, 10),
    ];

    private static ImmutableArray<Allowance> Paid { get; } =
    [
        new(AllowedAction.Message, AllowanceWindow.Week, 150),
        new(AllowedAction.Invitation, AllowanceWindow.Day, 80),
        new(AllowedAction.Invitation, AllowanceWindow.Week, 200),
        new(AllowedAction.InMail, AllowanceWindow.Day, 30),
        new(AllowedAction.OpenProfileInMail, AllowanceWindow.Month, 800),
        new(AllowedAction.Profile, AllowanceWindow.Day, 100),
        new(AllowedAction.Like, AllowanceWindow.Day, 30),
        new(AllowedAction.Comment, AllowanceWindow.Day, 10),
    ];
}
