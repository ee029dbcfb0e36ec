using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Pennypost.Bench.Figures;
using Pennypost.Bench.Load;
using Pennypost.Bench.Report;
using Pennypost.Router.V1;

namespace Pennypost.Bench.Deciding;

/// <summary>
/// The router, for 1, 10 and 100 candidates: each step of an answer alone, and Route and RouteMany of a router in a process of its own, in interleaved rounds with echoes that send the same bytes and
/// decide nothing.
/// </summary>
internal sealed class RouterBench(Extent extent) : IAsyncDisposable
{
    private const string Messages = "echo of the same messages";
    private const string OurFront = "and authentication, limits, errors";
    private const double MostNanosPerCandidate = 150;
    private const double MostBytes = 1_024;

    private readonly Findings findings = new();
    private readonly List<Contender> running = [];

    public static async Task<int> RunAsync(Extent extent, bool quick, string? folder, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        await using var bench = new RouterBench(extent);
        bench.Conditions();
        Printed.Line("The steps of an answer, each alone.");
        // Before any server runs: nothing else takes the processor.
        bench.findings.Steps.AddRange(StepBench.Measure(quick));
        Printed.Steps(bench.findings);
        await bench.RunAsync(ct);
        bench.findings.Conditions.Add(string.Create(CultureInfo.InvariantCulture, $"The run took {Stopwatch.GetElapsedTime(started).TotalMinutes:0.0} minutes."));
        Printed.Series(bench.findings);
        Printed.Latencies(bench.findings);
        Printed.Goals(bench.findings);
        if (folder is not null) await Written.ToAsync(folder, "router", bench.findings, ct);
        return 0;
    }

    private async Task RunAsync(CancellationToken ct)
    {
        var bytes = await StartAsync("route-bytes");
        var messages = await StartAsync("route-messages");
        var front = await StartAsync("route-front");
        var router = await StartAsync("router");
        Plan.Warm([.. running.Select(contender => (Func<TimeSpan, Sample>)(length => Questions.Sizes
            .SelectMany(size => new[] { Unary(contender, size)(length), Streamed(contender, size)(length) })
            .Aggregate((one, other) => one + other)))], extent);

        var unary = Questions.Sizes.Select(size => Compared("Route", size, Questions.Of(size).ToByteArray(), new RouteResponse { Decision = Questions.Answer(Questions.Of(size)) }.ToByteArray(), Unary)).ToList();
        var streamed = Questions.Sizes.Select(size => Compared("RouteMany", size, Questions.Item(size).ToByteArray(), Questions.AnswerToItem(Questions.Item(size)).ToByteArray(), Streamed)).ToList();
        var series = Plan.Measure([.. unary, .. streamed], extent, ct);
        series.ForEach(findings.Add);
        JudgeSteps();
        foreach (var (index, size) in Questions.Sizes.Index())
        {
            Judge("Route", size, series[index]);
            Judge("RouteMany", size, series[Questions.Sizes.Count + index]);
        }

        MeasureLatency([.. Questions.Sizes.Index().SelectMany(one => new LatencyPlan[]
        {
            new("gRPC echo of the same bytes", one.Item, bytes, series[one.Index].OfControl(sample => sample.PerSecond).Median),
            new("Route", one.Item, router, series[one.Index].Of("Route", sample => sample.PerSecond).Median),
        })], ct);

        Plan Compared(string call, int size, byte[] question, byte[] answer, Func<Contender, int, Func<TimeSpan, Sample>> measure) => new(
            $"{call}, {Candidates(size)} ({question.Length:N0} bytes there, {answer.Length:N0} back)",
            measure(bytes, size),
            [new(Messages, measure(messages, size)), new(OurFront, measure(front, size)), new(call, measure(router, size))]);
    }

    private async Task<Contender> StartAsync(string name)
    {
        var contender = await Contender.AloneAsync(name);
        running.Add(contender);
        return contender;
    }

    internal static Func<TimeSpan, Sample> Unary(Contender contender, int size)
    {
        var routes = new Routes(Questions.Of(size).ToByteArray());
        return length => contender.Measure(length, (target, time) => Callers.Loop(target, routes, time));
    }

