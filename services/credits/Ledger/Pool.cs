using System.Collections.Immutable;

namespace Pennypost.Ledger;

/// <summary>One contract's credits of one product: what all its seats draw from, at the time it was last brought to.</summary>
public sealed record Pool
{
    /// <summary>More lots than this are not opened by buying; facts (grants, refunds) are merged so that they stay far below.</summary>
    public const int MaxLots = 256;

    /// <summary>More seats and campaigns than this have no limits of their own, so that the head stays small.</summary>
    public const int MaxLimits = 500;

    /// <summary>More holds with a time-out of their own than this are not open at once, so that the head stays small.</summary>
    public const int MaxTimedHolds = 1_000;

    /// <summary>The highest balance that a provider may show, and that a used seat may be opened with.</summary>
    public const long MaxBalance = 100_000;

    /// <summary>Chosen by the caller.</summary>
    public required string Id { get; init; }

    /// <summary>What it was opened with: the id's content, compared when the same id is opened again.</summary>
    public required Opening Opening { get; init; }

    /// <summary>The plan it is on, and the plan's rules as they were when the pool came to it.</summary>
    public required PlanInForce Plan { get; init; }

    /// <summary>The rules.</summary>
    public Terms Terms => Plan.Terms;

    /// <summary>When it renews.</summary>
    public Renewal Renewal => Plan.Renewal;

    /// <summary>When it was opened.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>Everything that was due up to and including this moment is booked.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>The next grant; null when there is none.</summary>
    public DateTimeOffset? NextRenewalAt { get; init; }

    /// <summary>When the period began in which seats use their monthly limits: the last grant, or the plan's first day.</summary>
    public required DateTimeOffset PeriodAt { get; init; }

    /// <summary>Seats that may not take all, by account.</summary>
    public ImmutableArray<Seat> Seats { get; init; } = [];

    /// <summary>Campaigns that may not take all, by id.</summary>
    public ImmutableArray<Budget> Budgets { get; init; } = [];

    /// <summary>Up to which renewal forfeits were announced; null for none.</summary>
    public DateTimeOffset? RenewalAnnounced { get; init; }

    /// <summary>Lots that end up to then were announced; null for none.</summary>
    public DateTimeOffset? ExpiryAnnounced { get; init; }

    /// <summary>Lots that still have credits, in the order in which they are spent: soonest to expire first, then by number.</summary>
    public ImmutableArray<Lot> Lots { get; init; } = [];

    /// <summary>The number the next lot gets.</summary>
    public long NextLot { get; init; } = 1;

    /// <summary>Open holds that end by themselves, soonest first.</summary>
    public ImmutableArray<HoldTimer> Timers { get; init; } = [];

    /// <summary>What came in and went out since the pool was opened.</summary>
    public Totals Totals { get; init; }

    /// <summary>How many lines its journal has.</summary>
    public long Lines { get; init; }

    /// <summary>Credits owed to a correction that found too few: taken from the next ones that become available.</summary>
    public long Shortfall { get; init; }

    /// <summary>Refunds that neither the provider's balance nor time has confirmed yet, by day.</summary>
    public ImmutableArray<ProvisionalRefunds> Unconfirmed { get; init; } = [];

    /// <summary>Refunds in flight that the provider's balance did not show, and that were taken: no drift when they arrive.</summary>
    public long Awaited { get; init; }

    /// <summary>Credits that the provider's balance had and nothing had been told of. A reply that is told later, and came before that balance was read, explains one: its refund is among them.</summary>
    public long Ahead { get; init; }

    /// <summary>When the provider's balance was last looked at.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>When credits were last spent: a balance read before may show too much.</summary>
    public DateTimeOffset? LastSpentAt { get; init; }

    /// <summary>When credits last came in: a balance read before may show too little.</summary>
    public DateTimeOffset? LastAddedAt { get; init; }

    /// <summary>Credits that a hold can take now.</summary>
    public long Available
    {
        get
        {
            long sum = 0;
            foreach (var lot in Lots)
            {
                sum += lot.IsLive(AsOf) ? lot.Available : 0;
            }

            return sum;
        }
    }

    /// <summary>Credits set aside for messages on their way.</summary>
    public long Held
    {
        get
        {
            long sum = 0;
            foreach (var lot in Lots)
            {
                sum += lot.Held;
            }

            return sum;
        }
    }

    /// <summary>Refunded credits that are not confirmed yet.</summary>
    public long Provisional
    {
        get
        {
            long sum = 0;
            foreach (var day in Unconfirmed)
            {
                sum += day.ConfirmedAt > AsOf ? day.Credits : 0;
            }

            return sum;
        }
    }

    /// <summary>How many credits the next renewal will forfeit if nothing else happens until then.</summary>
    public long ForfeitsAtRenewal => NextRenewalAt is { } renewal ? Passing.ForfeitsAt(this, renewal) : 0;

    /// <summary>When something is next due by itself: a renewal, an expiry, the end of a hold, an announcement. Null when never.</summary>
    public DateTimeOffset? NextDueAt
    {
        get
        {
            var next = Soonest(NextRenewalAt, Announcing.NextAt(Plan, NextRenewalAt, RenewalAnnounced, ExpiryAnnounced, Lots.AsSpan(), AsOf));
            if (Timers.Length > 0)
            {
                next = Soonest(next, Timers[0].ExpiresAt);
            }

            foreach (var lot in Lots)
            {
                if (lot.Available > 0)
                {
                    next = Soonest(next, lot.ExpiresAt);
                }
            }

            return next;
        }
    }

