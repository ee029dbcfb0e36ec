using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Pennypost.Ledger;

/// <summary>
/// A pool while one decision is made on it: the only place where credits move. Every movement is one method, which changes the lots and the totals and writes the
/// journal's line together, so that they cannot disagree. It lives inside one call and is never seen outside.
/// </summary>
internal sealed class Draft
{
    private readonly Pool before;
    private readonly List<Lot> lots;
    private readonly ImmutableArray<Entry>.Builder entries = ImmutableArray.CreateBuilder<Entry>();
    private Totals totals;
    private long available;
    private long held;
    private string cause = "";

    public Draft(Pool pool)
    {
        before = pool;
        lots = [.. pool.Lots];
        totals = pool.Totals;
        Now = pool.AsOf;
        Plan = pool.Plan;
        NextRenewalAt = pool.NextRenewalAt;
        PeriodAt = pool.PeriodAt;
        Seats = pool.Seats;
        Budgets = pool.Budgets;
        RenewalAnnounced = pool.RenewalAnnounced;
        ExpiryAnnounced = pool.ExpiryAnnounced;
        Timers = pool.Timers;
        NextLot = pool.NextLot;
        Shortfall = pool.Shortfall;
        Unconfirmed = pool.Unconfirmed;
        Awaited = Math.Min(pool.Awaited, Provisional);
        Ahead = pool.Ahead;
        ReadAt = pool.ReadAt;
        LastSpentAt = pool.LastSpentAt;
        LastAddedAt = pool.LastAddedAt;
        foreach (var lot in lots)
        {
            available += lot.Available;
            held += lot.Held;
        }
    }

    public PlanInForce Plan { get; private set; }

    public Terms Terms => Plan.Terms;

    public Renewal Renewal => Plan.Renewal;

    /// <summary>The moment that is being booked: it walks through what was due, and ends at the command's time.</summary>
    public DateTimeOffset Now { get; set; }

    public DateTimeOffset OpenedAt => before.OpenedAt;

    public DateTimeOffset? NextRenewalAt { get; set; }

    public DateTimeOffset PeriodAt { get; set; }

    public ImmutableArray<Seat> Seats { get; set; }

    public ImmutableArray<Budget> Budgets { get; set; }

    public DateTimeOffset? RenewalAnnounced { get; set; }

    public DateTimeOffset? ExpiryAnnounced { get; set; }

    public ImmutableArray<HoldTimer> Timers { get; private set; }

    public long NextLot { get; private set; }

    public long Shortfall { get; private set; }

    public ImmutableArray<ProvisionalRefunds> Unconfirmed { get; set; }

    public long Awaited { get; set; }

    public long Ahead { get; set; }

    public DateTimeOffset? ReadAt { get; private set; }

    public DateTimeOffset? LastSpentAt { get; private set; }

    public DateTimeOffset? LastAddedAt { get; private set; }

    public IReadOnlyList<Lot> Lots => lots;

    /// <summary>The same, without an enumerator: this is looked at by every decision.</summary>
    public ReadOnlySpan<Lot> LotsInOrder => CollectionsMarshal.AsSpan(lots);

    /// <summary>No lot takes effect later than it comes, and one that ends is expired before anything else at that moment: what is not held is available.</summary>
    public long Available => available;

    public long Held => held;

    /// <summary>Held credits that would be available again if they were released now.</summary>
    public long Returnable
    {
        get
        {
            long sum = 0;
            foreach (var lot in lots)
            {
                sum += lot.HasEnded(Now) ? 0 : lot.Held;
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
                sum += day.ConfirmedAt > Now ? day.Credits : 0;
            }

            return sum;
        }
    }

    /// <summary>From here on lines name this command as their cause.</summary>
    public void CausedBy(string id) => cause = id;

    /// <summary>When a lot that begins at <paramref name="start"/> ends by the plan's rule.</summary>
    public DateTimeOffset? EndOfLot(DateTimeOffset start) => start + Terms.LotAge;

    /// <summary>Credits come as a lot of their own.</summary>
    public Lot Bring(EntryKind kind, LotSource source, long credits, DateTimeOffset? expiresAt, long unitCostMicros = 0, string currency = "", string holdId = "")
    {
        var lot = new Lot
        {
            Number = NextLot++,
            Source = source,
            EffectiveAt = Now,
            ExpiresAt = expiresAt,
            UnitCostMicros = unitCostMicros,
            Currency = currency,
            Available = credits,
        };
        Insert(lot);
        Came(kind, credits);
        Write(new Entry
        {
            Kind = kind,
            DueAt = Now,
            Credits = credits,
            Lot = lot.Number,
            NewLot = source,
            LotExpiresAt = expiresAt,
            UnitCostMicros = unitCostMicros,
            Currency = currency,
            HoldId = holdId,
        });
        return lot;
    }

    /// <summary>Credits come into a lot that is there.</summary>
    public Lot Add(EntryKind kind, Lot lot, long credits, string holdId = "")
    {
        var after = Replace(lot, lot with { Available = lot.Available + credits });
        Came(kind, credits);
        Write(kind, credits, lot.Number, holdId);
        return after;
    }

