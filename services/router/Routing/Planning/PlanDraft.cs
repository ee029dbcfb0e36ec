namespace Pennypost.Routing.Planning;

/// <summary>
/// A plan in the making: prospects are added one by one, each judged by the rules of routing as it comes, and nothing of them is kept but
/// what they can be given. In whatever order they come, the plan is the same.
/// </summary>
public sealed class PlanDraft
{
    private readonly PlanTerms terms;
    private readonly RoutingPolicy policy;
    private readonly PlanDays days;
    private readonly Slots slots;
    private readonly List<Entry> entries = [];

    /// <summary>A draft without prospects.</summary>
    public PlanDraft(PlanTerms terms, RoutingPolicy policy)
    {
        this.terms = terms;
        days = PlanDays.Of(terms, policy);
        // Hours are for the days; credits are for the whole. On days that are all closed the policy's hours are what is in the way.
        this.policy = policy with { OnExhaustion = OnExhaustion.NextSender, Hours = days.AreAllClosed ? policy.Hours : null };
        slots = new Slots(terms, policy, days);
        Senders = [.. terms.Senders.Select(sender => sender.AsJudged(terms, policy))];
    }

    /// <summary>The senders as they are judged, in the order of the terms: a prospect's own facts are added to them.</summary>
    public IReadOnlyList<Sender> Senders { get; }

    /// <summary>Adds a prospect.</summary>
    public void Add(PlanProspect prospect)
    {
        var decision = Route.Decide(
            new RouteQuestion
            {
                Prospect = prospect.State,
                Senders = prospect.Senders,
                Content = terms.Content,
                Priority = prospect.Priority,
                Replies = terms.Replies,
                Now = terms.Now,
                Final = true,
            },
            policy);

        var offers = new List<Offer>();
        foreach (var candidate in decision.Candidates)
        {
            var profit = (long)Math.Round(prospect.ValueMicros * terms.Rates[candidate.Channel]);
            if (candidate.Verdict == Verdict.Eligible && profit > 0)
                offers.Add(new(slots.Of(candidate.Sender.AccountId, candidate.Channel, prospect.Priority), profit));
        }

        if (policy.Choice == Choice.Cheapest && offers.Exists(offer => !Slots.IsPaid(offer.Slot)))
            offers.RemoveAll(offer => Slots.IsPaid(offer.Slot));

        entries.Add(new Entry(prospect.ProspectId, prospect.Priority, [.. offers], ReasonOf(decision), HangsOnFacts(decision)));
    }

    /// <summary>The best plan for all who were added.</summary>
    public Plan Solve(CancellationToken ct)
    {
        // Those who bring most first: they displace nobody, and those who come later seldom do. Ids decide between equals, not their order.
        int[] order = [.. Enumerable.Range(0, entries.Count).OrderByDescending(i => entries[i].Best).ThenBy(i => entries[i].ProspectId, StringComparer.Ordinal)];
        var offers = new Offers();
        foreach (var i in order)
            offers.Add(entries[i].Offers);

        var limits = slots.Limit(entries.SelectMany(entry => entry.Offers).Select(offer => offer.Slot).ToHashSet());
        return new PlanAnswer(days, slots, limits, entries, order, Bounded.Best(limits.Network, offers, [.. limits.Crossing.Select(one => one.Crossing)], ct)).Write();
    }

    private static Reason ReasonOf(Decision decision) => decision switch
    {
        Decision.Defer defer => defer.Reason,
        Decision.Skip skip => skip.Reason,
        _ => Reason.None,
    };

    private static bool HangsOnFacts(Decision decision) => decision.Candidates.Any(candidate => candidate is { Verdict: Verdict.Waits, Reason: Reason.FactUnknown });

    /// <summary>What is kept of a prospect; the offers in the order in which routing would try them.</summary>
    internal sealed record Entry(string ProspectId, Priority Priority, Offer[] Offers, Reason Reason, bool HangsOnFacts)
    {
        public long Best { get; } = Offers.Length == 0 ? 0 : Offers.Max(offer => offer.Profit);
    }
}
