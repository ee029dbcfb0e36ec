using Pennypost.Ledger;

namespace Pennypost.Credits.Tests.Rules;

/// <summary>F74: quantiles of the Beta distribution. The values were computed with mpmath at 40 digits.</summary>
public sealed class BelievingAReplyRate
{
    [Theory]
    [InlineData(2, 18, 0.05, 0.019033120121624)]
    [InlineData(2, 18, 0.5, 0.0867751636556949)]
    [InlineData(2, 18, 0.95, 0.226374249272378)]
    [InlineData(1, 1, 0.05, 0.05)]
    [InlineData(1, 1, 0.95, 0.95)]
    [InlineData(0.5, 0.5, 0.05, 0.00615582970243114)]
    [InlineData(0.5, 0.5, 0.5, 0.5)]
    [InlineData(0.5, 0.5, 0.95, 0.993844170297569)]
    [InlineData(0.01, 3, 0.05, 0)]
    [InlineData(0.01, 3, 0.5, 0)]
    [InlineData(0.01, 3, 0.95, 0.0013327932787614)]
    [InlineData(5, 1, 0.05, 0.549280271653059)]
    [InlineData(5, 1, 0.95, 0.989793781686989)]
    [InlineData(12, 108, 0.05, 0.0592234071977514)]
    [InlineData(12, 108, 0.5, 0.0977785981267319)]
    [InlineData(12, 108, 0.95, 0.148364852862187)]
    [InlineData(30, 70, 0.05, 0.22729905447104)]
    [InlineData(30, 70, 0.5, 0.298661974308696)]
    [InlineData(30, 70, 0.95, 0.377271450461599)]
    [InlineData(1_002, 9_018, 0.05, 0.0951163844407163)]
    [InlineData(1_002, 9_018, 0.95, 0.104974397722459)]
    [InlineData(10_002, 1_000_018, 0.05, 0.0097412664540125)]
    [InlineData(10_002, 1_000_018, 0.95, 0.0100653853986601)]
    public void Knows_its_quantiles(double alpha, double beta, double probability, double expected)
    {
        var rate = new ReplyRate(alpha, beta);
        Assert.Equal(expected, rate.Quantile(probability), 1e-9);
        Assert.Equal(1 - expected, new ReplyRate(beta, alpha).Quantile(1 - probability), 1e-9);
        if (expected > 0) Assert.Equal(probability, rate.Below(expected), 1e-9);
    }

    [Fact]
    public void Learns_from_replies()
    {
        var rate = ReplyRate.Prior.After(10, 100);
        Assert.Equal(new ReplyRate(12, 108), rate);
        Assert.Equal((0.1, 0.1), (ReplyRate.Prior.Mean, rate.Mean));
        Assert.True(rate.Quantile(0.95) - rate.Quantile(0.05) < ReplyRate.Prior.Quantile(0.95) - ReplyRate.Prior.Quantile(0.05));
        Assert.Equal((0.0, 1.0), (rate.Quantile(0), rate.Quantile(1)));
    }

    [Theory]
    [InlineData(0.01, 0.01)]
    [InlineData(0.01, 1_000_000)]
    [InlineData(1_000_000, 0.01)]
    [InlineData(2_000_000, 2_000_000)]
    public void Stays_between_none_and_all_at_the_limits(double alpha, double beta)
    {
        var rate = new ReplyRate(alpha, beta);
        foreach (var probability in new[] { 0.05, 0.95 })
        {
            Assert.InRange(rate.Quantile(probability), 0, 1);
        }

        Assert.True(rate.Quantile(0.05) <= rate.Quantile(0.95));
    }
}