    /// <summary>Sets the credit aside that is next to go.</summary>
    public Lot Hold(string holdId, DateTimeOffset? expiresAt = null)
    {
        var lot = Next();
        var after = Replace(lot, lot with { Available = lot.Available - 1, Held = lot.Held + 1 });
        available--;
        held++;
        Write(new Entry { Kind = EntryKind.Held, DueAt = Now, Credits = 1, Lot = lot.Number, HoldId = holdId, HoldExpiresAt = expiresAt });
        return after;
    }

    /// <summary>Spends a held credit.</summary>
    public void Capture(long lotNumber, string holdId)
    {
        var lot = Find(lotNumber);
        Replace(lot, lot with { Held = lot.Held - 1 });
        held--;
        totals = totals with { Spent = totals.Spent + 1 };
        LastSpentAt = Now;
        Write(EntryKind.Captured, 1, lotNumber, holdId);
    }

    /// <summary>Puts a held credit back; if its lot has ended meanwhile, it ends with it.</summary>
    public void PutBack(EntryKind kind, long lotNumber, string holdId)
    {
        var lot = Find(lotNumber);
        var after = lot with { Held = lot.Held - 1, Available = lot.Available + 1 };
        Replace(lot, after);
        held--;
        available++;
        Write(kind, 1, lotNumber, holdId);
        if (after.HasEnded(Now))
        {
            Expire(after);
        }
    }

    /// <summary>A lot's unheld credits end with it.</summary>
    public void Expire(Lot lot)
    {
        Replace(lot, lot with { Available = 0 });
        available -= lot.Available;
        totals = totals with { Expired = totals.Expired + lot.Available };
        Write(EntryKind.Expired, lot.Available, lot.Number);
    }

    /// <summary>Unheld credits of a lot give way to the cap.</summary>
    public void Forfeit(Lot lot, long credits, string holdId = "")
    {
        Replace(lot, lot with { Available = lot.Available - credits });
        available -= credits;
        totals = totals with { Forfeited = totals.Forfeited + credits };
        Write(EntryKind.Forfeited, credits, lot.Number, holdId);
    }

    /// <summary>
    /// A lot ends before its time: its unheld credits are gone, under <paramref name="kind"/>, and those that are held end with it if they come back.
    /// </summary>
    public void End(Lot lot, EntryKind kind)
    {
        lots.Remove(lot);
        Insert(lot with { Available = 0, ExpiresAt = Now });
        available -= lot.Available;
        totals = kind == EntryKind.Voided ? totals with { Voided = totals.Voided + lot.Available } : totals with { Forfeited = totals.Forfeited + lot.Available };
        Write(new Entry { Kind = kind, DueAt = Now, Credits = lot.Available, Lot = lot.Number, LotExpiresAt = Now });
    }

    /// <summary>The pool comes to other rules.</summary>
    public void Come(EntryKind kind, PlanInForce plan, long owed = 0)
    {
        Plan = plan;
        Shortfall += owed;
        Write(new Entry { Kind = kind, DueAt = Now, Owed = owed, Plan = plan, Opening = kind == EntryKind.Created ? before.Opening : null });
    }

    /// <summary>The provider's balance was compared: what differed, and by how much the shortfall rose.</summary>
    public void Compare(long drift, long owed, DateTimeOffset readAt)
    {
        Shortfall += owed;
        ReadAt = readAt;
        Write(new Entry { Kind = EntryKind.Reconciled, DueAt = Now, Credits = drift, Owed = owed, ReadAt = readAt, Awaited = Awaited });
    }

    /// <summary>A send that the balance knew before the ledger did: it came in and went out.</summary>
    public void Import(string holdId)
    {
        totals = totals with { Adjusted = totals.Adjusted + 1, Spent = totals.Spent + 1 };
        Write(EntryKind.Imported, 1, 0, holdId);
    }

    /// <summary>A line that says what will come.</summary>
    public void Foretell(EntryKind kind, long credits, DateTimeOffset at) => Write(new Entry { Kind = kind, DueAt = Now, Credits = credits, At = at });

    /// <summary>How many credits the renewal then will forfeit if nothing else happens.</summary>
    public long ForfeitsAt(DateTimeOffset renewal) => Passing.ForfeitsAt(ToPool(), renewal);

    /// <summary>A correction takes credits that are available, those that would go first; <paramref name="settles"/> of what the pool owes is thereby paid.</summary>
    public void Take(long credits, bool settles)
    {
        while (credits > 0)
        {
            var lot = Next();
            var part = Math.Min(credits, lot.Available);
            Replace(lot, lot with { Available = lot.Available - part });
            available -= part;
            credits -= part;
            totals = totals with { Adjusted = totals.Adjusted - part };
            var owed = settles ? -part : 0;
            Shortfall += owed;
            Write(EntryKind.Adjusted, -part, lot.Number, owed: owed);
        }
    }

