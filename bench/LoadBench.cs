using System.Globalization;
using Pennypost.Bench.Figures;
using Pennypost.Bench.Load;
using Pennypost.Bench.Report;

namespace Pennypost.Bench;

/// <summary>Load for a credits service that somebody else started.</summary>
internal static class LoadBench
{
    // So that a second run places holds of its own.
    private static readonly string Prefix = string.Create(CultureInfo.InvariantCulture, $"load{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}");

    private const double MostPerSecond = 350_000;

    public static int Run(Target target, PoolChoice choice, TimeSpan length, double? perSecond)
    {
        var pools = new Requests.Pools(Prefix, choice);
        var (opened, took) = Callers.Loop(target, pools, TimeSpan.MaxValue, pools.Count((long)((perSecond ?? MostPerSecond) * length.TotalSeconds)));
        Printed.Line(string.Create(CultureInfo.InvariantCulture, $"Opened {opened:N0} pools in {took:0.0} s."));
        var holds = new Requests.Holds(Prefix, choice, Prefix);
        if (perSecond is not { } rate)
        {
            var (operations, seconds) = Callers.Loop(target, holds, length);
            Printed.Line(string.Create(CultureInfo.InvariantCulture, $"Placed {operations:N0} holds in {seconds:0.0} s: {operations / seconds:N0} a second, {Callers.Connections * Callers.PerConnection} at a time."));
            return 0;
        }

        var found = Callers.Arrive(target, holds, rate, length, 1);
        Printed.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"Placed {found.Times.Count - found.Unanswered:N0} holds at {rate:N0} a second; milliseconds from the intended send time: p50 {found.Times.P50:0.00}, p99 {found.Times.P99:0.00}, p99.9 {found.Times.P999:0.00}, max {found.Times.Max:0.0}; {found.Unanswered} unanswered."));
        return 0;
    }
}
