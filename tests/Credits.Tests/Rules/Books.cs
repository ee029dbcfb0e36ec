using System.Collections.Immutable;
using System.Globalization;
using Pennypost.Ledger;

namespace Pennypost.Credits.Tests.Rules;

/// <summary>One pool and all that it keeps, in memory. Every step is checked: credits are conserved, and the journal adds up to the pool.</summary>
internal sealed class Books
{
    private readonly Dictionary<string, Kept> kept = [];

    public List<Entry> Journal { get; } = [];

    public Pool Pool { get; private set; } = null!;

    /// <summary>The plan it was opened on.</summary>
    public Plan Opened { get; private set; } = null!;

    public DateTimeOffset Now { get; set; } = Time("2026-01-01T00:00:00Z");

    public static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToUniversalTime();

    /// <summary>A Sales Navigator pool unless told otherwise.</summary>
    public static Books Open(string at = "2026-01-01T00:00:00Z", string plan = "sales_navigator_core", Renewal? renewal = null, long? balance = null, Func<Terms, Terms>? rules = null)
    {
        var books = new Books { Now = Time(at) };
        var opening = books.Opening(plan, renewal, balance, rules);
        books.Opened = opening.Plan;
        books.Do(opening);
        return books;
    }

    public Command.OpenPool Opening(string plan = "sales_navigator_core", Renewal? renewal = null, long? balance = null, Func<Terms, Terms>? rules = null)
    {
        var row = PlanCatalog.Find(plan)!;
        row = row with { Terms = rules?.Invoke(row.Terms) ?? row.Terms };
        return new Command.OpenPool("pool", row, new Opening(row.Id, PlanCatalog.Version, renewal, balance)) { Now = Now };
    }

    public Answer Do(Command command)
    {
        var id = IdOf(command);
        var decision = LedgerRules.Decide(Pool, id is null ? null : kept.GetValueOrDefault(id), command);
        Pool = decision.Pool!;
        if (decision.Kept is { } record)
        {
            kept[id!] = record;
        }

        Journal.AddRange(decision.Entries);
        Check();
        return decision.Answer;
    }

    public Answer Place(string id = "h1", string account = "acc", TimeSpan? ttl = null, long floor = 0, bool highValue = false, string campaign = "") =>
        Do(new Command.PlaceHold(id, new HoldContent(account, ttl, floor, highValue, campaign)) { Now = Now });

    public Answer Capture(string id = "h1", DateTimeOffset? sentAt = null) => Do(new Command.CaptureHold(id, sentAt ?? Now) { Now = Now });

    public Answer Release(string id = "h1") => Do(new Command.ReleaseHold(id) { Now = Now });

    public Answer Refund(string id = "h1", DateTimeOffset? repliedAt = null, RefundTriggers trigger = RefundTriggers.Reply) =>
        Do(new Command.RefundHold(id, repliedAt ?? Now, trigger) { Now = Now });

    public Answer Import(string id = "i1", DateTimeOffset? sentAt = null) => Do(new Command.ImportSend(id, "acc", sentAt ?? Now) { Now = Now });

    public Answer ChangePlan(string plan, string id = "c1", Renewal? renewal = null, long? balance = null, TermsOverride? terms = null)
    {
        var row = PlanCatalog.Find(plan)!;
        return Do(new Command.ChangePlan(id, row, new Opening(row.Id, PlanCatalog.Version, renewal, balance, terms)) { Now = Now });
    }

    public Answer CancelPlan(string id = "c1") => Do(new Command.CancelPlan(id) { Now = Now });

    public Answer Void(long lot) => Do(new Command.VoidLot(lot) { Now = Now });

    public Answer PutSeat(string account, long? perPeriod = null, long? perWeek = null) => Do(new Command.PutSeat(account, perPeriod, perWeek) { Now = Now });

    public Answer PutBudget(string campaign, long? credits) => Do(new Command.PutBudget(campaign, credits) { Now = Now });

    public Answer TopUp(string id = "t1", long credits = 10, DateTimeOffset? expiresAt = null) =>
        Do(new Command.TopUp(id, new TopUpContent(credits, 10_000_000, "USD", expiresAt)) { Now = Now });

    public Finding Reconcile(long observed, string id = "r1", long unknownSends = 0, DateTimeOffset? observedAt = null) =>
        ((Answer.Reconciled)Do(new Command.Reconcile(id, new ReconciliationContent(observed, unknownSends, observedAt ?? Now)) { Now = Now })).Finding;

    public void At(string moment)
    {
        Now = Time(moment);
        Do(new Command.LetTimePass { Now = Now });
    }

    public Kept.Hold Hold(string id = "h1") => ((Kept.Hold)kept["h:" + id]).At(Pool.AsOf);

    /// <summary>Places and captures so many, one after the other.</summary>
    public void Spend(int credits, string prefix = "s")
    {
        for (var i = 0; i < credits; i++)
        {
            Assert.IsType<Answer.Placed>(Place($"{prefix}{i}"));
            Capture($"{prefix}{i}");
        }
    }

    public IEnumerable<string> Lines(params EntryKind[] kinds) => Journal
        .Where(line => kinds.Length == 0 || kinds.Contains(line.Kind))
        .Select(line => string.Create(CultureInfo.InvariantCulture, $"{line.DueAt:yyyy-MM-dd HH:mm} {line.Kind} {line.Credits}"));

    public void Check()
    {
        Assert.Empty(Conservation.Violations(Pool));
        var replay = new Replay();
        foreach (var line in Journal)
        {
            Assert.Null(replay.Add(line));
        }

        Assert.Empty(replay.Differences(Pool));
    }

    private static string? IdOf(Command command) => command switch
    {
        Command.PlaceHold c => "h:" + c.HoldId,
        Command.CaptureHold c => "h:" + c.HoldId,
        Command.ReleaseHold c => "h:" + c.HoldId,
        Command.RefundHold c => "h:" + c.HoldId,
        Command.TopUp c => "t:" + c.TopUpId,
        Command.Reconcile c => "r:" + c.ReconcileId,
        Command.ImportSend c => "h:" + c.HoldId,
        Command.ChangePlan c => "p:" + c.ChangeId,
        Command.CancelPlan c => "p:" + c.ChangeId,
        _ => null,
    };
}
