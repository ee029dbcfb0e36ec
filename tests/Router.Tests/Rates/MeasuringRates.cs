using System.Globalization;
using Pennypost.Routing;
using Pennypost.Routing.Rates;

namespace Pennypost.Router.Tests.Rates;

public sealed class MeasuringRates
{
    private static readonly UnitCosts Free = new();

    [Fact]
    public void Rates_are_by_channel_segment_and_variant_and_by_their_sums_F27_F79()
    {
        var measured = Measuring.Of(
            [
                Counts(Channel.InMail, "founders", "a", sent: 40, replied: 10),
                Counts(Channel.InMail, "founders", "b", sent: 50, replied: 5),
                Counts(Channel.InMail, "recruiters", "a", sent: 30, replied: 3),
                Counts(Channel.InMail, "", "", sent: 10, replied: 4),
            ],
            Free);

        Assert.Equal(
            [
                // 2 of 10 before anything was sent (the prior).
                "InMail * *: 22 of 130, (2+22)/(10+130) = 0.1714",
                "InMail * a: 13 of 70, (2+13)/(10+70) = 0.1875",
                "InMail * b: 5 of 50, (2+5)/(10+50) = 0.1167",
                "InMail founders *: 15 of 90, (2+15)/(10+90) = 0.1700",
                "InMail founders a: 10 of 40, (2+10)/(10+40) = 0.2400",
                "InMail founders b: 5 of 50, (2+5)/(10+50) = 0.1167",
                "InMail recruiters *: 3 of 30, (2+3)/(10+30) = 0.1250",
                "InMail recruiters a: 3 of 30, (2+3)/(10+30) = 0.1250",
            ],
            measured.Rates.Select(InWords));
        Assert.All(measured.Rates, rate => Assert.Null(rate.Accept));
    }

    [Fact]
    public void Only_connection_requests_have_a_rate_of_accepts_F27()
    {
        var measured = Measuring.Of([Counts(Channel.ConnectionRequest, sent: 90, replied: 9) with { Accepted = 27 }, Counts(Channel.Email, sent: 90, replied: 9)], Free);

        var (invited, mailed) = (measured.Rates[0], measured.Rates[1]);
        Assert.Equal(0.3, invited.Accept!.Value.Expected, 12);
        Assert.Equal(0.22729905447104, invited.Accept!.Value.Low, 1e-9);
        Assert.Equal(0.377271450461599, invited.Accept!.Value.High, 1e-9);
        Assert.Equal(10 / 95.0, invited.Reply.Expected, 12);
        Assert.Null(mailed.Accept);
    }

    [Fact]
    public void Variants_are_compared_with_the_best_of_their_channel_and_segment_F79()
    {
        var measured = Measuring.Of(
            [
                Counts(Channel.ConnectionRequest, "founders", "warm", sent: 90, replied: 20) with { Accepted = 30 },
                Counts(Channel.ConnectionRequest, "founders", "cold", sent: 90, replied: 10) with { Accepted = 40 },
                Counts(Channel.InMail, "", "warm", sent: 90, replied: 20),
                Counts(Channel.InMail, "", "cold", sent: 90, replied: 10),
                Counts(Channel.InMail, "", "", sent: 900, replied: 800),
                Counts(Channel.Email, "", "alone", sent: 90, replied: 20),
            ],
            Free);

        Assert.Equal(
            [
                "ConnectionRequest * Reply: warm over cold",
                "ConnectionRequest * Accept: cold over warm",
                "ConnectionRequest founders Reply: warm over cold",
                "ConnectionRequest founders Accept: cold over warm",
                // Those that name no variant are none.
                "InMail * Reply: warm over cold",
            ],
            measured.Comparisons.Select(one => $"{one.Channel} {Name(one.Segment)} {one.Kind}: {one.Best} over {one.Other}"));
        // (2+20, 8+70) over (2+10, 8+80): the exact sum of ComparingVariants.
        Assert.Equal(0.972314312461056, measured.Comparisons[^1].ProbabilityBetter, 1e-9);
    }

