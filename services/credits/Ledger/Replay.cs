using System.Collections.Immutable;
using System.Globalization;

namespace Pennypost.Ledger;

/// <summary>
/// Rebuilds a pool from its journal, line by line, by its own arithmetic. What comes out must be the pool that the commands made: that is the proof of the journal. Fed
/// with the lines up to a moment it is the pool of that moment.
/// </summary>
public sealed class Replay
{
    private Pool? pool;
    private bool isWrong;

    /// <summary>Begins before the first line.</summary>
    public Replay()
    {
    }

    /// <summary>Begins after the lines that made this pool.</summary>
    public Replay(Pool checkpoint)
    {
        pool = checkpoint;
        Lines = checkpoint.Lines;
    }

    /// <summary>The pool as the lines left it; null before the first.</summary>
    public Pool? Pool => pool;

    /// <summary>How many lines the pool has had.</summary>
    public long Lines { get; private set; }

    /// <summary>Adds the next line, and says what is wrong with it; null when nothing is.</summary>
    public string? Add(Entry line)
    {
        Lines++;
        var wrong = line.Kind == EntryKind.Created ? Open(line) : Book(line);
        if (pool is null)
        {
            return Wrong(line, wrong!);
        }

        pool = pool with { Lines = Lines, AsOf = line.DueAt > pool.AsOf ? line.DueAt : pool.AsOf };
        if (pool.NextRenewalAt is { } renewal && renewal - pool.Terms.AnnounceBefore <= line.DueAt)
        {
            // Whether forfeits are to be announced is looked at once, when that is due, whether or not there are any.
            pool = pool with { RenewalAnnounced = renewal };
        }

        if (wrong is not null)
        {
            return Wrong(line, wrong);
        }

        var (available, held) = Sum(pool);
        return available == line.Available && held == line.Held ? null : Wrong(
            line,
            string.Create(CultureInfo.InvariantCulture, $"says {line.Available} available and {line.Held} held; the lines up to it say {available} and {held}"));
    }

    /// <summary>The pool that the lines made, at a moment that is not before the last of them: what was due by then and not booked yet is booked as the ledger will. Null before the first line.</summary>
    public Pool? At(DateTimeOffset moment) => pool is null ? null : LedgerRules.At(pool, moment).Pool;

    /// <summary>Where the pool that the lines made and this one disagree, in words; empty when nowhere.</summary>
    public ImmutableArray<string> Differences(Pool other)
    {
        if (pool is null)
        {
            return ["no line opened the pool"];
        }

        var found = ImmutableArray.CreateBuilder<string>();
        // Not in the lines, and not shown with the pool: what seats and campaigns used, and what was announced meanwhile.
        var mine = pool with { AsOf = other.AsOf };
        if (!isWrong)
        {
            // The ledger's own rules are asked only about a pool that makes sense.
            var rebuilt = LedgerRules.At(pool, other.AsOf);
            mine = mine with { Unconfirmed = rebuilt.Pool!.Unconfirmed };
            if (!rebuilt.Entries.IsEmpty)
            {
                found.Add(string.Create(CultureInfo.InvariantCulture, $"{rebuilt.Entries.Length} lines are missing that were due by {other.AsOf:O}"));
            }
        }

        Compare("number of lines", mine.Lines, other.Lines);
        Compare("id", mine.Id, other.Id);
        Compare("opening", mine.Opening, other.Opening);
        Compare("plan", mine.Plan, other.Plan);
        Compare("beginning of the period", mine.PeriodAt, other.PeriodAt);
        Compare("time of opening", mine.OpenedAt, other.OpenedAt);
        Compare("next renewal", mine.NextRenewalAt, other.NextRenewalAt);
        Compare("next lot", mine.NextLot, other.NextLot);
        Compare("totals", mine.Totals, other.Totals);
        Compare("shortfall", mine.Shortfall, other.Shortfall);
        Compare("refunds awaited", Math.Min(mine.Awaited, mine.Provisional), Math.Min(other.Awaited, other.Provisional));
        Compare("credits that nothing explained", mine.Ahead, other.Ahead);
        Compare("last look at the balance", mine.ReadAt, other.ReadAt);
        Compare("last spend", mine.LastSpentAt, other.LastSpentAt);
        Compare("last credits that came", mine.LastAddedAt, other.LastAddedAt);
        CompareEach("lot", mine.Lots, other.Lots);
        CompareEach("hold that ends by itself", mine.Timers, [.. other.Timers.Select(timer => timer with { Charge = default })]);
        CompareEach("day of unconfirmed refunds", mine.Unconfirmed, other.Unconfirmed);
        return found.ToImmutable();

        void Compare<T>(string what, T lines, T pool)
        {
            if (!EqualityComparer<T>.Default.Equals(lines, pool))
            {
                found.Add(string.Create(CultureInfo.InvariantCulture, $"{what}: the lines make {lines}, the pool has {pool}"));
            }
        }

        void CompareEach<T>(string what, ImmutableArray<T> lines, ImmutableArray<T> pool)
        {
            Compare($"number of {what}s", lines.Length, pool.Length);
            for (var at = 0; at < Math.Min(lines.Length, pool.Length); at++)
            {
                Compare(string.Create(CultureInfo.InvariantCulture, $"{what} {at + 1}"), lines[at], pool[at]);
            }
        }
    }

