using System.Diagnostics;
using System.Globalization;
using Pennypost.Bench.Figures;
using Pennypost.Bench.Load;
using Pennypost.Bench.Report;
using Topology;

namespace Pennypost.Bench.Fronting;

/// <summary>What is left of the gateway for an honest tenant while somebody else does their worst: its calls at half of what a key may, alone and then under each attack, in every round.</summary>
internal sealed class AttackBench(int rounds)
{
    private const double PerSecond = 125;
    private const double LeastKept = 0.9;
    private static readonly TimeSpan Slot = TimeSpan.FromSeconds(4);

    // So long an attack goes on before anybody is measured.
    private static readonly TimeSpan Beginning = TimeSpan.FromSeconds(1);

    private readonly Findings findings = new();

    public static async Task<int> RunAsync(int rounds, string? folder, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        var bench = new AttackBench(rounds);
        bench.Conditions();
        await bench.RunAsync(ct);
        bench.findings.Conditions.Add(string.Create(CultureInfo.InvariantCulture, $"The run took {Stopwatch.GetElapsedTime(started).TotalMinutes:0.0} minutes."));
        Printed.Latencies(bench.findings);
        Printed.Goals(bench.findings);
        if (folder is not null) await Written.ToAsync(folder, "attacks", bench.findings, ct);
        return 0;
    }

    private async Task RunAsync(CancellationToken ct)
    {
        await using var peers = await OwnProcess.SelfAsync("serve", "peers");
        var rest = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", Ports.Free(1)[0]).Uri;
        await using var gateway = await OwnProcess.SelfAsync("serve", "gateway-limited", "--store", $"{peers.Address} {rest.Port}");
        var honest = new Target(gateway.Address, Calls.Key, "");
        string[] attacks = [.. Attacker.OverGrpc, .. Attacker.OverRest];
        var measured = 0;
        var alone = new List<Latencies>();
        var attacked = attacks.ToDictionary(attack => attack, _ => new List<Latencies>());
        Callers.Arrive(honest, Calls.Fronted["a read"], PerSecond, Slot, ++measured);
        for (var round = 0; round < rounds; round++)
        {
            var calm = Callers.Arrive(honest, Calls.Fronted["a read"], PerSecond, Slot, ++measured);
            alone.Add(calm);
            foreach (var attack in attacks)
            {
                ct.ThrowIfCancellationRequested();
                await using var attacker = await OwnProcess.SelfAsync("attack", attack, "--address", (Attacker.OverGrpc.Contains(attack) ? gateway.Address : rest).ToString(), "--token", Calls.GreedyKey);
                attacker.GiveWay();
                await Task.Delay(Beginning, ct);
                var found = Callers.Arrive(honest, Calls.Fronted["a read"], PerSecond, Slot, ++measured);
                attacked[attack].Add(found);
                Printed.Line(string.Create(CultureInfo.InvariantCulture, $"Round {round + 1} of {rounds}, {attack}: {found.InTime} of {found.Times.Count} in time, p99 {found.Times.P99:0.0} ms; alone {calm.InTime} of {calm.Times.Count}, {calm.Times.P99:0.0} ms."));
            }
        }

        findings.Latencies.Add(LatencyRow.Of("alone", 0.5, PerSecond, alone));
        foreach (var attack in attacks)
        {
            var kept = Interval.Of(attacked[attack].Select((found, round) => Share(found) / Share(alone[round])));
            findings.Latencies.Add(LatencyRow.Of(attack, 0.5, PerSecond, attacked[attack]));
            findings.Goals.Add(new GoalRow("-", string.Create(CultureInfo.InvariantCulture, $"{attack}: an honest tenant keeps >= {LeastKept}x of its calls in time"), Printed.Text(kept, "0.00") + "x", kept.Median >= LeastKept));
        }

        static double Share(Latencies found) => (double)found.InTime / found.Times.Count;
    }

    private void Conditions()
    {
        findings.Conditions.Add(Machine.Described());
        findings.Conditions.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{rounds} rounds, {Slot.TotalSeconds:0} s each: GetPool by gRPC, {PerSecond} a second at any moment whatever was answered (open loop), by the gateway with the limits that it has by default, before services that answer at once. In time is within {Callers.InTime.TotalMilliseconds:0} ms of when a call was meant to be sent."));
        findings.Conditions.Add("The attacker has a process of its own on the same cores, at the lowest priority: what it takes of them is not the gateway's to prevent; what the gateway does for it is.");
        findings.Conditions.ForEach(Printed.Line);
    }
}