    internal static DateTimeOffset? Soonest(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;
}

/// <summary>The plan that a pool is on, as it was when the pool came to it.</summary>
/// <param name="Id">Which plan.</param>
/// <param name="Product">Whose credits; the same for as long as the pool lives.</param>
/// <param name="CatalogVersion">Of which catalogue.</param>
/// <param name="Terms">Its rules, overrides of the tenant and of the pool included.</param>
/// <param name="Renewal">When it renews.</param>
/// <param name="Since">Since when the pool is on it.</param>
/// <param name="CancelledAt">When it was cancelled: from then on nothing is granted, and what comes back is lost. Null while it is not.</param>
public sealed record PlanInForce(
    string Id, Product Product, int CatalogVersion, Terms Terms, Renewal Renewal, DateTimeOffset Since, DateTimeOffset? CancelledAt = null);

/// <summary>Where a lot's credits came from.</summary>
public enum LotSource
{
    /// <summary>A monthly grant.</summary>
    Grant = 1,

    /// <summary>Bought.</summary>
    TopUp = 2,

    /// <summary>Given back after replies.</summary>
    Refund = 3,

    /// <summary>The balance that a used seat was opened with.</summary>
    Opening = 4,

    /// <summary>A correction upwards.</summary>
    Adjustment = 5,
}

/// <summary>Credits that came together and end together.</summary>
public sealed record Lot
{
    /// <summary>Its number in the pool, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>Where it came from.</summary>
    public required LotSource Source { get; init; }

    /// <summary>From when on its credits can be held.</summary>
    public required DateTimeOffset EffectiveAt { get; init; }

    /// <summary>The first moment at which they no longer can; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What one cost, in millionths of <see cref="Currency"/>; 0 for credits that came with the plan.</summary>
    public long UnitCostMicros { get; init; }

    /// <summary>ISO 4217; empty when the cost is 0.</summary>
    public string Currency { get; init; } = "";

    /// <summary>Credits that are neither held nor gone.</summary>
    public long Available { get; init; }

    /// <summary>Credits under open holds.</summary>
    public long Held { get; init; }

    /// <summary>Whether its credits can be held at <paramref name="instant"/>.</summary>
    public bool IsLive(DateTimeOffset instant) => EffectiveAt <= instant && !(ExpiresAt <= instant);

    /// <summary>Whether it has ended at <paramref name="instant"/>.</summary>
    public bool HasEnded(DateTimeOffset instant) => ExpiresAt <= instant;

    /// <summary>Whether nothing of it is left: the next decision finds it gone, so that this one must not see it either.</summary>
    internal bool IsEmpty => Available == 0 && Held == 0;

    /// <summary>Whether it stands behind the other in the order of spending.</summary>
    internal bool EndsAfter(Lot other) => other.ExpiresAt is { } end && !(ExpiresAt <= end);
}

/// <summary>An open hold that ends by itself, with all that is needed to end it without its record.</summary>
/// <param name="ExpiresAt">When.</param>
/// <param name="HoldId">Which.</param>
/// <param name="Lot">Where the credit goes back to.</param>
/// <param name="Charge">Which limits it was counted against.</param>
public sealed record HoldTimer(DateTimeOffset ExpiresAt, string HoldId, long Lot, Charge Charge = default)
{
    /// <summary>The timers with one more, soonest first.</summary>
    internal static ImmutableArray<HoldTimer> Add(ImmutableArray<HoldTimer> timers, HoldTimer timer)
    {
        var at = timers.Length;
        while (at > 0 && timers[at - 1].ExpiresAt > timer.ExpiresAt)
        {
            at--;
        }

        return timers.Insert(at, timer);
    }

    /// <summary>The timers without that of a hold, if it has one.</summary>
    internal static ImmutableArray<HoldTimer> Drop(ImmutableArray<HoldTimer> timers, string holdId)
    {
        for (var at = 0; at < timers.Length; at++)
        {
            if (timers[at].HoldId == holdId)
            {
                return timers.RemoveAt(at);
            }
        }

        return timers;
    }
}

/// <summary>One day's refunds, until they count as confirmed.</summary>
/// <param name="ConfirmedAt">When time confirms them.</param>
/// <param name="Credits">How many.</param>
public sealed record ProvisionalRefunds(DateTimeOffset ConfirmedAt, long Credits);

/// <summary>What came in and went out. Whatever came in is still there, or went one of the ways out: <see cref="Conservation"/>.</summary>
/// <param name="Granted">By renewals, forfeited parts included, and by the balance that a used seat was opened with.</param>
/// <param name="ToppedUp">Bought.</param>
/// <param name="Refunded">Given back after replies.</param>
/// <param name="Adjusted">Corrections, up less down.</param>
/// <param name="Spent">Sent.</param>
/// <param name="Expired">Ended with their lot.</param>
/// <param name="Forfeited">Above the cap, or lost with the plan.</param>
/// <param name="Voided">Taken back with their lot.</param>
public readonly record struct Totals(
    long Granted, long ToppedUp, long Refunded, long Adjusted, long Spent, long Expired, long Forfeited, long Voided);
