namespace Bench.Tests;

/// <summary>B1: a median with its interval, from values that were measured and nothing that is assumed of them.</summary>
public sealed class TakingAMedian
{
    [Fact]
    public void Is_the_middle_value_or_the_mean_of_the_middle_two()
    {
        Assert.Equal(3, Interval.Of([9, 1, 3]).Median);
        Assert.Equal(2.5, Interval.Of([4, 1, 2, 3]).Median);
        Assert.Equal(7, Interval.Of([7]).Median);
    }

    [Theory]
    // The widest ranks from below and above that still hold the true median with 95 % (tables of the sign test).
    [InlineData(6, 1, 0.96875)]
    [InlineData(7, 1, 0.984375)]
    [InlineData(8, 1, 0.9921875)]
    [InlineData(9, 2, 0.9609375)]
    [InlineData(12, 3, 0.96142578125)]
    [InlineData(15, 4, 0.96484375)]
    public void Lies_between_the_ranks_that_hold_it_with_95_percent(int count, int rank, double confidence)
    {
        var interval = Interval.Of(Enumerable.Range(1, count).Select(value => (double)value));

        Assert.Equal(rank, interval.Low);
        Assert.Equal(count + 1 - rank, interval.High);
        Assert.Equal(confidence, interval.Confidence, 10);
    }

    [Fact]
    public void Says_how_sure_it_is_when_there_are_too_few_values()
    {
        var interval = Interval.Of([5, 1, 3]);

        Assert.Equal((1, 5), (interval.Low, interval.High));
        Assert.Equal(0.75, interval.Confidence, 10);
    }

    [Fact]
    public void Is_not_moved_by_one_wild_round() => Assert.Equal(10, Interval.Of([9, 10, 10, 10, 11, 10, 1_000_000]).Median);

    [Fact]
    public void Of_nothing_is_no_number() => Assert.True(double.IsNaN(Interval.Of([]).Median));
}
