using System.Diagnostics;
using System.Globalization;
using Pennypost.Bench.Figures;
using Pennypost.Bench.Load;
using Pennypost.Bench.Report;

namespace Pennypost.Bench;

/// <summary>How much is measured, and for how long.</summary>
/// <param name="Rounds">Of each series.</param>
/// <param name="Slot">One closed-loop measurement.</param>
/// <param name="Loads">Shares of the maximum at which latency is measured.</param>
/// <param name="LatencyRounds">Of each load.</param>
/// <param name="LatencySlot">One open-loop measurement.</param>
/// <param name="ManyPools">How many pools "very many" are.</param>
/// <param name="Postgres">Whether PostgreSQL is installed, if need be, and compared with.</param>
internal sealed record Extent(int Rounds, TimeSpan Slot, double[] Loads, int LatencyRounds, TimeSpan LatencySlot, int ManyPools, bool Postgres)
{
    /// <summary>Under three minutes.</summary>
    public static Extent Quick { get; } = new(7, TimeSpan.FromSeconds(0.35), [0.5], 7, TimeSpan.FromSeconds(0.4), 20_000, false);

    /// <summary>Under 25 minutes on two cores.</summary>
    public static Extent Full { get; } = new(9, TimeSpan.FromSeconds(2), [0.25, 0.5, 0.75, 0.9], 7, TimeSpan.FromSeconds(1.5), 1_000_000, true);
}

/// <summary>The ladder, the workloads and the contenders, in interleaved rounds with a bare gRPC echo before and after each.</summary>
internal sealed class CreditsBench(Extent extent) : IAsyncDisposable
{
    private const string Hot = "full, one hot pool";
    private const string Spread = "full, 1,000 pools";
    private const string ZipfOne = "full, Zipf 1";
    private const string ZipfTwo = "full, Zipf 2";
    private const string LuaHot = "Lua, one hot pool";
    private const string LuaSpread = "Lua, 1,000 pools";
    private const string PostgresHot = "PostgreSQL, one hot pool";
    private const string BulkHot = "full in bulk, one hot pool";
    private const string BulkSpread = "full in bulk, 1,000 pools";
    private const string BulkLuaHot = "Lua in bulk, one hot pool";
    private const string BulkLuaSpread = "Lua in bulk, 1,000 pools";
    private const string FencedAppend = "fenced append of 64 holds";
    private const string PostgresSpread = "PostgreSQL, 1,000 pools";

    private static readonly PoolChoice Thousand = PoolChoice.Uniform(1_000);
    private static readonly PoolChoice FlatZipf = PoolChoice.Zipf(1_000, 1);
    private static readonly PoolChoice SteepZipf = PoolChoice.Zipf(1_000, 2);
    private const int FewPools = 100;

    private readonly Findings findings = new();
    private readonly List<Contender> running = [];

    public static async Task<int> RunAsync(Extent extent, string? folder, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        await using var bench = new CreditsBench(extent);
        await bench.RunAsync(ct);
        bench.findings.Conditions.Add(string.Create(CultureInfo.InvariantCulture, $"The run took {Stopwatch.GetElapsedTime(started).TotalMinutes:0.0} minutes."));
        Printed.Series(bench.findings);
        Printed.Latencies(bench.findings);
        Printed.Sizes(bench.findings);
        Printed.Goals(bench.findings);
        if (folder is not null) await Written.ToAsync(folder, "credits", bench.findings, ct);
        return 0;
    }

    /// <summary>The full service against another build of it, or itself in another environment, hot and on 1,000 pools, in the same rounds.</summary>
    public static async Task<int> BesideAsync(Extent extent, string? assembly, IReadOnlyDictionary<string, string> environment, CancellationToken ct)
    {
        await using var bench = new CreditsBench(extent);
        bench.Conditions();
        var echo = bench.Run(await Contender.AloneAsync("echo"));
        var full = bench.Run(await Contender.OnRedisAsync("full"));
        var other = bench.Run(await Contender.OtherAsync(assembly, environment));
        bench.Warm(bench.running);
        var series = Plan.Measure(
            [
                new Plan(
                    "this build and the other",
                    Control(echo),
                    [
                        new(Hot, full, PoolChoice.Hot), new("other, one hot pool", other, PoolChoice.Hot), new(Spread, full, Thousand), new("other, 1,000 pools", other, Thousand),
                    ]),
            ],
            extent,
            ct)[0];
        bench.findings.Add(series);
        Printed.Series(bench.findings);
        foreach (var (mine, others) in new[] { (Hot, "other, one hot pool"), (Spread, "other, 1,000 pools") })
        {
            Printed.Line($"{mine}: {Printed.Text(series.Times(mine, others, sample => sample.PerSecond), "0.000")} x the other's answers, " +
                $"{Printed.Text(series.Times(mine, others, sample => sample.CpuMicros), "0.000")} x its CPU.");
        }

        return 0;
    }