    [Fact]
    public void Of_variants_that_are_equal_the_first_by_name_is_shown_as_best_and_nothing_is_known_F79()
    {
        var measured = Measuring.Of([Counts(Channel.InMail, "", "b", sent: 90, replied: 20), Counts(Channel.InMail, "", "a", sent: 90, replied: 20)], Free);

        Assert.Equal(new VariantComparison(Channel.InMail, "", RateKind.Reply, "a", "b", 0.5), Assert.Single(measured.Comparisons));
    }

    /// <summary>A credit costs ten units, an invitation a quarter of one.</summary>
    [Theory]
    // Sixty InMails, of which 20 were answered and refunded: 40 credits of ten.
    [InlineData(Channel.InMail, 60, 20, 4, 60, 20, 400_000_000L, 20_000_000L, 100_000_000L)]
    [InlineData(Channel.InMail, 60, 0, 0, 60, 0, 600_000_000L, null, null)]
    [InlineData(Channel.InMail, 0, 0, 0, 0, 0, 0L, null, null)]
    [InlineData(Channel.ConnectionRequest, 300, 30, 7, 0, 0, 75_000_000L, 2_500_000L, 10_714_286L)]
    [InlineData(Channel.DirectMessage, 300, 30, 3, 0, 0, 0L, 0L, 0L)]
    public void A_conversation_and_a_meeting_cost_what_the_channel_cost_F83(Channel channel, long sent, long replied, long meetings, long spent, long refunded, long cost, long? perConversation, long? perMeeting)
    {
        var counts = Counts(channel, "s", "v", sent, replied) with { Meetings = meetings, CreditsSpent = spent, CreditsRefunded = refunded };
        var unit = new UnitCosts { CreditMicros = 10_000_000, SendMicros = new Dictionary<Channel, long> { [Channel.ConnectionRequest] = 250_000 } };

        var found = Assert.Single(Measuring.Of([counts], unit).Costs);

        Assert.Equal((channel, spent - refunded, cost), (found.Channel, found.NetCredits, found.CostMicros));
        Assert.Equal((perConversation, perMeeting), (found.MicrosPerConversation, found.MicrosPerMeeting));
    }

    [Fact]
    public void The_next_conversation_s_cost_is_told_before_the_first_F83()
    {
        var unit = new UnitCosts { CreditMicros = 10_000_000 };
        var cost = Assert.Single(Measuring.Of([Counts(Channel.InMail, sent: 10, replied: 0) with { CreditsSpent = 10 }], unit).Costs);

        Assert.Null(cost.MicrosPerConversation);
        // Ten for a send, and two of twenty are expected to answer.
        Assert.Equal(100_000_000, cost.ExpectedPerConversation!.Value.Expected);
        Assert.True(cost.ExpectedPerConversation.Value.Low < 100_000_000 && cost.ExpectedPerConversation.Value.High > 100_000_000);
        Assert.Null(Assert.Single(Measuring.Of([Counts(Channel.InMail, sent: 0, replied: 0)], unit).Costs).ExpectedPerConversation);
    }

    internal static OutreachCounts Counts(Channel channel, string segment = "", string variant = "", long sent = 0, long replied = 0) =>
        new() { Channel = channel, Segment = segment, Variant = variant, Sent = sent, Replied = replied };

    private static string InWords(MeasuredRate rate)
    {
        var (counts, prior) = (rate.Counts, RatePriors.Reply(rate.Counts.Channel));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{counts.Channel} {Name(counts.Segment)} {Name(counts.Variant)}: {counts.Replied} of {counts.Sent}, ({prior.Alpha}+{counts.Replied})/({prior.Alpha + prior.Beta}+{counts.Sent}) = {rate.Reply.Expected:0.0000}");
    }

    private static string Name(string name) => name.Length == 0 ? "*" : name;
}
