namespace Bench.Tests;

/// <summary>B1-B3: each rung and contender answers for a moment, and what it costs is counted. Nothing is said of how fast.</summary>
public sealed class ServingRungs
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.2);
    private static readonly PoolChoice Few = PoolChoice.Uniform(20);

    [Theory]
    [InlineData("http2", 0)]
    [InlineData("echo", 0)]
    [InlineData("auth", 0)]
    [InlineData("null", 1)]
    public async Task A_rung_without_a_store_answers(string name, int commits)
    {
        await using var rung = await Contender.AloneAsync(name);
        Check(rung, commits > 0);
        Assert.Equal(0, rung.Measure(Few, Moment).StoreCpu);
    }

    [Theory]
    [InlineData("noop", true)]
    [InlineData("full", true)]
    [InlineData("lua", false)]
    public async Task A_rung_on_Redis_answers(string name, bool commits)
    {
        await using var rung = await Contender.OnRedisAsync(name);
        var sample = Check(rung, commits);
        Assert.True(sample.StoreCpu > 0);
    }

    [Fact]
    public async Task What_was_answered_in_an_open_loop_is_all_that_was_sent()
    {
        await using var full = await Contender.OnRedisAsync("full");
        var found = full.Arrive(Few, 500, TimeSpan.FromSeconds(1));

        Assert.Equal(0, found.Unanswered);
        Assert.InRange(found.Times.Count, 350, 650);
        Assert.True(found.Times.P50 > 0 && found.Times.Max >= found.Times.P99);
    }

    [Theory]
    [InlineData("full", true)]
    [InlineData("lua", false)]
    public async Task Commands_in_bulk_are_all_answered(string name, bool commits)
    {
        await using var rung = await Contender.OnRedisAsync(name);
        var sample = rung.Transact(Few, Moment);
        Assert.True(sample.Operations > 0);
        Assert.Equal(commits ? sample.Operations : 0, sample.Commands);
    }

    private static Sample Check(Contender rung, bool commits)
    {
        var sample = rung.Measure(Few, Moment);
        Assert.True(sample.Operations > 0 && sample.ServerCpu > 0);
        // All of a rung's commands are holds that it was asked for: nothing was answered from somewhere else.
        Assert.Equal(commits ? sample.Operations : 0, sample.Commands);
        return sample;
    }
}
