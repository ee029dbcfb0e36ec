namespace Pennypost.Routing.Planning;

/// <summary>Who writes to whom by what, so that all sends together are expected to bring the most after what they cost.</summary>
public sealed record Plan
{
    /// <summary>One per prospect, in the order in which they were added.</summary>
    public required IReadOnlyList<Assignment> Assignments { get; init; }

    /// <summary>Everything that limits the plan, with what one more unit of it would bring.</summary>
    public required IReadOnlyList<Capacity> Capacities { get; init; }

    /// <summary>What all sends are expected to bring, in millionths of the currency.</summary>
    public required Int128 ValueMicros { get; init; }

    /// <summary>What the credits spent are expected to cost after refunds; those that would be forfeited cost nothing.</summary>
    public required Int128 CostMicros { get; init; }

    /// <summary>Credits that would still be forfeited at the next renewals.</summary>
    public required long Forfeited { get; init; }

    /// <summary>By how much the best plan could be better, at most; 0: this is the best.</summary>
    public required Int128 GapMicros { get; init; }

    /// <summary>What comes of it if every prospect in turn, those of high priority first, takes the first channel of the policy that still has room.</summary>
    public required InTurn InTurn { get; init; }

    /// <summary>What is brought after what it costs.</summary>
    public Int128 ProfitMicros => ValueMicros - CostMicros;
}

/// <summary>What taking channels in turn would bring and cost.</summary>
public readonly record struct InTurn(int Sends, long Credits, long Forfeited, Int128 ValueMicros, Int128 CostMicros)
{
    /// <summary>What is brought after what it costs.</summary>
    public Int128 ProfitMicros => ValueMicros - CostMicros;
}

/// <summary>What limits a plan.</summary>
public enum CapacityKind
{
    /// <summary>The credits of a pool that this plan may spend.</summary>
    Pool = 1,

    /// <summary>What of a pool messages of normal and low priority may have.</summary>
    BelowFloor = 2,

    /// <summary>A seat's own limit.</summary>
    Seat = 3,

    /// <summary>How often a sender may act by some channels.</summary>
    Allowance = 4,
}

/// <summary>One limit, and how it was used.</summary>
/// <param name="Kind">Of what kind.</param>
/// <param name="PoolId">The pool; null for an allowance.</param>
/// <param name="AccountId">The sender; null for a pool.</param>
/// <param name="Channels">The channels that count in it.</param>
/// <param name="Limit">How many sends it takes over the days of the plan.</param>
/// <param name="Used">How many the plan has.</param>
/// <param name="WorthOfOneMoreMicros">
/// What the plan would bring more with one more unit, in millionths of the currency ("one more credit here is worth so much"); 0 where
/// there is one left. Where limits cross, with everybody else's share as it is.
/// </param>
public sealed record Capacity(
    CapacityKind Kind, string? PoolId, string? AccountId, IReadOnlyList<Channel> Channels, long Limit, long Used, long WorthOfOneMoreMicros);

/// <summary>What a plan has for one prospect.</summary>
public abstract record Assignment
{
    private Assignment()
    {
    }

    /// <summary>The prospect.</summary>
    public required string ProspectId { get; init; }

    /// <summary>Write to it.</summary>
    /// <param name="AccountId">Who.</param>
    /// <param name="Channel">By what.</param>
    /// <param name="Day">On which day of the plan; 0 is the first.</param>
    /// <param name="ValueMicros">What that is expected to bring.</param>
    /// <param name="ScarcityMicros">What the capacities that it uses would bring elsewhere.</param>
    /// <param name="Next">What comes next for this prospect; null if nothing else is valid.</param>
    public sealed record Send(string AccountId, Channel Channel, int Day, long ValueMicros, long ScarcityMicros, Alternative? Next) : Assignment
    {
        /// <summary>Credits that it takes: 0 or 1.</summary>
        public int CreditCost => Channel == Channel.InMail ? 1 : 0;
    }

    /// <summary>Nobody can write to it: the most telling reason, and whether an unknown fact could change that.</summary>
    public sealed record NotValid(Reason Reason, bool FactsCouldChange) : Assignment;

    /// <summary>Others are worth more of what there is: what it comes closest to, and what it would have to bring for that.</summary>
    public sealed record CrowdedOut(Alternative Closest) : Assignment;

    /// <summary>A conversation with it is worth nothing, so that nothing is spent on it.</summary>
    public sealed record WorthNothing : Assignment;
}

/// <summary>Another way to reach a prospect: what it is expected to bring, and what the capacities that it uses bring elsewhere.</summary>
public readonly record struct Alternative(string AccountId, Channel Channel, long ValueMicros, long ScarcityMicros);
