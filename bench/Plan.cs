using System.Diagnostics;
using Pennypost.Bench.Figures;
using Pennypost.Bench.Report;

namespace Pennypost.Bench;

/// <summary>One thing to measure for so long.</summary>
internal sealed record Slot(string Name, Func<TimeSpan, Sample> Measure)
{
    public Slot(string name, Contender contender, PoolChoice choice)
        : this(name, length => contender.Measure(choice, length))
    {
    }
}

/// <summary>What one series compares, and the control that is measured before and after it in every round.</summary>
internal sealed record Plan(string Name, Func<TimeSpan, Sample> Control, IReadOnlyList<Slot> Slots)
{
    /// <summary>What the control is.</summary>
    public string ControlName { get; init; } = "gRPC echo";

    private const int FewestWarmings = 3;
    private const double Compiled = 0.02;
    private static readonly TimeSpan LongestWarming = TimeSpan.FromSeconds(45);

    /// <summary>Every plan once in each round, so that what changes on the machine changes for all of them.</summary>
    public static List<Series> Measure(IReadOnlyList<Plan> plans, Extent extent, CancellationToken ct)
    {
        var series = plans.Select(plan => new Series(plan.Name, [.. plan.Slots.Select(slot => slot.Name)]) { ControlName = plan.ControlName }).ToList();
        for (var round = 0; round < extent.Rounds; round++)
        {
            foreach (var (index, plan) in plans.Index())
            {
                ct.ThrowIfCancellationRequested();
                var before = plan.Control(extent.Slot / 2);
                var samples = plan.Slots.Select(slot => slot.Measure(extent.Slot)).ToList();
                var done = new Round(before, samples, plan.Control(extent.Slot / 2));
                series[index].Add(done);
                Printed.Line($"{plan.Name}, round {round + 1} of {extent.Rounds}: {plan.ControlName} {done.Control.PerSecond:N0}/s, drifted by {done.Drift:P0}; " +
                    string.Join(", ", plan.Slots.Select((slot, at) => $"{slot.Name} {samples[at].PerSecond:N0}")));
            }
        }

        return series;
    }

    // The compiler makes its best code of what ran long enough; until then it takes more time than what is measured.
    public static void Warm(IReadOnlyList<Func<TimeSpan, Sample>> measured, Extent extent)
    {
        var (started, length) = (Stopwatch.GetTimestamp(), extent.Slot / 2);
        for (var time = 1; time <= FewestWarmings || Stopwatch.GetElapsedTime(started) < LongestWarming; time++)
        {
            var compiling = measured.Max(measure =>
            {
                var sample = measure(length);
                return sample.CompilerCpu / sample.ServerCpu;
            });
            Printed.Line($"Warming up: the just-in-time compiler takes up to {compiling:P0} of a service's time.");
            if (compiling < Compiled && time >= FewestWarmings) return;
        }
    }
}