    /// <summary>What a correction brought is what the hold's refund brings: it goes, from what corrections brought if that is there.</summary>
    public void Explain(string holdId)
    {
        var lot = LotOf(LotSource.Adjustment) ?? Next();
        Replace(lot, lot with { Available = lot.Available - 1 });
        available--;
        Ahead--;
        totals = totals with { Adjusted = totals.Adjusted - 1 };
        Write(EntryKind.Adjusted, -1, lot.Number, holdId);
    }

    private Lot? LotOf(LotSource source)
    {
        foreach (var lot in lots)
        {
            if (lot.Source == source && lot.Available > 0)
            {
                return lot;
            }
        }

        return null;
    }

    /// <summary>A line that moves no credits.</summary>
    public void Note(EntryKind kind, long credits = 0, string holdId = "") => Write(kind, credits, 0, holdId);

    public void AddTimer(HoldTimer timer) => Timers = HoldTimer.Add(Timers, timer);

    public void DropTimer(string holdId) => Timers = HoldTimer.Drop(Timers, holdId);

    /// <summary>A lot of that kind that has credits. One without is gone, as it will be for the next decision: what is booked must not depend on how commands are cut.</summary>
    public Lot? LotOf(LotSource source, DateTimeOffset? expiresAt)
    {
        foreach (var lot in lots)
        {
            if (lot.Source == source && lot.ExpiresAt == expiresAt && !lot.IsEmpty)
            {
                return lot;
            }
        }

        return null;
    }

    /// <summary>Ends the decision: what became available pays what is owed, empty lots go, and the pool is as of the command's time.</summary>
    public Decision Close(Kept? kept, Answer answer)
    {
        PayShortfall();
        Announcing.Announce(this);
        var pool = ToPool();
        return new Decision(pool, kept, entries.DrainToImmutable(), answer);
    }

    public void PayShortfall()
    {
        if (Shortfall > 0 && available > 0)
        {
            Take(Math.Min(Shortfall, available), settles: true);
        }
    }

    private Pool ToPool()
    {
        var unconfirmed = Unconfirmed;
        while (unconfirmed.Length > 0 && unconfirmed[0].ConfirmedAt <= Now)
        {
            unconfirmed = unconfirmed.RemoveAt(0);
        }

        return before with
        {
            AsOf = Now,
            Plan = Plan,
            NextRenewalAt = NextRenewalAt,
            PeriodAt = PeriodAt,
            Seats = Seats,
            Budgets = Budgets,
            RenewalAnnounced = RenewalAnnounced,
            ExpiryAnnounced = ExpiryAnnounced,
            Lots = [.. lots.Where(static lot => lot.Available > 0 || lot.Held > 0)],
            NextLot = NextLot,
            Timers = Timers,
            Totals = totals,
            Lines = before.Lines + entries.Count,
            Shortfall = Shortfall,
            Unconfirmed = unconfirmed,
            Awaited = Awaited,
            Ahead = Ahead,
            ReadAt = ReadAt,
            LastSpentAt = LastSpentAt,
            LastAddedAt = LastAddedAt,
        };
    }

    private void Came(EntryKind kind, long credits)
    {
        available += credits;
        LastAddedAt = Now;
        totals = kind switch
        {
            EntryKind.Granted => totals with { Granted = totals.Granted + credits },
            EntryKind.ToppedUp => totals with { ToppedUp = totals.ToppedUp + credits },
            EntryKind.Refunded => totals with { Refunded = totals.Refunded + credits },
            _ => totals with { Adjusted = totals.Adjusted + credits },
        };
    }

    private void Write(EntryKind kind, long credits, long lot, string holdId = "", long owed = 0) =>
        Write(new Entry { Kind = kind, DueAt = Now, Credits = credits, Lot = lot, HoldId = holdId, Owed = owed });

    private void Write(Entry line) => entries.Add(line with { CauseId = cause, Available = available, Held = held });

    private Lot Next()
    {
        Lot? bought = null;
        foreach (var lot in lots)
        {
            if (lot.Available == 0)
            {
                continue;
            }

            if (lot.Source != LotSource.TopUp || Terms.BurnOrder == BurnOrder.SoonestToExpire)
            {
                return lot;
            }

            bought ??= lot;
        }

        return bought ?? throw new InvalidOperationException("A credit was to be taken from a pool that has none available.");
    }

    private Lot Find(long number)
    {
        foreach (var lot in lots)
        {
            if (lot.Number == number)
            {
                return lot;
            }
        }

        throw new InvalidOperationException($"Lot {number} has held credits but is not in the pool.");
    }

    private Lot Replace(Lot was, Lot becomes)
    {
        var at = 0;
        while (lots[at].Number != was.Number)
        {
            at++;
        }

        lots[at] = becomes;
        return becomes;
    }

    private void Insert(Lot lot)
    {
        var at = 0;
        while (at < lots.Count && !lots[at].EndsAfter(lot))
        {
            at++;
        }

        lots.Insert(at, lot);
    }
}
