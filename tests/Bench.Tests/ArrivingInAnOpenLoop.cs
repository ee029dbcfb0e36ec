namespace Bench.Tests;

/// <summary>B5: when requests are meant to be sent does not depend on any answer.</summary>
public sealed class ArrivingInAnOpenLoop
{
    [Fact]
    public void Comes_at_the_rate_that_was_asked_for()
    {
        var arrivals = new Arrivals(1_000, 1);
        for (var request = 0; request < 100_000; request++) arrivals.Advance();
        Assert.Equal(100, arrivals.Next, 1.0);
    }

    [Fact]
    public void Comes_as_independent_callers_do_and_not_in_step()
    {
        var arrivals = new Arrivals(1_000, 2);
        var gaps = new List<double>();
        for (var (request, before) = (0, 0.0); request < 100_000; request++)
        {
            var at = arrivals.Advance();
            gaps.Add(at - before);
            before = at;
        }

        // Of exponential gaps, a share of 1 - 1/e is shorter than their mean; none is negative.
        Assert.Equal(1 - (1 / Math.E), gaps.Count(gap => gap < 0.001) / 100_000.0, 0.01);
        Assert.True(gaps.Min() >= 0);
    }

    [Fact]
    public void Is_the_same_for_the_same_seed_and_another_for_another()
    {
        Assert.Equal(new Arrivals(50, 3).Advance(), new Arrivals(50, 3).Advance());
        Assert.NotEqual(new Arrivals(50, 3).Advance(), new Arrivals(50, 4).Advance());
    }
}
