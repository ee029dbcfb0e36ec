using Pennypost.Routing;
using Pennypost.Routing.Planning;

namespace Pennypost.Router.Tests.Planning;

/// <summary>
/// A plan's task, written down once more, in the plainest words: the sends that are valid and what they bring, the limits that hold for sums
/// of them, and what credits cost. It is solved by trying everything, and by a textbook simplex.
/// </summary>
internal sealed class PlainTask
{
    private readonly record struct Send(int Prospect, int Sender, Channel Channel, bool High, long Profit);

    private sealed record Limit(Func<Send, bool> Counts, long Units);

    private readonly List<Send> sends = [];
    private readonly List<Limit> limits = [];
    private readonly List<(Func<Send, bool> Spends, long Free, long Price)> credits = [];
    private readonly int prospects;

    public PlainTask(AnyPlan any)
    {
        var draft = new PlanDraft(any.Terms, any.Policy);
        prospects = any.Prospects.Count;
        var senders = any.Terms.Senders;
        for (var p = 0; p < prospects; p++)
        {
            var prospect = any.Prospects[p];
            var decision = Route.Decide(
                new RouteQuestion
                {
                    Prospect = prospect.State,
                    Senders = [.. draft.Senders.Select((sender, i) => AnyPlan.Facts(sender, prospect.Senders[i]))],
                    Content = any.Terms.Content,
                    Priority = prospect.Priority,
                    Now = any.Terms.Now,
                    Final = true,
                },
                any.Policy);
            var valid = decision.Candidates.Where(candidate => candidate.Verdict == Verdict.Eligible).ToList();
            if (any.Policy.Choice == Choice.Cheapest && valid.Any(candidate => candidate.Channel != Channel.InMail && Brings(prospect, candidate.Channel) > 0))
                valid.RemoveAll(candidate => candidate.Channel == Channel.InMail);
            foreach (var candidate in valid.Where(candidate => Brings(prospect, candidate.Channel) > 0))
            {
                var sender = senders.Index().Single(one => one.Item.Sender.AccountId == candidate.Sender.AccountId).Index;
                sends.Add(new(p, sender, candidate.Channel, prospect.Priority == Priority.High, Brings(prospect, candidate.Channel)));
            }
        }

        foreach (var pool in any.Terms.Pools)
        {
            bool Spends(Send send) => send.Channel == Channel.InMail && senders[send.Sender].Sender.Credits?.PoolId == pool.PoolId;
            var left = Math.Max(0, pool.Available - pool.QueuedDemand);
            limits.Add(new(Spends, left));
            limits.Add(new(send => Spends(send) && !send.High, Math.Max(0, left - pool.Floor)));
            if (pool.Budget is { } budget)
                limits.Add(new(Spends, budget));
            credits.Add((Spends, Math.Max(0, pool.ForfeitsAtRenewal - pool.QueuedDemand), (long)Math.Round(pool.PriceMicros * 0.8)));
        }

        for (var s = 0; s < senders.Count; s++)
        {
            var sender = s;
            if (senders[s].CreditsLeft is { } seat && senders[s].Sender.Credits is not null)
                limits.Add(new(send => send.Sender == sender && send.Channel == Channel.InMail, seat));
            foreach (var allowance in senders[s].Allowances)
                limits.Add(new(send => send.Sender == sender && allowance.Channels.Contains(send.Channel), allowance.PerDay(Open(any)).Sum(day => Math.Min(day, 1_000_000))));
        }

        static long Brings(PlanProspect prospect, Channel channel) => (long)Math.Round(prospect.ValueMicros * ConversationRates.Default[channel]);
    }

    private static bool[] Open(AnyPlan any) => [.. Enumerable.Repeat(true, any.Terms.Days)];

    /// <summary>The most that can be had, by trying every choice.</summary>
    public long ByTryingEverything()
    {
        var used = new long[limits.Count];
        var spent = new long[credits.Count];
        return Best(0);

        long Best(int prospect)
        {
            if (prospect == prospects)
                return -credits.Select((credit, i) => credit.Price * Math.Max(0, spent[i] - credit.Free)).Sum();

            var best = Best(prospect + 1);
            foreach (var send in sends.Where(send => send.Prospect == prospect))
            {
                int[] counting = [.. Enumerable.Range(0, limits.Count).Where(i => limits[i].Counts(send))];
                if (counting.Any(i => used[i] >= limits[i].Units))
                    continue;
                int[] paying = [.. Enumerable.Range(0, credits.Count).Where(i => credits[i].Spends(send))];
                Array.ForEach(counting, i => used[i]++);
                Array.ForEach(paying, i => spent[i]++);
                best = Math.Max(best, send.Profit + Best(prospect + 1));
                Array.ForEach(counting, i => used[i]--);
                Array.ForEach(paying, i => spent[i]--);
            }

            return best;
        }
    }