    private string Wrong(Entry line, string wrong)
    {
        isWrong = true;
        return string.Create(CultureInfo.InvariantCulture, $"line {Lines} ({line.Kind}) {wrong}");
    }

    private string? Open(Entry line)
    {
        if (pool is not null)
        {
            return "opens the pool once more";
        }

        if (line is not { Opening: { } opening, Plan: { } plan })
        {
            return "does not say what the pool was opened with";
        }

        pool = new Pool
        {
            Id = line.CauseId,
            Opening = opening,
            Plan = plan,
            OpenedAt = line.DueAt,
            AsOf = line.DueAt,
            PeriodAt = line.DueAt,
            NextRenewalAt = NextRenewal(plan, line.DueAt),
        };
        return null;
    }

    private static DateTimeOffset? NextRenewal(PlanInForce plan, DateTimeOffset now) =>
        plan is { CancelledAt: null, Terms.MonthlyGrant: > 0 } ? plan.Renewal.NextAfter(now) : null;

    /// <summary>What each kind of line does to a pool.</summary>
    private string? Book(Entry line)
    {
        if (pool is null)
        {
            return "stands before the line that opens the pool";
        }

        if (line.DueAt < pool.AsOf)
        {
            return string.Create(CultureInfo.InvariantCulture, $"was due at {line.DueAt:O}, before the line in front of it");
        }

        var (totals, credits) = (pool.Totals, line.Credits);
        pool = pool with { Shortfall = pool.Shortfall + line.Owed, Plan = line.Plan ?? pool.Plan };
        switch (line.Kind)
        {
            case EntryKind.Granted:
                pool = line.NewLot == LotSource.Grant ? pool with { NextRenewalAt = pool.Renewal.NextAfter(line.DueAt), PeriodAt = line.DueAt } : pool;
                return Come(line, totals with { Granted = totals.Granted + credits });

            case EntryKind.ToppedUp:
                return Come(line, totals with { ToppedUp = totals.ToppedUp + credits });

            case EntryKind.Refunded:
                var comes = Come(line, totals with { Refunded = totals.Refunded + credits });
                // One that comes into a lot that has ended ends with it at once, and is not waited for.
                pool = pool with { AsOf = line.DueAt };
                pool = pool.Lots.Any(lot => lot.Number == line.Lot && !lot.HasEnded(line.DueAt))
                    ? pool with { Awaited = Math.Min(pool.Awaited, pool.Provisional), Unconfirmed = Refunding.WithUnconfirmed(pool.Unconfirmed, line.DueAt, pool.Terms) }
                    : pool;
                return comes;

            case EntryKind.Adjusted when credits > 0:
                return Come(line, totals with { Adjusted = totals.Adjusted + credits });

            case EntryKind.Adjusted when line.HoldId.Length > 0:
                // The refund just before had been in a balance already.
                pool = pool with { Ahead = pool.Ahead - 1, Unconfirmed = WithoutLast(pool.Unconfirmed) };
                return Move(line, credits, 0, totals with { Adjusted = totals.Adjusted + credits });

            case EntryKind.Adjusted:
                return Move(line, credits, 0, totals with { Adjusted = totals.Adjusted + credits });

            case EntryKind.Held:
                pool = line.HoldExpiresAt is { } end ? pool with { Timers = HoldTimer.Add(pool.Timers, new HoldTimer(end, line.HoldId, line.Lot)) } : pool;
                return Move(line, -credits, credits, totals);

            case EntryKind.Captured:
                pool = pool with { Timers = HoldTimer.Drop(pool.Timers, line.HoldId), LastSpentAt = line.DueAt };
                return Move(line, 0, -credits, totals with { Spent = totals.Spent + credits });

            case EntryKind.Released or EntryKind.TimedOut:
                pool = pool with { Timers = HoldTimer.Drop(pool.Timers, line.HoldId) };
                return Move(line, credits, -credits, totals);

            case EntryKind.Expired:
                return Move(line, -credits, 0, totals with { Expired = totals.Expired + credits });

            case EntryKind.Voided:
                return End(line, totals with { Voided = totals.Voided + credits });

            case EntryKind.Forfeited when line.LotExpiresAt is not null:
                return End(line, totals with { Forfeited = totals.Forfeited + credits });

            case EntryKind.Forfeited when line.HoldId.Length > 0:
                // The refund just before did not stay.
                pool = pool with { Unconfirmed = WithoutLast(pool.Unconfirmed) };
                return Move(line, -credits, 0, totals with { Forfeited = totals.Forfeited + credits });

            case EntryKind.Forfeited:
                return Move(line, -credits, 0, totals with { Forfeited = totals.Forfeited + credits });

            case EntryKind.Reconciled:
                // Whoever sees every credit that the ledger has sees the refunds among them.
                var ahead = credits < 0 ? pool.Ahead - Math.Min(pool.Ahead, -credits) : pool.Ahead + Math.Max(0, credits + line.Owed);
                pool = pool with { ReadAt = line.ReadAt, Awaited = line.Awaited, Ahead = ahead, Unconfirmed = credits >= 0 && line.Awaited == 0 ? [] : pool.Unconfirmed };
                return null;

            case EntryKind.Imported:
                pool = pool with { Totals = totals with { Adjusted = totals.Adjusted + credits, Spent = totals.Spent + credits } };
                return null;

            case EntryKind.PlanChanged:
                pool = pool with
                {
                    NextRenewalAt = NextRenewal(pool.Plan, line.DueAt),
                    PeriodAt = pool.Plan.CancelledAt is null ? line.DueAt : pool.PeriodAt,
                    Unconfirmed = [],
                    Awaited = 0,
                    Ahead = 0,
                };
                return null;

            case EntryKind.TermsChanged:
                pool = pool with { NextRenewalAt = NextRenewal(pool.Plan, line.DueAt) };
                return null;

            case EntryKind.ExpiryAnnounced:
                pool = pool with { ExpiryAnnounced = line.At };
                return null;

            case EntryKind.Refused or EntryKind.Drifted or EntryKind.LimitChanged or EntryKind.ForfeitAnnounced:
                return null;

            default:
                return "is of a kind that this version does not know";
        }
    }

