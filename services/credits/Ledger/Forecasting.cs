using System.Collections.Immutable;

namespace Pennypost.Ledger;

/// <summary>
/// Looks ahead. No second set of rules: the ledger itself is run into the future, with the sends and replies that are assumed, three times: at the expected reply rate, and at the two between which it
/// lies with nine chances in ten. A day begins with the replies of the day before, then its sends go out, while credits last; what finds none is not sent later.
/// </summary>
public static class Forecasting
{
    /// <summary>The probability that the reply rate is below the low one, and above the high one.</summary>
    public const double LowerTail = 0.05;

    /// <summary>What becomes of a pool from its own time on.</summary>
    /// <param name="pool">The pool, brought to now.</param>
    /// <param name="outlook">What is assumed.</param>
    /// <param name="whatIf">What else would be done; null for nothing.</param>
    public static Forecast Of(Pool pool, Outlook outlook, WhatIf? whatIf)
    {
        var expected = Course.Run(pool, outlook, whatIf, outlook.Replies.Mean);
        var low = Course.Run(pool, outlook, whatIf, outlook.Replies.Quantile(LowerTail));
        var high = Course.Run(pool, outlook, whatIf, outlook.Replies.Quantile(1 - LowerTail));
        if ((expected.Refusal ?? low.Refusal ?? high.Refusal) is { } refusal)
        {
            return refusal;
        }

        return new Forecast.Ahead
        {
            Days = [.. expected.Days.Select((day, at) => day with { Available = Estimate(course => course.Days[at].Available.Expected) })],
            Renewals = [.. expected.Renewals.Select((renewal, at) => renewal with { Forfeited = Estimate(course => course.Renewals[at].Forfeited.Expected) })],
            RunsOut = RunsOut(low.RunsOut, expected.RunsOut, high.RunsOut),
            Replies = Estimate(course => course.Replies),
            Sent = Estimate(course => course.Sent),
            Unsent = Estimate(course => course.Unsent),
            Forfeited = Estimate(course => course.Forfeited),
            Expired = Estimate(course => course.Expired),
        };

        // More replies do not always leave more: what comes back can be in the way of the next grant.
        Estimate<T> Estimate<T>(Func<Course, T> of)
            where T : IComparable<T>
        {
            var (a, b, c) = (of(low), of(expected), of(high));
            return new Estimate<T>(Least(a, Least(b, c)), b, Most(a, Most(b, c)));
        }

        static T Least<T>(T one, T other)
            where T : IComparable<T> => one.CompareTo(other) <= 0 ? one : other;

        static T Most<T>(T one, T other)
            where T : IComparable<T> => one.CompareTo(other) >= 0 ? one : other;
    }

    private static Estimate<DateOnly?> RunsOut(DateOnly? a, DateOnly? b, DateOnly? c)
    {
        DateOnly?[] all = [a, b, c];
        return new Estimate<DateOnly?>(all.Min(), b, all.Contains(null) ? null : all.Max());
    }

    /// <summary>One run of the ledger into the future, at one reply rate.</summary>
    private sealed class Course
    {
        private readonly Outlook outlook;
        private readonly ExpectedReplies replies;
        private readonly Queue<(DateTimeOffset At, PlannedTopUp? TopUp)> planned;
        private readonly Plan? nextPlan;
        private readonly TimeSpan refundWindow;
        private Pool pool;
        private string planId;
        private ForecastDay day = null!;
        private long bought;

        private Course(Pool pool, Outlook outlook, WhatIf? whatIf, double rate)
        {
            (this.pool, this.outlook, planId, nextPlan) = (pool, outlook, pool.Plan.Id, whatIf?.Plan);
            refundWindow = pool.Terms.RefundWindow;
            replies = new ExpectedReplies(outlook, refundWindow, pool.AsOf, pool.Terms.RefundTriggers.HasFlag(RefundTriggers.Reply) ? rate : 0);
            var steps = (whatIf?.TopUps ?? []).Select(topUp => (topUp.At, (PlannedTopUp?)topUp));
            if (nextPlan is not null)
            {
                steps = steps.Prepend((pool.NextRenewalAt ?? pool.AsOf, null));
            }

            planned = new(steps.OrderBy(step => step.At));
        }

        public List<ForecastDay> Days { get; } = [];

        public List<ForecastRenewal> Renewals { get; } = [];

        public DateOnly? RunsOut { get; private set; }

        public double Replies { get; private set; }

        public long Sent { get; private set; }

        public long Unsent { get; private set; }

        public long Forfeited { get; private set; }

        public long Expired { get; private set; }

        public Forecast.TopUpRefused? Refusal { get; private set; }