    private async Task RunAsync(CancellationToken ct)
    {
        Conditions();
        var echo = Run(await Contender.AloneAsync("echo"));
        var http2 = Run(await Contender.AloneAsync("http2"));
        var auth = Run(await Contender.AloneAsync("auth"));
        var nothing = Run(await Contender.AloneAsync("null"));
        var noop = Run(await Contender.OnRedisAsync("noop"));
        var full = Run(await Contender.OnRedisAsync("full"));
        var lua = Run(await Contender.OnRedisAsync("lua"));
        await using var redis = await OwnProcess.RedisAsync();
        await using var bare = await BareRedis.ConnectAsync(redis);
        var postgres = extent.Postgres ? Run(await Contender.OnPostgresAsync()) : null;
        Warm(running);
        var control = Control(echo);

        var plans = new List<Plan>
        {
            new("The ladder, one hot pool", control,
            [
                new("HTTP/2 echo", http2, PoolChoice.Hot), new("gRPC echo + auth", auth, PoolChoice.Hot), new("null store", nothing, PoolChoice.Hot), new("no-op script", noop, PoolChoice.Hot),
                new(Hot, full, PoolChoice.Hot),
            ]),
            new("Spread over pools", control,
            [
                new("null store, 1,000 pools", nothing, Thousand), new("no-op script, 1,000 pools", noop, Thousand), new(Spread, full, Thousand), new(ZipfOne, full, FlatZipf), new(ZipfTwo, full, SteepZipf),
                new(Hot, full, PoolChoice.Hot),
            ]),
            new("Contenders", control,
            [
                new(Hot, full, PoolChoice.Hot), new(LuaHot, lua, PoolChoice.Hot), .. Slots(postgres, PostgresHot, PoolChoice.Hot),
                new(Spread, full, Thousand), new(LuaSpread, lua, Thousand), .. Slots(postgres, PostgresSpread, Thousand),
            ]),
            new("In bulk: Transact, and what Redis can do without a service", control,
            [
                new("stream echo", length => echo.Transact(PoolChoice.Hot, length)), new("null store in bulk, hot", length => nothing.Transact(PoolChoice.Hot, length)),
                new(BulkHot, length => full.Transact(PoolChoice.Hot, length)), new(BulkLuaHot, length => lua.Transact(PoolChoice.Hot, length)),
                new(BulkSpread, length => full.Transact(Thousand, length)), new(BulkLuaSpread, length => lua.Transact(Thousand, length)), .. Slots(postgres, PostgresHot, PoolChoice.Hot),
                new(FencedAppend, length => bare.Append(length)), new("no-op EVALSHA", length => bare.DoNothing(length)),
            ]),
        };
        var series = Plan.Measure(plans, extent, ct);
        series.ForEach(findings.Add);
        Judge(series[0], series[1], series[2], series[3]);

        List<LatencyPlan> latencies =
        [
            new("gRPC echo", echo, PoolChoice.Hot, series[0].OfControl(sample => sample.PerSecond).Median),
            Latency(Hot, full, PoolChoice.Hot), Latency(Spread, full, Thousand), Latency(LuaSpread, lua, Thousand), .. postgres is null ? [] : new[] { Latency(PostgresSpread, postgres, Thousand) },
        ];
        MeasureLatency(latencies, ct);
        await GrowAsync(echo, ct);

        LatencyPlan Latency(string name, Contender contender, PoolChoice choice) => new(name, contender, choice, series[2].Of(name, sample => sample.PerSecond).Median);

        static IEnumerable<Slot> Slots(Contender? contender, string name, PoolChoice choice) => contender is null ? [] : [new Slot(name, contender, choice)];
    }

    private Contender Run(Contender contender)
    {
        running.Add(contender);
        return contender;
    }

    private static Func<TimeSpan, Sample> Control(Contender echo) => length => echo.Measure(PoolChoice.Hot, length);

    private void Warm(params IReadOnlyList<Contender> contenders) => Plan.Warm(
        [.. contenders.Select(contender => (Func<TimeSpan, Sample>)(length =>
        {
            var sample = contender.Measure(PoolChoice.Hot, length);
            if (contender.HasPools) sample += contender.Measure(Thousand, length);
            if (contender.HasStreams) sample += contender.Transact(PoolChoice.Hot, length);
            return sample;
        }))],
        extent);

