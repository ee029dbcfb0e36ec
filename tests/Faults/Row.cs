using System.Diagnostics;

namespace Faults;

/// <summary>What one run of a row came to.</summary>
public sealed record Outcome
{
    /// <summary>What was broken, so many times: kills, stops, cuts.</summary>
    public required int Faults { get; init; }

    /// <summary>Commands or messages that were acknowledged while it was being broken.</summary>
    public required int Acknowledged { get; init; }

    /// <summary>Everything that does not hold; empty if all is well.</summary>
    public required IReadOnlyList<string> Violations { get; init; }

    /// <summary>How long each recovery took, from the end of the fault to what shows that work goes on.</summary>
    public IReadOnlyList<TimeSpan> Recoveries { get; init; } = [];

    /// <summary>What else there is to say.</summary>
    public string Remark { get; init; } = "";

    /// <summary>After a violation, what every process said last.</summary>
    public string Said { get; init; } = "";
}

/// <summary>A row of the table of faults: how it is broken, and what must hold.</summary>
/// <param name="Id">Such as X4.</param>
/// <param name="What">In a sentence.</param>
/// <param name="Whole">How many faults a release run makes.</param>
/// <param name="Shape">What it needs.</param>
/// <param name="Break">Makes so many faults, and says what came of it.</param>
public sealed record Row(string Id, string What, int Whole, InstallationShape Shape, Func<Installation, int, CancellationToken, Task<Outcome>> Break)
{
    /// <summary>One Redis, one broker.</summary>
    public const string Single = "single";

    /// <summary>Three masters with a replica each, one broker.</summary>
    public const string RedisCluster = "redis-cluster";

    /// <summary>One Redis, three brokers.</summary>
    public const string BrokerCluster = "broker-cluster";

    /// <summary>Credits alone, on a SQLite file.</summary>
    public const string Sqlite = "sqlite";

    /// <summary>On what it can be broken.</summary>
    public IReadOnlyList<string> Topologies { get; init; } = Shape.CreditsAlone ? [Single, RedisCluster, Sqlite] : [Single, RedisCluster, BrokerCluster];

    /// <summary>Whether a run is one run, and not as many as batches make of it.</summary>
    public bool InOneGo { get; init; }

    /// <summary>Every row.</summary>
    public static IReadOnlyList<Row> All { get; } =
    [
        KillingCredits.Row, KillingRedis.Row, StoppingCredits.Row, CrashingAtPoints.Row, KillingTheBroker.Row, BreakingLines.Row, LosingAnswers.Row, Duplicating.Row, Poisoning.Row, ProviderOutage.Row, ReplayingWebhooks.Row,
        StoppingAtPoints.Row, DamagingJournals.Row, RacingCallers.Row, JumpingClocks.Row, FillingMemory.Row, FillingTheDisk.Row, DayOfFaults.Row,
    ];

    /// <summary>What it needs, on a topology.</summary>
    public InstallationShape On(string topology) => Shape with { RedisCluster = topology == RedisCluster, BrokerNodes = topology == BrokerCluster ? 3 : 1, Sqlite = topology == Sqlite };

    /// <summary>Runs it on an installation of its own.</summary>
    public async Task<(Outcome Outcome, TimeSpan Took)> RunAsync(int faults, string topology, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        await using var installation = await Installation.StartAsync(On(topology));
        var outcome = await Break(installation, faults, ct);
        if (outcome.Violations.Count > 0)
            outcome = outcome with { Said = installation.Said(200) };
        return (outcome, Stopwatch.GetElapsedTime(started));
    }
}
