namespace Bench.Tests;

/// <summary>B1: a round in which the control changed measured the machine.</summary>
public sealed class DroppingRounds
{
    [Theory]
    [InlineData(100, 105, true)]
    [InlineData(105, 100, true)]
    [InlineData(100, 106, false)]
    [InlineData(106, 100, false)]
    public void A_round_whose_control_drifted_by_more_than_5_percent_is_dropped(double before, double after, bool kept)
    {
        var series = new Series("s", ["x"]);
        series.Add(Round(before, 50, after));
        Assert.Equal(kept ? 1 : 0, series.Quiet);
    }

    [Fact]
    public void Figures_come_from_the_quiet_rounds_alone()
    {
        var series = new Series("s", ["x"]);
        foreach (var figure in (double[])[50, 51, 52]) series.Add(Round(100, figure, 100));
        series.Add(Round(100, 1_000, 200));

        Assert.False(series.IsNoisy);
        Assert.Equal(51, series.Of("x", sample => sample.PerSecond).Median);
        Assert.Equal(3, series.Of("x", sample => sample.PerSecond).Count);
    }

    [Fact]
    public void With_fewer_than_three_quiet_rounds_all_are_shown_and_said_to_be_noisy()
    {
        var series = new Series("s", ["x"]);
        foreach (var after in (double[])[100, 100, 200, 300, 400]) series.Add(Round(100, 50, after));

        Assert.True(series.IsNoisy);
        Assert.Equal(5, series.Of("x", sample => sample.PerSecond).Count);
    }

    [Fact]
    public void Ratios_are_taken_round_by_round()
    {
        var series = new Series("s", ["x", "y"]);
        foreach (var (speed, y) in (IEnumerable<(double, double)>)[(100, 60), (200, 110), (400, 200)])
            series.Add(new Round(Sample(speed), [Sample(speed / 2), Sample(y)], Sample(speed)));

        Assert.Equal(0.5, series.TimesControl("x", sample => sample.PerSecond).Median);
        Assert.Equal(0.5 / 0.55, series.Times("x", "y", sample => sample.PerSecond).Median, 10);
    }

    [Fact]
    public void The_cost_of_an_operation_is_that_of_service_and_store_without_the_client()
    {
        var sample = new Sample(1_000, 2, 0.010, 0.005, 99, 10, 1_000, 8_000, 0);

        Assert.Equal(15, sample.CpuMicros, 10);
        Assert.Equal(5, sample.StoreMicros, 10);
        Assert.Equal(500, sample.PerSecond);
        Assert.Equal(100, sample.Batch);
        Assert.Equal(8, sample.BytesAllocated);
    }

    private static Round Round(double before, double figure, double after) => new(Sample(before), [Sample(figure)], Sample(after));

    private static Sample Sample(double perSecond) => new((long)(perSecond * 10), 10, 1, 0, 0, 0, 0, 0, 0);
}