    /// <summary>The most that can be had if a send could be half made: a bound, and where the limits form a network the answer.</summary>
    public double ByLinearProgram()
    {
        // Columns: the sends, then for each pool the credits that cost nothing.
        var columns = sends.Count + credits.Count;
        var rows = new List<(double[] Factors, double Most)>();
        for (var p = 0; p < prospects; p++)
            rows.Add((Row(send => send.Prospect == p), 1));
        foreach (var limit in limits)
            rows.Add((Row(limit.Counts), limit.Units));
        var gains = new double[columns];
        for (var i = 0; i < sends.Count; i++)
            gains[i] = sends[i].Profit - credits.Where(credit => credit.Spends(sends[i])).Sum(credit => credit.Price);
        for (var c = 0; c < credits.Count; c++)
        {
            gains[sends.Count + c] = credits[c].Price;
            var free = new double[columns];
            free[sends.Count + c] = 1;
            rows.Add((free, credits[c].Free));
            var spent = Row(credits[c].Spends);
            for (var i = 0; i < columns; i++)
                spent[i] = -spent[i];
            spent[sends.Count + c] = 1;
            rows.Add((spent, 0));
        }

        return Simplex.Most(gains, rows);

        double[] Row(Func<Send, bool> counts) => [.. sends.Select(send => counts(send) ? 1.0 : 0.0), .. new double[credits.Count]];
    }

    /// <summary>What is wrong with a plan: sends that are not valid, limits that are passed, sums that are not right. Nothing, if it is right.</summary>
    public IEnumerable<string> WrongWith(Plan plan, AnyPlan any)
    {
        var made = new List<Send>();
        var byProspect = sends.ToLookup(send => send.Prospect);
        for (var p = 0; p < prospects; p++)
        {
            if (plan.Assignments[p].ProspectId != any.Prospects[p].ProspectId)
                yield return $"answer {p} is for {plan.Assignments[p].ProspectId}";
            if (plan.Assignments[p] is not Assignment.Send send)
                continue;
            var same = byProspect[p].FirstOrDefault(one => any.Terms.Senders[one.Sender].Sender.AccountId == send.AccountId && one.Channel == send.Channel);
            if (same == default)
                yield return $"{send} is not valid";
            else if (same.Profit != send.ValueMicros)
                yield return $"{send} brings {same.Profit}";
            made.Add(same);
        }

        foreach (var limit in limits.Where(limit => made.Count(limit.Counts) > limit.Units))
            yield return $"a limit of {limit.Units} is passed";
        var cost = credits.Sum(credit => credit.Price * Math.Max(0, made.Count(credit.Spends) - credit.Free));
        if (plan.CostMicros != cost)
            yield return $"it costs {cost}, not {plan.CostMicros}";
        if (plan.ValueMicros != made.Sum(send => send.Profit))
            yield return $"it brings {made.Sum(send => send.Profit)}, not {plan.ValueMicros}";
        foreach (var (sender, allowance) in any.Terms.Senders.SelectMany(sender => sender.Allowances.Select(allowance => (sender, allowance))))
        {
            var perDay = allowance.PerDay(Open(any));
            for (var day = 0; day < any.Terms.Days; day++)
            {
                var count = plan.Assignments.OfType<Assignment.Send>().Count(send => send.Day == day && send.AccountId == sender.Sender.AccountId && allowance.Channels.Contains(send.Channel));
                if (count > perDay[day])
                    yield return $"{count} sends of {sender.Sender.AccountId} on day {day}, and {perDay[day]} may be";
            }
        }
    }
}

/// <summary>A textbook simplex (Bland's rule, so that it ends) for: most gain, every row's sum at most so much, nothing negative.</summary>
internal static class Simplex
{
    private const double Tiny = 1e-9;

    public static double Most(double[] gains, IReadOnlyList<(double[] Factors, double Most)> rows)
    {
        var (columns, count) = (gains.Length, rows.Count);
        var table = new double[count + 1, columns + count + 1];
        var basis = new int[count];
        for (var r = 0; r < count; r++)
        {
            for (var c = 0; c < columns; c++)
                table[r, c] = rows[r].Factors[c];
            table[r, columns + r] = 1;
            table[r, columns + count] = rows[r].Most;
            basis[r] = columns + r;
        }

        for (var c = 0; c < columns; c++)
            table[count, c] = -gains[c];

        while (Enumerable.Range(0, columns + count).FirstOrDefault(c => table[count, c] < -Tiny, -1) is var entering and >= 0)
        {
            var leaving = -1;
            for (var r = 0; r < count; r++)
            {
                if (table[r, entering] <= Tiny)
                    continue;
                if (leaving < 0 || Ratio(r) < Ratio(leaving) - Tiny || (Ratio(r) < Ratio(leaving) + Tiny && basis[r] < basis[leaving]))
                    leaving = r;
            }

            var pivot = table[leaving, entering];
            for (var c = 0; c <= columns + count; c++)
                table[leaving, c] /= pivot;
            for (var r = 0; r <= count; r++)
            {
                var factor = table[r, entering];
                if (r == leaving || factor == 0)
                    continue;
                for (var c = 0; c <= columns + count; c++)
                    table[r, c] -= factor * table[leaving, c];
            }

            basis[leaving] = entering;

            double Ratio(int r) => table[r, columns + count] / table[r, entering];
        }

        return table[count, columns + count];
    }
}