    internal static Func<TimeSpan, Sample> Streamed(Contender contender, int size)
    {
        var item = Questions.Item(size).ToByteArray();
        return length => contender.Measure(length, (target, time) => RouteStreams.Loop(target, item, time));
    }

    private void MeasureLatency(IReadOnlyList<LatencyPlan> plans, CancellationToken ct)
    {
        var measured = plans.SelectMany(_ => extent.Loads, (plan, load) => (Plan: plan, Load: load, Routes: new Routes(Questions.Of(plan.Size).ToByteArray()), Found: new List<Latencies>())).ToList();
        for (var round = 0; round < extent.LatencyRounds; round++)
        {
            ct.ThrowIfCancellationRequested();
            Printed.Line($"Latency, round {round + 1} of {extent.LatencyRounds}.");
            foreach (var (plan, load, routes, found) in measured) found.Add(plan.Contender.Arrive(routes, plan.Most * load, extent.LatencySlot));
        }

        foreach (var (plan, load, _, found) in measured) findings.Latencies.Add(LatencyRow.Of($"{plan.Name}, {Candidates(plan.Size)}", load, plan.Most * load, found));
    }

    private void JudgeSteps()
    {
        foreach (var step in findings.Steps.Where(step => step.Name == StepBench.Decide))
        {
            findings.Goals.Add(new GoalRow("B6", $"Decide, {Candidates(step.Candidates)}: <= {MostNanosPerCandidate} ns each", $"{step.NanosPerCandidate:N1} ns", step.NanosPerCandidate <= MostNanosPerCandidate));
            if (step.Candidates == 10) findings.Goals.Add(new GoalRow("B6", "Decide, 10 candidates: <= 1,024 bytes allocated", $"{step.BytesAllocated:N0} bytes", step.BytesAllocated <= MostBytes));
        }

        foreach (var sentence in findings.Steps.Where(step => step.Name == StepBench.Sentence))
            findings.Goals.Add(new GoalRow("-", $"The sentence, when it is asked for, {Candidates(sentence.Candidates)}", $"{Printed.Text(sentence.Nanos, "N0")} ns, {sentence.BytesAllocated:N0} bytes", null));
    }

    private void Judge(string call, int size, Series series)
    {
        var decide = findings.Steps.Single(step => step.Name == StepBench.Decide && step.Candidates == size).Nanos.Median / 1_000;
        Goal("bytes", series.BesideControl(call, Share));
        Goal("messages", series.Beside(call, Messages, Share));

        double Share(Sample ours, Sample echo) => ours.CpuMicros / (echo.CpuMicros + (2 * decide));

        void Goal(string what, Interval share) => findings.Goals.Add(new GoalRow(
            "B6", $"{call}, {Candidates(size)}: CPU <= echo of the same {what} + 2 x Decide", Printed.Text(share, "0.00") + " of that", share.Median <= 1));
    }

    private void Conditions()
    {
        var conditions = findings.Conditions;
        conditions.Add(Machine.Described());
        conditions.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{extent.Rounds} rounds, {extent.Slot.TotalSeconds:0.#} s each; {Callers.Connections} connections of {Callers.PerConnection} callers, or as many streams of as many items, closed loop; the client and all servers share the cores."));
        conditions.Add("1 candidate is a visit of a profile by one sender; 10 and 100 are a message by 2 and 20 senders over five channels (no e-mail). \"gRPC echo\" carries the same bytes and reads no message.");
        conditions.Add("Medians; intervals are order statistics (95 % and more from 6 rounds on). CPU is that of the server, the client's left out.");
        conditions.ForEach(Printed.Line);
    }

    private static string Candidates(int count) => count == 1 ? "1 candidate" : $"{count} candidates";

    public async ValueTask DisposeAsync()
    {
        foreach (var contender in running) await contender.DisposeAsync();
    }

    private sealed record LatencyPlan(string Name, int Size, Contender Contender, double Most);
}
