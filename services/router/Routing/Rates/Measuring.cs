namespace Pennypost.Routing.Rates;

/// <summary>Reply and accept rates, comparisons of variants and costs, from counts alone (F27, F79, F83). The order of the counts means nothing; counts of the same channel, segment and variant are added.</summary>
public static class Measuring
{
    /// <summary>Everything that the counts say.</summary>
    public static Measured Of(IReadOnlyList<OutreachCounts> counts, UnitCosts costs)
    {
        var cuts = Cuts(counts);
        return new Measured([.. cuts.Values.Select(Rate)], [.. Compare(cuts.Values)], [.. cuts.Values.Where(cut => cut is { Segment: "", Variant: "" }).Select(channel => Cost(channel, costs))]);
    }

    /// <summary>The sums of every cut, in the order of channel, segment and variant; empty stands for all of them.</summary>
    private static SortedDictionary<(Channel Channel, string Segment, string Variant), OutreachCounts> Cuts(IReadOnlyList<OutreachCounts> counts)
    {
        var cuts = new SortedDictionary<(Channel, string, string), OutreachCounts>(ByName.Instance);
        foreach (var count in counts)
        {
            // What names no segment or variant is in the sums over them, and in no cut of its own.
            foreach (var segment in Names(count.Segment))
            {
                foreach (var variant in Names(count.Variant))
                {
                    var key = (count.Channel, segment, variant);
                    cuts[key] = cuts.TryGetValue(key, out var sum) ? sum.Plus(count) : count with { Segment = segment, Variant = variant };
                }
            }
        }

        return cuts;

        static string[] Names(string name) => name.Length == 0 ? [""] : ["", name];
    }

    private static MeasuredRate Rate(OutreachCounts cut) => new(
        cut,
        Belief(cut, RateKind.Reply).Estimate(),
        cut.Channel == Channel.ConnectionRequest ? Belief(cut, RateKind.Accept).Estimate() : null);

    private static RateBelief Belief(OutreachCounts cut, RateKind kind) =>
        kind == RateKind.Accept ? RatePriors.Accept.After(cut.Accepted, cut.Sent) : RatePriors.Reply(cut.Channel).After(cut.Replied, cut.Sent);

    /// <summary>Each variant against the best of its channel and segment.</summary>
    private static IEnumerable<VariantComparison> Compare(IEnumerable<OutreachCounts> cuts)
    {
        foreach (var group in cuts.Where(cut => cut.Variant.Length > 0).GroupBy(cut => (cut.Channel, cut.Segment)))
        {
            foreach (var kind in group.Key.Channel == Channel.ConnectionRequest ? (RateKind[])[RateKind.Reply, RateKind.Accept] : [RateKind.Reply])
            {
                var ranked = group.Select(cut => (cut.Variant, cut.Sent, Belief: Belief(cut, kind)))
                    .OrderByDescending(one => one.Belief.Mean).ThenByDescending(one => one.Sent).ThenBy(one => one.Variant, StringComparer.Ordinal)
                    .ToArray();
                foreach (var other in ranked.Skip(1))
                    yield return new VariantComparison(group.Key.Channel, group.Key.Segment, kind, ranked[0].Variant, other.Variant, Comparing.ProbabilityThatHigher(ranked[0].Belief, other.Belief));
            }
        }
    }

    private static ChannelCost Cost(OutreachCounts channel, UnitCosts costs)
    {
        var netCredits = channel.CreditsSpent - channel.CreditsRefunded;
        var cost = (netCredits * costs.CreditMicros) + (channel.Sent * costs.SendMicros.GetValueOrDefault(channel.Channel));
        var rate = Belief(channel, RateKind.Reply).Estimate();
        return new ChannelCost(
            channel.Channel,
            netCredits,
            cost,
            Each(channel.Replied),
            Each(channel.Meetings),
            channel.Sent == 0 ? null : new MicrosEstimate(At(rate.High), At(rate.Expected), At(rate.Low)));

        long? Each(long count) => count == 0 ? null : (cost + (count / 2)) / count;

        // A rate so low that it is 0 to a double makes any cost; without a cost every rate makes none.
        long At(double rate) => cost == 0 ? 0 : (long)Math.Min(MicrosEstimate.MostMicros, Math.Round((double)cost / channel.Sent / rate));
    }

    /// <summary>Names by their bytes, whatever the machine's language.</summary>
    private sealed class ByName : IComparer<(Channel Channel, string Segment, string Variant)>
    {
        public static readonly ByName Instance = new();

        public int Compare((Channel Channel, string Segment, string Variant) a, (Channel Channel, string Segment, string Variant) b)
        {
            var order = a.Channel.CompareTo(b.Channel);
            if (order == 0)
                order = string.CompareOrdinal(a.Segment, b.Segment);
            return order != 0 ? order : string.CompareOrdinal(a.Variant, b.Variant);
        }
    }
}
