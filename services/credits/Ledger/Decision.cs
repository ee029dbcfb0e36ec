using System.Collections.Immutable;

namespace Pennypost.Ledger;

/// <summary>What a command leads to. Nothing has happened until it is stored: the pool, the record and the entries in one commit.</summary>
/// <param name="Pool">The pool after it; null when there is none.</param>
/// <param name="Kept">The record to keep under the command's id; null when it did not change.</param>
/// <param name="Entries">What to append to the journal, in order.</param>
/// <param name="Answer">What to tell the caller.</param>
public sealed record Decision(Pool? Pool, Kept? Kept, ImmutableArray<Entry> Entries, Answer Answer);

/// <summary>What a caller is told.</summary>
public abstract record Answer
{
    private Answer() { }

    /// <summary>There is no such pool.</summary>
    public sealed record NoSuchPool : Answer;

    /// <summary>The pool is open, now or since before.</summary>
    public sealed record PoolOpen : Answer;

    /// <summary>The pool id exists with other content.</summary>
    public sealed record PoolIdReused(string Field) : Answer;

    /// <summary>Time has passed.</summary>
    public sealed record TimePassed : Answer;

    /// <summary>The credit is set aside, or was when the id was first placed.</summary>
    public sealed record Placed(Kept.Hold Hold) : Answer;

    /// <summary>The hold is refused for good.</summary>
    public sealed record HoldRefused(HoldRefusal Refusal) : Answer;

    /// <summary>The hold id exists with other content.</summary>
    public sealed record HoldIdReused(string Field) : Answer;

    /// <summary>The pool never saw this hold id.</summary>
    public sealed record NoSuchHold : Answer;

    /// <summary>The credit is spent.</summary>
    public sealed record Captured(Kept.Hold Hold) : Answer;

    /// <summary>The credit went back; without a hold, the id is now refused for good.</summary>
    public sealed record Released(Kept.Hold? Hold) : Answer;

    /// <summary>The hold was captured: a release cannot take that back.</summary>
    public sealed record AlreadyCaptured(Kept.Hold Hold) : Answer;

    /// <summary>The credit came back.</summary>
    public sealed record Refunded(Kept.Hold Hold) : Answer;

    /// <summary>The credit had come back before.</summary>
    public sealed record AlreadyRefunded(Kept.Hold Hold) : Answer;

    /// <summary>An answer of this kind gives no credit back under the pool's rules.</summary>
    public sealed record NotATrigger(Kept.Hold Hold) : Answer;

    /// <summary>The send is in the books, now or since before.</summary>
    public sealed record SendImported(Kept.Hold Hold) : Answer;

    /// <summary>The pool is on the plan, now or since before; or without one, after a cancellation.</summary>
    public sealed record PlanChanged : Answer;

    /// <summary>The change is refused for good.</summary>
    public sealed record PlanChangeRefused(PlanChangeRefusal Refusal) : Answer;

    /// <summary>The rules or limits are as asked.</summary>
    public sealed record RulesSet : Answer;

    /// <summary>The pool has <see cref="Pool.MaxLimits"/> seats or budgets.</summary>
    public sealed record TooManyLimits : Answer;

    /// <summary>The lot is gone: so many credits were taken back by this call.</summary>
    public sealed record LotVoided(long Credits) : Answer;

    /// <summary>The pool never had this lot.</summary>
    public sealed record NoSuchLot : Answer;

    /// <summary>The reply came after the refund window.</summary>
    public sealed record RepliedTooLate(Kept.Hold Hold) : Answer;

    /// <summary>No credit was spent on it; the reply is kept for a capture that may still come.</summary>
    public sealed record NothingSpent(Kept.Hold Hold) : Answer;

    /// <summary>The credits are in the pool.</summary>
    public sealed record ToppedUp(Kept.TopUp TopUp) : Answer;

    /// <summary>The top-up is refused for good.</summary>
    public sealed record TopUpRefused(TopUpRefusal Refusal) : Answer;

    /// <summary>The balance was compared.</summary>
    public sealed record Reconciled(Finding Finding) : Answer;

    /// <summary>The id of a top-up, plan change or reconciliation exists with other content.</summary>
    public sealed record CommandIdReused(string Field) : Answer;
}