    private void MeasureLatency(List<LatencyPlan> plans, CancellationToken ct)
    {
        var measured = plans.SelectMany(_ => extent.Loads, (plan, load) => (Plan: plan, Load: load, Found: new List<Latencies>())).ToList();
        var fsyncs = new List<Quantiles>();
        for (var round = 0; round < extent.LatencyRounds; round++)
        {
            ct.ThrowIfCancellationRequested();
            Printed.Line($"Latency, round {round + 1} of {extent.LatencyRounds}.");
            fsyncs.Add(Disk.Fsyncs());
            foreach (var (plan, load, found) in measured) found.Add(plan.Contender.Arrive(plan.Choice, plan.Most * load, extent.LatencySlot));
        }

        foreach (var (plan, load, found) in measured)
        {
            findings.Latencies.Add(LatencyRow.Of(plan.Name, load, plan.Most * load, found));
        }

        findings.Latencies.Add(new LatencyRow(
            "fsync of 4 KiB", 0, 0, Interval.Of(fsyncs.Select(one => one.P50)), Interval.Of(fsyncs.Select(one => one.P99)), Interval.Of(fsyncs.Select(one => one.P999)), fsyncs.Max(one => one.Max), fsyncs.Sum(one => one.Count), 0, 0));
        var echo = measured.First(one => one.Plan.Name == "gRPC echo" && one.Load == 0.5).Found;
        foreach (var name in new[] { Hot, Spread })
        {
            var ours = measured.First(one => one.Plan.Name == name && one.Load == 0.5).Found;
            var share = Interval.Of(ours.Select((one, round) => one.Times.P99 / ((3 * echo[round].Times.P99) + (2 * fsyncs[round].P99))));
            findings.Goals.Add(new GoalRow("B5", $"{name}: p99 at half load <= 3 x echo p99 + 2 x fsync p99", $"{Printed.Text(share, "0.00")} of that", share.Median <= 1));
        }
    }

    /// <summary>What pools, holds and journal take, and what an operation costs among very many pools.</summary>
    private async Task GrowAsync(Contender echo, CancellationToken ct)
    {
        var full = Run(await Contender.OnRedisAsync("full"));
        await using var memory = await RedisMemory.ConnectAsync(full.Store!);
        Warm(full);

        var many = PoolChoice.Uniform(extent.ManyPools);
        var few = PoolChoice.Uniform(FewPools);
        var before = await memory.ReadAsync();
        var started = Stopwatch.GetTimestamp();
        var manyPrefix = full.Open(many, 0);
        full.Settle();
        Printed.Line(string.Create(CultureInfo.InvariantCulture, $"Opened {many.Name} in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s."));
        var opened = (await memory.ReadAsync()).Since(before, many.Pools);
        findings.Sizes.AddRange(opened.Rows("pool"));

        // One hot pool: its commits hold far more than eight entries each.
        before = await memory.ReadAsync();
        var holds = full.Measure(PoolChoice.Hot, extent.Slot).Operations;
        var held = (await memory.ReadAsync()).Since(before, holds);
        findings.Sizes.AddRange(held.Rows("open hold"));

        var fewPrefix = full.Open(few, 0);
        var growth = Plan.Measure(
            [
                new Plan("Growth", Control(echo),
                [
                    new("full, " + few.Name, length => full.Measure(few, fewPrefix, length)), new("full, " + many.Name, length => full.Measure(many, manyPrefix, length)),
                ]),
            ],
            extent,
            ct)[0];
        findings.Add(growth);
        Size("B10", $"bytes per pool <= 180 ({many.Name}; state, list and due index)", opened.Of("state") + opened.Of("list") + opened.Of("due"), 180);
        Size("B10", "bytes per open hold <= 60", held.Of("record"), 60);
        Size("B10", "bytes per journal entry <= 64, in batches of 8 and more", held.Of("journal") + held.Of("page"), 64);
        Goal("B10", $"CPU at {many.Name} <= 1.15 x that at {few.Name}", growth.Times("full, " + many.Name, "full, " + few.Name, sample => sample.CpuMicros), atMost: 1.15);

        void Size(string id, string target, double bytes, double most) => findings.Goals.Add(new GoalRow(id, target, bytes.ToString("0.0", CultureInfo.InvariantCulture), bytes <= most));
    }

