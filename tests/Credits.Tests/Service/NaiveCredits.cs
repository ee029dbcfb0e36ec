namespace Pennypost.Credits.Tests.Service;

/// <summary>
/// The same product rules written a second time, as simply as can be: a list of single credits, each with its end and what became of it. It knows no lots, no totals
/// and no journal, and shares no code with the ledger. Sales Navigator's plan without time-outs and corrections.
/// </summary>
internal sealed class NaiveCredits
{
    private readonly List<Credit> credits = [];
    private readonly Dictionary<string, Hold> holds = [];
    private DateTimeOffset nextRenewal;

    public NaiveCredits(DateTimeOffset now)
    {
        nextRenewal = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);
        Grant(now);
    }

    public int Free => credits.Count(credit => credit.State == "free");

    public int Held => credits.Count(credit => credit.State == "held");

    public int Spent => credits.Count(credit => credit.State == "spent");

    public int Expired => credits.Count(credit => credit.State == "expired");

    public int Forfeited { get; private set; }

    public int Refunded { get; private set; }

    public void Pass(DateTimeOffset now)
    {
        while (nextRenewal <= now)
        {
            Expire(nextRenewal);
            Grant(nextRenewal);
            nextRenewal = nextRenewal.AddMonths(1);
        }

        Expire(now);
    }

    public string Place(string id, string account, DateTimeOffset now)
    {
        Pass(now);
        if (holds.TryGetValue(id, out var known))
            return known.Account is null ? "HOLD_ID_REFUSED" : known.Account != account ? "HOLD_ID_REUSED" : known.Refusal ?? "placed";
        var credit = credits.Where(credit => credit.State == "free").MinBy(credit => credit.Ends);
        if (credit is null)
        {
            var refusal = credits.Any(held => held.State == "held" && held.Ends > now) ? "CREDITS_HELD" : "INSUFFICIENT_CREDITS";
            holds[id] = new Hold { Account = account, Refusal = refusal, PlacedAt = now };
            return refusal;
        }

        credit.State = "held";
        holds[id] = new Hold { Account = account, Credit = credit, PlacedAt = now };
        return "placed";
    }

    public string Capture(string id, DateTimeOffset sentAt, DateTimeOffset now)
    {
        Pass(now);
        if (!holds.TryGetValue(id, out var hold)) return "HOLD_NOT_FOUND";
        Spend(hold, now);
        hold.SentAt ??= sentAt > hold.PlacedAt ? sentAt : hold.PlacedAt;
        TryRefund(hold, now);
        return "captured";
    }

    public string Release(string id, DateTimeOffset now)
    {
        Pass(now);
        if (!holds.TryGetValue(id, out var hold))
        {
            holds[id] = new Hold { PlacedAt = now, Refusal = "HOLD_ID_REFUSED" };
            return "released";
        }

        if (hold.Spent) return "HOLD_SETTLED";
        if (hold.Credit is { } credit)
        {
            credit.State = "free";
            hold.Credit = null;
            hold.Released = true;
            Expire(now);
        }

        return "released";
    }

    public string Refund(string id, DateTimeOffset repliedAt, DateTimeOffset now)
    {
        Pass(now);
        if (!holds.TryGetValue(id, out var hold)) return "HOLD_NOT_FOUND";
        if (hold.Refunded) return "AlreadyRefunded";
        if (hold.RepliedAt is null || repliedAt < hold.RepliedAt) hold.RepliedAt = repliedAt;
        if (!hold.Spent && (hold.Released || hold.Refusal is not null)) return "NotSpent";
        Spend(hold, now);
        TryRefund(hold, now);
        return hold.Refunded ? "Refunded" : "TooLate";
    }

    private void Spend(Hold hold, DateTimeOffset now)
    {
        if (hold.Spent) return;
        // Sent although it was not held: another credit pays, or one that nobody knew of.
        if (hold.Credit is null)
        {
            hold.Credit = credits.Where(credit => credit.State == "free").MinBy(credit => credit.Ends);
            if (hold.Credit is null) credits.Add(hold.Credit = new Credit { Ends = now.AddDays(90) });
        }

        hold.Credit.State = "spent";
        hold.Spent = true;
    }

    private void TryRefund(Hold hold, DateTimeOffset now)
    {
        if (hold.Refunded || hold.RepliedAt is not { } replied || replied > (hold.SentAt ?? hold.PlacedAt).AddDays(90)) return;
        hold.Refunded = true;
        Refunded++;
        credits.Add(new Credit { Ends = new DateTimeOffset((replied < now ? replied : now).UtcDateTime.Date, TimeSpan.Zero).AddDays(91) });
        Expire(now);
    }

    private void Grant(DateTimeOffset at)
    {
        for (var i = 0; i < 50; i++)
        {
            if (Free + Held >= 150) Forfeited++;
            else credits.Add(new Credit { Ends = at.AddDays(90) });
        }
    }

    private void Expire(DateTimeOffset now)
    {
        foreach (var credit in credits)
            if (credit.State == "free" && credit.Ends <= now) credit.State = "expired";
    }

    private sealed class Credit
    {
        public required DateTimeOffset Ends { get; init; }

        public string State { get; set; } = "free";
    }

    private sealed class Hold
    {
        public string? Account { get; init; }

        public required DateTimeOffset PlacedAt { get; init; }

        public string? Refusal { get; init; }

        public Credit? Credit { get; set; }

        public bool Spent { get; set; }

        public bool Released { get; set; }

        public bool Refunded { get; set; }

        public DateTimeOffset? SentAt { get; set; }

        public DateTimeOffset? RepliedAt { get; set; }
    }
}
