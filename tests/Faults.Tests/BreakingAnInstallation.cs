namespace Faults.Tests;

/// <summary>
/// A small sample of every row of faults, on real processes; <c>dotnet run -c Release --project tests/Faults</c> makes the whole. Each shape of installation is started once and broken by several rows in turn.
/// </summary>
public abstract class Breaking : IAsyncLifetime
{
    private readonly InstallationShape _shape;
    private Installation? _installation;

    protected Breaking(InstallationShape shape) => _shape = shape;

    public async Task InitializeAsync() => _installation = await Installation.StartAsync(_shape);

    public async Task DisposeAsync()
    {
        if (_installation is not null)
            await _installation.DisposeAsync();
    }

    private protected async Task<Outcome> BreakAsync(Row row, int faults) => Sample.Holds(row, faults, await row.Break(_installation!, faults, CancellationToken.None), _installation!.Said());
}

/// <summary>A few faults of a row, and what must hold of what came of them.</summary>
internal static class Sample
{
    /// <summary>On an installation of its own.</summary>
    public static async Task RunAsync(Row row, int faults, string topology)
    {
        var (outcome, _) = await row.RunAsync(faults, topology, CancellationToken.None);
        Holds(row, faults, outcome, outcome.Said);
    }

    public static Outcome Holds(Row row, int faults, Outcome outcome, string said)
    {
        Assert.True(outcome.Violations.Count == 0, $"{row.Id}, {outcome.Faults} faults, {outcome.Acknowledged} acknowledged:\n{string.Join('\n', outcome.Violations)}\n{said}");
        Assert.True(outcome.Faults >= faults, $"{row.Id} made {outcome.Faults} faults of {faults}.");
        Assert.True(outcome.Acknowledged > 0, $"{row.Id}: nothing was acknowledged, so nothing was shown.");
        return outcome;
    }
}

/// <summary>Two credits instances on one Redis under mixed load.</summary>
public sealed class BreakingTheLedger() : Breaking(KillingCredits.Row.Shape)
{
    [Fact]
    public async Task Kills_stops_and_crashes_at_every_gap_lose_nothing_acknowledged_and_do_nothing_twice_X1_X2_X3_X19()
    {
        // Every second kill is at one of three gaps: each gap three times.
        await BreakAsync(KillingCredits.Row, 18);
        await BreakAsync(KillingRedis.Row, 3);
        await BreakAsync(StoppingCredits.Row, 3);
    }
}

/// <summary>Everything there is, two instances of credits and dispatcher.</summary>
public sealed class BreakingDelivery() : Breaking(CrashingAtPoints.Row.Shape)
{
    [Fact]
    public async Task Kills_at_every_gap_duplicates_poison_forgeries_and_a_dead_broker_send_nobody_anything_twice_and_lose_nothing_X4_X5_X8_X13_X16()
    {
        await BreakAsync(Duplicating.Row, 1);
        await BreakAsync(Poisoning.Row, 40);
        await BreakAsync(CrashingAtPoints.Row, CrashingAtPoints.Points.Count);
        await BreakAsync(KillingTheBroker.Row, 1);
        await BreakAsync(ReplayingWebhooks.Row, 160);
    }
}

/// <summary>A proxy on every line.</summary>
public sealed class BreakingTheLines() : Breaking(BreakingLines.Row.Shape)
{
    [Fact]
    public async Task Broken_lines_and_lost_answers_are_lived_through_X6_X7()
    {
        await BreakAsync(BreakingLines.Row, 12);
        await BreakAsync(LosingAnswers.Row, 30);
    }
}

/// <summary>Five dispatchers, of which four are stopped at a time.</summary>
public sealed class StoppingDispatchers() : Breaking(StoppingAtPoints.Row.Shape)
{
    [Fact]
    public async Task Whoever_slept_through_ten_leases_sends_nothing_late_X23() => await BreakAsync(StoppingAtPoints.Row, 8);
}

/// <summary>Six Redis processes.</summary>
public sealed class BreakingARedisCluster() : Breaking(KillingRedis.Row.Shape with { RedisCluster = true })
{
    [Fact]
    public async Task A_master_that_dies_and_comes_back_has_all_that_it_acknowledged_X2() => await BreakAsync(KillingRedis.Row, 1);
}

/// <summary>Three RabbitMQ nodes.</summary>
public sealed class BreakingABrokerCluster() : Breaking(KillingTheBroker.Row.Shape with { BrokerNodes = 3 })
{
    [Fact]
    public async Task A_node_that_dies_takes_nothing_with_it_X5() => await BreakAsync(KillingTheBroker.Row, 1);
}

/// <summary>What is stored, on each store.</summary>
public sealed class DamagingWhatIsStored
{
    [Theory]
    [InlineData(Row.Single)]
    [InlineData(Row.Sqlite)]
    public async Task Every_bit_that_turned_over_and_every_end_that_is_missing_is_found_X10(string topology) => await Sample.RunAsync(DamagingJournals.Row, 300, topology);
}

/// <summary>Two credits instances and a Redis, and nothing else.</summary>
public sealed class BreakingCreditsAlone() : Breaking(RacingCallers.Row.Shape)
{
    [Fact]
    public async Task Races_full_memory_and_jumping_clocks_leave_one_order_and_grant_nothing_twice_X11_X17_X19()
    {
        await BreakAsync(RacingCallers.Row, 2_000);
        await BreakAsync(FillingMemory.Row, 2);
        await BreakAsync(JumpingClocks.Row, 12);
    }
}

/// <summary>A disk of a few megabytes under the store.</summary>
public sealed class FillingDisks
{
    [Theory]
    [InlineData(Row.Single)]
    [InlineData(Row.Sqlite)]
    public async Task A_full_disk_acknowledges_nothing_that_is_lost_and_ends_by_itself_X9(string topology) => await Sample.RunAsync(FillingTheDisk.Row, 1, topology);
}
