namespace Pennypost.Ledger;

/// <summary>
/// The replies that are to be expected of sends, at one reply rate. They come in parts; whole ones are told when the parts add up to one, of the oldest sends first. It lives inside one forecast.
/// </summary>
internal sealed class ExpectedReplies
{
    private readonly List<Cohort> cohorts = [];
    private readonly double halfLifeMs;
    private readonly TimeSpan window;
    private readonly double rate;
    private DateTimeOffset until;
    private double owed;

    public ExpectedReplies(Outlook outlook, TimeSpan refundWindow, DateTimeOffset now, double rate)
    {
        (halfLifeMs, window, this.rate, until) = (outlook.ReplyHalfLife.TotalMilliseconds, refundWindow, rate, now);
        foreach (var past in outlook.Unanswered.OrderBy(past => past.SentAt))
        {
            // Of those that were not answered so far fewer will be than of new ones.
            var answered = Answered(past.SentAt, now);
            var weight = rate * answered < 1 ? 1 / (1 - (rate * answered)) : 0;
            cohorts.Add(new Cohort(past.SentAt, null, weight) { Count = past.Credits });
        }
    }

    /// <summary>One more was sent, with a credit of this end.</summary>
    public void Sent(DateTimeOffset at, DateTimeOffset? lotExpiresAt)
    {
        if (cohorts is not [.., { Weight: 1 } last] || last.SentAt != at || last.LotExpiresAt != lotExpiresAt)
        {
            cohorts.Add(last = new Cohort(at, lotExpiresAt, 1));
        }

        last.Count++;
    }

    /// <summary>The replies since the last look that are within the refund window: whole ones, each with its send, and in parts.</summary>
    public (List<(DateTimeOffset SentAt, DateTimeOffset RepliedAt, DateTimeOffset? LotExpiresAt)> Whole, double Parts) Until(DateTimeOffset now)
    {
        var parts = 0.0;
        foreach (var cohort in cohorts)
        {
            parts += cohort.Count * rate * cohort.Weight * (Answered(cohort.SentAt, now) - Answered(cohort.SentAt, until));
        }

        owed += parts;
        var whole = new List<(DateTimeOffset, DateTimeOffset, DateTimeOffset?)>();
        for (; owed >= 1 - 1e-9 && cohorts.Find(cohort => cohort.Replied < cohort.Count && cohort.SentAt + window > until) is { } oldest; owed--)
        {
            oldest.Replied++;
            var end = oldest.SentAt + window;
            whole.Add((oldest.SentAt, now < end ? now : end, oldest.LotExpiresAt));
        }

        until = now;
        cohorts.RemoveAll(cohort => cohort.SentAt + window <= now);
        return (whole, parts);
    }

    // Of those that are ever answered, the share that is by then, or by the end of the window.
    private double Answered(DateTimeOffset sentAt, DateTimeOffset by) =>
        1 - Math.Pow(2, -Math.Clamp((by - sentAt).TotalMilliseconds, 0, window.TotalMilliseconds) / halfLifeMs);

    private sealed class Cohort(DateTimeOffset sentAt, DateTimeOffset? lotExpiresAt, double weight)
    {
        public DateTimeOffset SentAt => sentAt;

        public DateTimeOffset? LotExpiresAt => lotExpiresAt;

        /// <summary>How much more an unanswered one counts than a new one does.</summary>
        public double Weight => weight;

        public long Count { get; set; }

        public long Replied { get; set; }
    }
}