    private void Judge(Series ladder, Series spread, Series contenders, Series bulk)
    {
        Goal("B1", $"{Hot}: answers >= 0.60 x echo", ladder.TimesControl(Hot, sample => sample.PerSecond), atLeast: 0.60);
        Goal("B1", $"{Hot}: CPU <= 2.0 x echo", ladder.TimesControl(Hot, sample => sample.CpuMicros), atMost: 2.0);
        Goal("B1", $"{Spread}: answers >= 0.50 x echo", spread.TimesControl(Spread, sample => sample.PerSecond), atLeast: 0.50);
        Goal("B1", $"{Spread}: CPU <= 2.5 x echo", spread.TimesControl(Spread, sample => sample.CpuMicros), atMost: 2.5);
        findings.Goals.Add(new GoalRow("-", $"{Hot}: answers against one Lua script per command", Printed.Text(contenders.Times(Hot, LuaHot, sample => sample.PerSecond), "0.00") + " x", null));
        findings.Goals.Add(new GoalRow("-", $"{Spread}: answers against one Lua script per command", Printed.Text(contenders.Times(Spread, LuaSpread, sample => sample.PerSecond), "0.00") + " x", null));
        findings.Goals.Add(new GoalRow("-", $"{Hot}: CPU against one Lua script per command", Printed.Text(contenders.Times(Hot, LuaHot, sample => sample.CpuMicros), "0.00") + " x", null));
        findings.Goals.Add(new GoalRow("-", $"{Spread}: CPU against one Lua script per command", Printed.Text(contenders.Times(Spread, LuaSpread, sample => sample.CpuMicros), "0.00") + " x", null));
        Goal("B2", $"{BulkHot}: answers >= 10 x one Lua script per command", bulk.Times(BulkHot, BulkLuaHot, sample => sample.PerSecond), atLeast: 10);
        Goal("B2", $"{BulkSpread}: answers >= 6 x one Lua script per command", bulk.Times(BulkSpread, BulkLuaSpread, sample => sample.PerSecond), atLeast: 6);
        Goal("B2", $"{BulkHot}: answers >= 0.25 x the {FencedAppend}", bulk.Times(BulkHot, FencedAppend, sample => sample.PerSecond), atLeast: 0.25);
        if (extent.Postgres)
        {
            Goal("B3", $"{BulkHot}: answers >= 100 x PostgreSQL, one hot pool", bulk.Times(BulkHot, PostgresHot, sample => sample.PerSecond), atLeast: 100);
            Goal("B3", $"{Spread}: answers >= 4 x PostgreSQL", contenders.Times(Spread, PostgresSpread, sample => sample.PerSecond), atLeast: 4);
            Goal("B3", $"{Hot}: answers >= 25 x PostgreSQL", contenders.Times(Hot, PostgresHot, sample => sample.PerSecond), atLeast: 25);
        }

        Goal("B4", "1,000 pools: answers >= 0.8 x one hot pool", spread.Times(Spread, Hot, sample => sample.PerSecond), atLeast: 0.8);
        var (flat, steep) = (spread.Times(ZipfOne, Hot, sample => sample.PerSecond), spread.Times(ZipfTwo, Hot, sample => sample.PerSecond));
        var (least, most) = (spread.Times(Spread, Hot, sample => sample.PerSecond).Low, 1.0);
        findings.Goals.Add(new GoalRow(
            "B4", "Zipf 1 and 2: between 1,000 pools and one hot pool", $"{Printed.Text(flat, "0.00")} and {Printed.Text(steep, "0.00")} x one hot pool", flat.Median >= least && steep.Median >= least && flat.Low <= most && steep.Low <= most));
    }

    private void Goal(string id, string target, Interval measured, double atLeast = double.NegativeInfinity, double atMost = double.PositiveInfinity) =>
        findings.Goals.Add(new GoalRow(id, target, Printed.Text(measured, "0.00") + " x", measured.Median >= atLeast && measured.Median <= atMost));

    private void Conditions()
    {
        var conditions = findings.Conditions;
        conditions.Add(Machine.Described());
        conditions.Add("Redis: appendfsync always, no rewriting of its log. PostgreSQL 15: fsync and synchronous_commit on. Both write to the temporary folder.");
        conditions.Add(string.Create(CultureInfo.InvariantCulture, $"{extent.Rounds} rounds, {extent.Slot.TotalSeconds:0.#} s each; {Callers.Connections} connections of {Callers.PerConnection} callers, closed loop; the client and all servers share the cores."));
        conditions.Add("Medians; intervals are order statistics (95 % and more from 6 rounds on). CPU is that of the service and its store, the client's left out.");
        conditions.ForEach(Printed.Line);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var contender in running) await contender.DisposeAsync();
    }

    private sealed record LatencyPlan(string Name, Contender Contender, PoolChoice Choice, double Most);
}
