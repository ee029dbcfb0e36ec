using FsCheck;
using FsCheck.Fluent;
using Pennypost.Routing;
using Pennypost.Routing.Rates;

namespace Pennypost.Router.Tests.Rates;

/// <summary>What holds for all counts (F27, F79, F83).</summary>
public sealed class WhateverIsCounted
{
    private static readonly UnitCosts Costs = new() { CreditMicros = 10_000_000, SendMicros = new Dictionary<Channel, long> { [Channel.Email] = 20_000, [Channel.ConnectionRequest] = 250_000 } };

    [Fact]
    public void An_interval_holds_its_mean() => Holds(counts => Rates(counts).All(rate => 0 <= rate.Low && rate.Low < rate.Expected && rate.Expected < rate.High && rate.High <= 1));

    [Fact]
    public void The_order_of_the_counts_means_nothing() => Holds(counts => Same(Measuring.Of(counts, Costs), Measuring.Of([.. counts.Reverse()], Costs)));

    [Fact]
    public void Counts_in_two_parts_say_what_their_sum_says() => Holds(counts =>
        Same(Measuring.Of(counts, Costs), Measuring.Of([.. counts.SelectMany(count => new[] { count with { Sent = count.Sent / 2, Accepted = 0, Replied = 0, Meetings = 0, CreditsSpent = 0, CreditsRefunded = 0 }, count with { Sent = count.Sent - (count.Sent / 2) } })], Costs)));

    [Fact]
    public void More_replies_never_lower_a_rate_nor_either_end_of_its_interval() => Holds(counts =>
    {
        var more = counts.Select(count => count.Replied < count.Sent ? count with { Replied = count.Replied + 1 } : count).ToList();
        return Measuring.Of(counts, Costs).Rates.Zip(Measuring.Of(more, Costs).Rates)
            .All(pair => pair.Second.Reply.Low >= pair.First.Reply.Low - 1e-12 && pair.Second.Reply.Expected >= pair.First.Reply.Expected && pair.Second.Reply.High >= pair.First.Reply.High - 1e-12);
    });

    [Fact]
    public void A_channel_s_sum_is_that_of_all_its_counts() => Holds(counts =>
    {
        var sums = Measuring.Of(counts, Costs).Rates.Where(rate => rate.Counts is { Segment: "", Variant: "" }).ToDictionary(rate => rate.Counts.Channel, rate => (rate.Counts.Sent, rate.Counts.Replied, rate.Counts.Meetings));
        return counts.GroupBy(count => count.Channel).All(group => sums[group.Key] == (group.Sum(count => count.Sent), group.Sum(count => count.Replied), group.Sum(count => count.Meetings)));
    });

    [Fact]
    public void The_best_variant_is_never_probably_the_worse_one_of_equals_in_size() => Holds(counts =>
        Measuring.Of([.. counts.Select(count => count with { Sent = 200, Replied = count.Replied % 200, Accepted = 0, Segment = "" }).DistinctBy(count => (count.Channel, count.Variant))], Costs)
            .Comparisons.Where(one => one.Kind == RateKind.Reply).All(one => one.ProbabilityBetter >= 0.5));

    [Fact]
    public void No_cost_is_below_nothing_and_the_expected_ones_are_in_order() => Holds(counts => Measuring.Of(counts, Costs).Costs.All(cost =>
        cost is { CostMicros: >= 0, NetCredits: >= 0 } && (cost.ExpectedPerConversation is not { } expected || (0 <= expected.Low && expected.Low <= expected.Expected && expected.Expected <= expected.High))));

    private static IEnumerable<RateEstimate> Rates(IReadOnlyList<OutreachCounts> counts) =>
        Measuring.Of(counts, Costs).Rates.SelectMany(rate => rate.Accept is { } accept ? new[] { rate.Reply, accept } : [rate.Reply]);

    private static bool Same(Measured one, Measured other) =>
        one.Rates.SequenceEqual(other.Rates) && one.Comparisons.SequenceEqual(other.Comparisons) && one.Costs.SequenceEqual(other.Costs);

    private static void Holds(Func<IReadOnlyList<OutreachCounts>, bool> property) =>
        Prop.ForAll(Any().ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    private static Gen<IReadOnlyList<OutreachCounts>> Any() =>
        from size in Gen.Choose(1, 8)
        from counts in One().ListOf(size)
        select (IReadOnlyList<OutreachCounts>)[.. counts];

    private static Gen<OutreachCounts> One() =>
        from channel in Gen.Elements(RatePriors.Channels.ToArray())
        from segment in Gen.Elements("", "founders", "recruiters")
        from variant in Gen.Elements("", "a", "b", "c")
        from most in Gen.Elements(3, 100, 20_000)
        from sent in Gen.Choose(0, most)
        from accepted in Gen.Choose(0, sent)
        from replied in Gen.Choose(0, sent)
        from meetings in Gen.Choose(0, replied)
        from spent in Gen.Choose(0, sent)
        from refunded in Gen.Choose(0, spent)
        select new OutreachCounts
        {
            Channel = channel,
            Segment = segment,
            Variant = variant,
            Sent = sent,
            Accepted = channel == Channel.ConnectionRequest ? accepted : 0,
            Replied = replied,
            Meetings = meetings,
            CreditsSpent = channel == Channel.InMail ? spent : 0,
            CreditsRefunded = channel == Channel.InMail ? refunded : 0,
        };
}