        public static Course Run(Pool pool, Outlook outlook, WhatIf? whatIf, double rate)
        {
            var course = new Course(pool, outlook, whatIf, rate);
            var start = pool.AsOf;
            var wanted = 0L;
            for (var days = 1; days <= outlook.Days && course.Refusal is null; days++)
            {
                var next = new DateTimeOffset(start.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
                var upToNow = (long)Math.Floor((outlook.SendsPerDay * days) + 1e-9);
                course.Live(start, next, upToNow - wanted);
                (start, wanted) = (next, upToNow);
            }

            return course;
        }

        private void Live(DateTimeOffset start, DateTimeOffset next, long sends)
        {
            day = new ForecastDay { Date = DateOnly.FromDateTime(start.UtcDateTime), Available = default };
            Until(start);
            Refund(start);
            Send(start, sends);
            Until(next.AddMilliseconds(-1));
            Days.Add(day with { Available = new Estimate<long>(0, pool.Available, 0) });
            Forfeited += day.Forfeited;
            Expired += day.Expired;
        }

        /// <summary>Lets time pass, and does what is planned on the way.</summary>
        private void Until(DateTimeOffset moment)
        {
            while (Refusal is null && planned.TryPeek(out var step) && step.At <= moment)
            {
                planned.Dequeue();
                if (step.TopUp is { } topUp)
                {
                    TopUp(topUp);
                }
                else
                {
                    ChangePlan(step.At, nextPlan!);
                }
            }

            Renew(LedgerRules.At(pool, moment));
        }

        private void TopUp(PlannedTopUp topUp)
        {
            var decision = LedgerRules.Decide(pool, null, new Command.TopUp($"what-if-{bought++}", new TopUpContent(topUp.Credits, 0, "", null)) { Now = topUp.At });
            Renew(decision);
            if (decision.Answer is Answer.TopUpRefused refused)
            {
                Refusal = new Forecast.TopUpRefused(refused.Refusal, planId);
            }
        }

        private void ChangePlan(DateTimeOffset at, Plan plan)
        {
            // The old plan grants nothing any more: its next grant is the new one's first.
            var renewal = plan.Terms.Renewal == RenewalKind.BillingAnchor ? pool.Renewal as Renewal.BillingAnchor : null;
            var content = new Opening(plan.Id, PlanCatalog.Version, renewal, null);
            Renew(LedgerRules.Decide(pool with { NextRenewalAt = null }, null, new Command.ChangePlan("what-if", plan, content) { Now = at }));
            planId = plan.Id;
        }

        // Replies of an interval are told at its end.
        private void Refund(DateTimeOffset now)
        {
            var (whole, parts) = replies.Until(now);
            Replies += parts;
            if (whole.Count == 0)
            {
                return;
            }

            var draft = new Draft(pool);
            foreach (var (sentAt, repliedAt, lotExpiresAt) in whole)
            {
                Refunding.IfDue(draft, new Kept.Hold
                {
                    Id = "",
                    State = HoldState.Captured,
                    Content = new HoldContent("", null, 0),
                    PlacedAt = sentAt,
                    SentAt = sentAt,
                    RepliedAt = repliedAt,
                    LotExpiresAt = lotExpiresAt,
                    RefundWindow = refundWindow,
                });
            }

            Take(draft.Close(null, new Answer.TimePassed()));
        }

        private void Send(DateTimeOffset now, long sends)
        {
            var draft = new Draft(pool);
            var left = sends;
            for (; left > 0 && draft.Available > draft.Terms.Floor; left--)
            {
                var lot = draft.Hold("");
                draft.Capture(lot.Number, "");
                replies.Sent(now, lot.ExpiresAt);
            }

            Take(draft.Close(null, new Answer.TimePassed()));
            day = day with { Sent = sends - left };
            Sent += sends - left;
            Unsent += left;
            if (left > 0)
            {
                RunsOut ??= day.Date;
            }
        }

        /// <summary>Takes over what time alone has brought, or a plan: the renewals stand in it.</summary>
        private void Renew(Decision decision)
        {
            foreach (var at in decision.Entries.GroupBy(entry => entry.DueAt))
            {
                var granted = at.Where(entry => entry is { Kind: EntryKind.Granted, NewLot: LotSource.Grant }).Sum(entry => entry.Credits);
                if (granted > 0)
                {
                    var forfeited = at.Where(entry => entry.Kind == EntryKind.Forfeited).Sum(entry => entry.Credits);
                    Renewals.Add(new ForecastRenewal(at.Key, granted, new Estimate<long>(0, forfeited, 0)));
                }
            }

            Take(decision);
        }

        private void Take(Decision decision)
        {
            pool = decision.Pool!;
            day = day with
            {
                Granted = day.Granted + Sum(EntryKind.Granted),
                Refunded = day.Refunded + Sum(EntryKind.Refunded),
                Forfeited = day.Forfeited + Sum(EntryKind.Forfeited),
                Expired = day.Expired + Sum(EntryKind.Expired),
            };

            long Sum(EntryKind kind)
            {
                long sum = 0;
                foreach (var entry in decision.Entries)
                {
                    sum += entry.Kind == kind ? entry.Credits : 0;
                }

                return sum;
            }
        }
    }
}
