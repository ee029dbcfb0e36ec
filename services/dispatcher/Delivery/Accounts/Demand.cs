using System.Collections.Immutable;

namespace Pennypost.Delivery.Accounts;

/// <summary>A message that waits for a credit of a pool.</summary>
/// <param name="MessageId">Which.</param>
/// <param name="Rank">Its priority.</param>
/// <param name="Since">Since when it waits.</param>
/// <param name="WakeTime">When it is to be woken, or comes back by itself with a credit kept for it; null while there is nothing for it.</param>
/// <param name="TurnTime">When its turn came; null while it has not.</param>
public sealed record WaitingForCredit(string MessageId, int Rank, DateTimeOffset Since, DateTimeOffset? WakeTime, DateTimeOffset? TurnTime = null);

/// <summary>A message that is to look again at a time.</summary>
public sealed record Wake(string MessageId, DateTimeOffset At);

/// <summary>The demand for a pool's credits: who waits, in which order, and what was last seen of the pool.</summary>
public sealed record Demand
{
    /// <summary>Messages kept per pool; further ones come back by their own due time.</summary>
    public const int Limit = 1_000;

    /// <summary>Between two messages that are woken by the same credits: never all at once.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    /// <summary>How long a woken message may go unheard of before it no longer counts.</summary>
    public static readonly TimeSpan WokenAge = TimeSpan.FromHours(1);

    /// <summary>Who waits, in the order in which credits go to them: by priority, then by how long they wait.</summary>
    public ImmutableArray<WaitingForCredit> Waiting { get; init; } = [];

    /// <summary>Until when the pool is known to be empty; null if it is not known to be.</summary>
    public DateTimeOffset? ExhaustedUntil { get; init; }

    /// <summary>When that was found out.</summary>
    public DateTimeOffset? ExhaustedAt { get; init; }

    /// <summary>The pool's next grant, as last seen.</summary>
    public DateTimeOffset? RenewTime { get; init; }

    /// <summary>How long a credit is kept for a message whose turn has come.</summary>
    public static readonly TimeSpan TurnAge = TimeSpan.FromDays(1);

    /// <summary>Nobody waits.</summary>
    public static Demand None { get; } = new();

    /// <summary>With one that waits. A message that waits already keeps its place.</summary>
    public Demand Wait(string messageId, Priority priority, DateTimeOffset now)
    {
        var known = Waiting.FirstOrDefault(waiting => waiting.MessageId == messageId);
        var rank = priority.Rank();
        if (known is { WakeTime: null } && known.Rank == rank)
            return this;
        if (known is null && Waiting.Length >= Limit)
            return this;
        var entry = new WaitingForCredit(messageId, rank, known?.Since ?? now, null);
        return this with { Waiting = Ordered(Waiting.RemoveAll(waiting => waiting.MessageId == messageId).Add(entry)) };
    }

    /// <summary>
    /// With one whose turn has come and that has to wait for something else first, such as its sender's spacing: it keeps its place, and the credit that woke it is still its own. Null if its turn has not come, or
    /// would last longer than others can be made to wait for it.
    /// </summary>
    public Demand? KeepTurn(string messageId, DateTimeOffset until) =>
        Waiting.FirstOrDefault(waiting => waiting.MessageId == messageId) is { TurnTime: { } turn } known && until <= turn + TurnAge
            ? this with { Waiting = Waiting.Replace(known, known with { WakeTime = until }) }
            : null;

    /// <summary>Without one that waits no longer. The credit that woke it goes to the next, unless it was spent.</summary>
    /// <param name="messageId">Which.</param>
    /// <param name="spent">Whether it took a credit.</param>
    /// <param name="jitter">0 to 1.</param>
    /// <param name="now">The time.</param>
    public (Demand Demand, ImmutableArray<Wake> Wakes) Leave(string messageId, bool spent, double jitter, DateTimeOffset now)
    {
        if (Waiting.FirstOrDefault(waiting => waiting.MessageId == messageId) is not { } known)
            return (this, []);
        var rest = this with { Waiting = Waiting.Remove(known) };
        return known.WakeTime is null || spent ? (rest, []) : rest.CreditReturned(jitter, now);
    }

    /// <summary>The pool is empty until then.</summary>
    public Demand Exhausted(DateTimeOffset until, DateTimeOffset now) => this with { ExhaustedUntil = until, ExhaustedAt = now };

    /// <summary>
    /// Whether somebody has found out since then that nothing is left: whoever took a credit before that, and has not called the provider yet, need not. What was found out earlier was known to the gates.
    /// </summary>
    public DateTimeOffset? FoundEmptySince(DateTimeOffset since, DateTimeOffset now) => ExhaustedAt >= since && ExhaustedUntil > now ? ExhaustedUntil : null;

    /// <summary>
    /// Credits came that were not there before: as many of those who wait are woken, paced, the first at once. Those that came before the pool was found empty were gone by then: they wake nobody, and it stays known
    /// to be empty.
    /// </summary>
    /// <param name="credits">How many came; at least 1.</param>
    /// <param name="arriveTime">When they came, which may be told late.</param>
    /// <param name="jitter">0 to 1.</param>
    /// <param name="now">The time.</param>
    public (Demand Demand, ImmutableArray<Wake> Wakes) CreditsArrived(long credits, DateTimeOffset arriveTime, double jitter, DateTimeOffset now)
    {
        if (arriveTime < ExhaustedAt)
            return (this, []);
        var (demand, wakes) = Woken(credits, jitter, now);
        return (demand with { ExhaustedUntil = null, ExhaustedAt = null }, wakes);
    }

    /// <summary>A credit that somebody had taken, or was to take, is free again: the next is woken. It says nothing of what the provider has.</summary>
    public (Demand Demand, ImmutableArray<Wake> Wakes) CreditReturned(double jitter, DateTimeOffset now) => Woken(1, jitter, now);

    private (Demand Demand, ImmutableArray<Wake> Wakes) Woken(long credits, double jitter, DateTimeOffset now)
    {
        var wakes = ImmutableArray.CreateBuilder<Wake>();
        var after = ImmutableArray.CreateBuilder<WaitingForCredit>(Waiting.Length);
        foreach (var waiting in Waiting)
        {
            if (waiting.WakeTime < now - WokenAge)
                continue;
            if (waiting.WakeTime is not null || wakes.Count >= credits)
            {
                after.Add(waiting);
                continue;
            }

            var wake = new Wake(waiting.MessageId, now + Pace * (wakes.Count * (0.5 + jitter)));
            wakes.Add(wake);
            after.Add(waiting with { WakeTime = wake.At, TurnTime = wake.At });
        }

        return (this with { Waiting = after.ToImmutable() }, wakes.ToImmutable());
    }

    /// <summary>How many go before a message: those that matter more, and those that matter as much and came earlier.</summary>
    public int Ahead(string messageId, Priority priority)
    {
        var rank = priority.Rank();
        var ahead = 0;
        foreach (var waiting in Waiting)
        {
            if (waiting.MessageId == messageId || waiting.Rank < rank)
                break;
            ahead++;
        }

        return ahead;
    }

    private static ImmutableArray<WaitingForCredit> Ordered(ImmutableArray<WaitingForCredit> waiting) =>
        [.. waiting.OrderByDescending(entry => entry.Rank).ThenBy(entry => entry.Since).ThenBy(entry => entry.MessageId, StringComparer.Ordinal)];
}
