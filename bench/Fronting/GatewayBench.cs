using System.Diagnostics;
using System.Globalization;
using Pennypost.Bench.Figures;
using Pennypost.Bench.Load;
using Pennypost.Bench.Report;

namespace Pennypost.Bench.Fronting;

/// <summary>What the gateway takes: a read and a write through it by gRPC beside the same calls direct, and by JSON beside a minimal API that echoes, in interleaved rounds. The services behind it answer at once, so that the gateway is all there is to see.</summary>
internal sealed class GatewayBench(Extent extent) : IAsyncDisposable
{
    private const string Direct = "direct";
    private const string Through = "through the gateway";
    private const double LeastOfDirect = 0.6;
    private const double LeastOfEcho = 0.8;

    private readonly Findings findings = new();
    private readonly List<Contender> running = [];

    public static async Task<int> RunAsync(Extent extent, string? folder, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        await using var bench = new GatewayBench(extent);
        bench.Conditions();
        await bench.RunAsync(ct);
        bench.findings.Conditions.Add(string.Create(CultureInfo.InvariantCulture, $"The run took {Stopwatch.GetElapsedTime(started).TotalMinutes:0.0} minutes."));
        Printed.Series(bench.findings);
        Printed.Goals(bench.findings);
        if (folder is not null) await Written.ToAsync(folder, "gateway", bench.findings, ct);
        return 0;
    }

    private async Task RunAsync(CancellationToken ct)
    {
        var bytes = await StartAsync(Contender.AloneAsync("front-bytes"));
        var peers = await StartAsync(Contender.AloneAsync("peers"));
        var gateway = await StartAsync(Contender.BeforeAsync("peers", "gateway", Calls.Key));
        var echo = await StartAsync(Contender.AloneAsync("front-json"));
        var json = await StartAsync(Contender.BeforeAsync("peers", "gateway-json", Calls.Key));
        Plan[] plans =
        [
            .. Calls.Fronted.Keys.Select(call => new Plan($"gRPC, {call}", ByGrpc(bytes, Calls.Fronted[call]), [new(Direct, ByGrpc(peers, Calls.Direct[call])), new(Through, ByGrpc(gateway, Calls.Fronted[call]))])),
            .. Calls.Json.Select(call => new Plan($"JSON, {call.Key}", ByJson(echo, call.Value), [new(Through, ByJson(json, call.Value))]) { ControlName = "minimal-API echo" }),
        ];
        Plan.Warm([.. plans.SelectMany(plan => plan.Slots.Select(slot => slot.Measure).Append(plan.Control))], extent);
        var series = Plan.Measure(plans, extent, ct);
        series.ForEach(findings.Add);
        foreach (var one in series) Judge(one);
    }

    private void Judge(Series series)
    {
        var isGrpc = series.Measured.Contains(Direct);
        var share = isGrpc ? series.Times(Through, Direct, sample => sample.PerSecond) : series.TimesControl(Through, sample => sample.PerSecond);
        var cpu = isGrpc ? series.Times(Through, Direct, sample => sample.CpuMicros) : series.TimesControl(Through, sample => sample.CpuMicros);
        var (least, against) = isGrpc ? (LeastOfDirect, "the same call direct") : (LeastOfEcho, "a minimal-API echo");
        findings.Goals.Add(new GoalRow("B9", string.Create(CultureInfo.InvariantCulture, $"{series.Name}: >= {least}x {against}"), Printed.Text(share, "0.00") + "x", share.Median >= least));
        findings.Goals.Add(new GoalRow("-", $"{series.Name}: processor time, the service behind it included", Printed.Text(cpu, "0.00") + "x", null));
    }

    private async Task<Contender> StartAsync(Task<Contender> starting)
    {
        var contender = await starting;
        running.Add(contender);
        return contender;
    }

    internal static Func<TimeSpan, Sample> ByGrpc(Contender contender, Requests requests) => length => contender.Measure(length, (target, time) => Callers.Loop(target, requests, time));

    internal static Func<TimeSpan, Sample> ByJson(Contender contender, JsonRequest request) => length => contender.Measure(length, (target, time) => JsonCallers.Loop(target, request, time));

    private void Conditions()
    {
        findings.Conditions.Add(Machine.Described());
        findings.Conditions.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{extent.Rounds} rounds, {extent.Slot.TotalSeconds:0.##} s each, closed loop: gRPC by {Callers.Connections} connections of {Callers.PerConnection} callers, JSON by {JsonCallers.Threads * JsonCallers.PerThread} connections of HTTP/1.1; the client and all servers share the cores."));
        findings.Conditions.Add("A read is GetPool, a write is SendMessage. Direct is the service's own call behind the same front, and it answers at once; \"store\" is its share of the gateway's processor time. The controls read and write the same and do nothing.");
        findings.Conditions.Add("Medians; intervals are order statistics (95 % and more from 6 rounds on). CPU is that of the servers, the client's left out.");
        findings.Conditions.ForEach(Printed.Line);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var contender in running) await contender.DisposeAsync();
    }
}
