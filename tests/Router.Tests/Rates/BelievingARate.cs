using Pennypost.Routing;
using Pennypost.Routing.Rates;

namespace Pennypost.Router.Tests.Rates;

/// <summary>F27: the Beta distribution behind every rate. Values of whole parameters are exact sums in fractions; the others were computed with mpmath at 40 digits.</summary>
public sealed class BelievingARate
{
    [Theory]
    [InlineData(0.1, 2, 8, 0.225159022)]
    [InlineData(0.5, 2, 8, 0.98046875)]
    [InlineData(0.3, 3, 7, 0.537168834)]
    [InlineData(0.25, 30, 70, 0.1358149042834274)]
    [InlineData(0.2, 1, 4, 0.5904)]
    [InlineData(0.9, 5, 1, 0.59049)]
    [InlineData(0.05, 12, 188, 0.2944405780877262)]
    // Ten millions: the logarithms of gamma functions would leave seven digits.
    [InlineData(0.1011, 1_010_000, 8_990_000, 0.853006727541367941)]
    [InlineData(0.0000002, 1, 10_000_000, 0.864664743830444858)]
    [InlineData(0, 2, 8, 0)]
    [InlineData(1, 2, 8, 1)]
    public void Knows_how_probably_it_is_below(double rate, double alpha, double beta, double expected)
    {
        Assert.Equal(expected, new RateBelief(alpha, beta).Below(rate), 1e-10);
        Assert.Equal(1 - expected, new RateBelief(beta, alpha).Below(1 - rate), 1e-9);
    }

    [Theory]
    [InlineData(2, 8, 0.05, 0.041023167506997)]
    [InlineData(2, 8, 0.95, 0.429135547031435)]
    [InlineData(3, 7, 0.05, 0.097746813439276)]
    [InlineData(3, 7, 0.95, 0.549641649506610)]
    [InlineData(1, 4, 0.05, 0.012741455098566)]
    [InlineData(1, 4, 0.95, 0.527129195498412)]
    [InlineData(12, 88, 0.05, 0.071452052941189)]
    [InlineData(39, 181, 0.95, 0.221147153006588)]
    [InlineData(0.5, 0.5, 0.05, 0.00615582970243114)]
    [InlineData(1_002, 9_018, 0.05, 0.0951163844407163)]
    [InlineData(1_002, 9_018, 0.95, 0.104974397722459)]
    [InlineData(10_002, 1_000_018, 0.05, 0.0097412664540125)]
    [InlineData(10_002, 1_000_018, 0.95, 0.0100653853986601)]
    public void Knows_its_quantiles(double alpha, double beta, double probability, double expected)
    {
        var belief = new RateBelief(alpha, beta);
        Assert.Equal(expected, belief.Quantile(probability), 1e-9);
        Assert.Equal(1 - expected, new RateBelief(beta, alpha).Quantile(1 - probability), 1e-9);
        Assert.Equal(probability, belief.Below(expected), 1e-9);
    }

    [Fact]
    public void Learns_from_what_was_sent()
    {
        var belief = RatePriors.Accept.After(27, 90);
        Assert.Equal(new RateBelief(30, 70), belief);
        Assert.Equal(0.3, belief.Mean, 12);
        var (few, many) = (RatePriors.Accept.Estimate(), belief.Estimate());
        Assert.True(many.High - many.Low < few.High - few.Low);
        Assert.Equal((0.0, 1.0), (belief.Quantile(0), belief.Quantile(1)));
    }

    /// <summary>What Route expects of a credit is what MeasureRates says of InMails.</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(90, 43)]
    [InlineData(1_000, 0)]
    public void Of_InMails_is_what_the_expected_net_cost_rests_on(long sent, long replied) =>
        Assert.Equal(1 - RatePriors.Reply(Channel.InMail).After(replied, sent).Mean, RoutingPolicy.Default.ReplyPrior.ExpectedNetCost(new ReplyCounts(sent, replied)), 12);

    /// <summary>The seeds' bands: accepts of 25 to 35 %, InMail replies of 10 to 30 %, more of open profiles.</summary>
    [Fact]
    public void Begins_where_the_seeds_say()
    {
        Assert.Equal(0.3, RatePriors.Accept.Mean, 12);
        Assert.Equal(0.2, RatePriors.Reply(Channel.InMail).Mean, 12);
        Assert.True(RatePriors.Reply(Channel.OpenProfileInMail).Mean > RatePriors.Reply(Channel.InMail).Mean);
        Assert.All(RatePriors.Channels, channel => Assert.InRange(RatePriors.Reply(channel).Mean, 0.1, 0.3));
        // As if of ten tries at most, so that a tenant's own counts soon say more.
        Assert.All(RatePriors.Channels, channel => Assert.InRange(RatePriors.Reply(channel).Alpha + RatePriors.Reply(channel).Beta, 1, 10));
    }
}
