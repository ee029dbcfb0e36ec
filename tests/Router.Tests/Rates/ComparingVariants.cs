using FsCheck;
using FsCheck.Fluent;
using Pennypost.Routing.Rates;

namespace Pennypost.Router.Tests.Rates;

/// <summary>F79: how probably one variant is better than another. The table's values are exact sums in fractions.</summary>
public sealed class ComparingVariants
{
    [Theory]
    [InlineData(2, 8, 3, 7, 0.288235294117647)]
    [InlineData(1, 1, 2, 1, 0.333333333333333)]
    [InlineData(1, 4, 1, 4, 0.5)]
    [InlineData(22, 78, 12, 88, 0.972314312461056)]
    // A wide belief against a narrow one.
    [InlineData(2, 8, 30, 970, 0.971185341283241)]
    [InlineData(3, 7, 120, 180, 0.235491185561810)]
    [InlineData(1, 4, 400, 1_600, 0.409906912311626)]
    // No reply in a thousand.
    [InlineData(1, 1_004, 5, 1_000, 0.031094411455169)]
    [InlineData(50, 950, 40, 960, 0.860945029525815)]
    [InlineData(203, 807, 180, 830, 0.904410977090096)]
    // Ten millions each, by mpmath at 25 digits; and one against hardly anything.
    [InlineData(1_010_000, 8_990_000, 1_009_000, 8_991_000, 0.771026781644609)]
    [InlineData(1_010_000, 8_990_000, 1, 10_000_000, 1)]
    public void Knows_the_exact_probability(double alpha, double beta, double otherAlpha, double otherBeta, double expected)
    {
        var (one, other) = (new RateBelief(alpha, beta), new RateBelief(otherAlpha, otherBeta));
        Assert.Equal(expected, Comparing.ProbabilityThatHigher(one, other), 1e-9);
        Assert.Equal(1 - expected, Comparing.ProbabilityThatHigher(other, one), 1e-9);
    }

    [Fact]
    public void One_is_better_or_the_other_is() => Prop.ForAll(Pairs, pair =>
        Math.Abs(Comparing.ProbabilityThatHigher(pair.One, pair.Other) + Comparing.ProbabilityThatHigher(pair.Other, pair.One) - 1) < 1e-9).Check(Config.QuickThrowOnFailure);

    [Fact]
    public void Another_reply_makes_it_more_probably_the_better_one() => Prop.ForAll(Pairs, pair =>
        Comparing.ProbabilityThatHigher(pair.One with { Alpha = pair.One.Alpha + 1 }, pair.Other) >= Comparing.ProbabilityThatHigher(pair.One, pair.Other) - 1e-9).Check(Config.QuickThrowOnFailure);

    private static Arbitrary<(RateBelief One, RateBelief Other)> Pairs { get; } =
        (from one in Beliefs() from other in Beliefs() select (one, other)).ToArbitrary();

    private static Gen<RateBelief> Beliefs() =>
        from most in Gen.Elements(10, 1_000, 100_000)
        from sent in Gen.Choose(0, most)
        from replied in Gen.Choose(0, sent)
        from prior in Gen.Elements(RatePriors.Channels.Select(RatePriors.Reply).Append(RatePriors.Accept).ToArray())
        select prior.After(replied, sent);
}
