namespace Bench.Tests;

/// <summary>B5: quantiles of latencies are latencies that somebody had.</summary>
public sealed class TakingQuantiles
{
    [Fact]
    public void Are_the_smallest_value_that_the_share_does_not_exceed()
    {
        var quantiles = Quantiles.Of([.. Enumerable.Range(1, 1_000).Select(value => (double)value)]);

        Assert.Equal(new Quantiles(500, 990, 999, 1_000, 1_000), quantiles);
    }

    [Fact]
    public void Of_few_values_reach_the_largest() => Assert.Equal(new Quantiles(2, 3, 3, 3, 3), Quantiles.Of([3, 1, 2]));

    [Fact]
    public void Do_not_change_what_was_measured()
    {
        double[] measured = [3, 1, 2];
        Quantiles.Of(measured);
        Assert.Equal([3, 1, 2], measured);
    }
}