    private string? Come(Entry line, Totals totals)
    {
        pool = pool! with { LastAddedAt = line.DueAt };
        if (line.NewLot is not { } source)
        {
            return Move(line, line.Credits, 0, totals);
        }

        var lot = new Lot
        {
            Number = line.Lot,
            Source = source,
            EffectiveAt = line.DueAt,
            ExpiresAt = line.LotExpiresAt,
            UnitCostMicros = line.UnitCostMicros,
            Currency = line.Currency,
            Available = line.Credits,
        };
        var expected = pool.NextLot;
        pool = pool with { Lots = With(pool.Lots, lot), NextLot = line.Lot + 1, Totals = totals };
        return line.Lot == expected ? null : string.Create(CultureInfo.InvariantCulture, $"brings lot {line.Lot} where {expected} is next");
    }

    /// <summary>The lot ends now: what of it is not held is gone.</summary>
    private string? End(Entry line, Totals totals)
    {
        var wrong = Move(line, -line.Credits, 0, totals);
        var left = pool!.Lots.FirstOrDefault(lot => lot.Number == line.Lot);
        if (left is not null)
        {
            pool = pool with { Lots = With(pool.Lots.Remove(left), left with { ExpiresAt = line.LotExpiresAt }) };
        }

        // One whose credits are all held is there before, and stays.
        return wrong;
    }

    private static ImmutableArray<Lot> With(ImmutableArray<Lot> lots, Lot lot)
    {
        var at = 0;
        while (at < lots.Length && !lots[at].EndsAfter(lot))
        {
            at++;
        }

        return lots.Insert(at, lot);
    }

    private static ImmutableArray<ProvisionalRefunds> WithoutLast(ImmutableArray<ProvisionalRefunds> days) =>
        days is not [.., var last] ? days
        : last.Credits > 1 ? days.SetItem(days.Length - 1, last with { Credits = last.Credits - 1 })
        : days.RemoveAt(days.Length - 1);

    private string? Move(Entry line, long available, long held, Totals totals)
    {
        pool = pool! with { Totals = totals };
        for (var at = 0; at < pool.Lots.Length; at++)
        {
            var lot = pool.Lots[at];
            if (lot.Number == line.Lot)
            {
                lot = lot with { Available = lot.Available + available, Held = lot.Held + held };
                pool = pool with { Lots = lot is { Available: 0, Held: 0 } ? pool.Lots.RemoveAt(at) : pool.Lots.SetItem(at, lot) };
                return lot is { Available: >= 0, Held: >= 0 } ? null : string.Create(CultureInfo.InvariantCulture, $"takes more than lot {line.Lot} has");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"moves credits of lot {line.Lot}, which is not there");
    }

    private static (long Available, long Held) Sum(Pool pool)
    {
        long available = 0, held = 0;
        foreach (var lot in pool.Lots)
        {
            available += lot.Available;
            held += lot.Held;
        }

        return (available, held);
    }
}
