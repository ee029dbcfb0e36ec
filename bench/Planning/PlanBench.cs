using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Pennypost.Routing.Planning;
using Spectre.Console;

namespace Pennypost.Bench.Planning;

/// <summary>How long a plan takes, and how much memory, from a hundred to a hundred thousand prospects and from one sender to fifty. Goal B7: 100,000 prospects and 20 senders in 10 s and 2 GiB, with a gap of 0.1 % at most.</summary>
internal static class PlanBench
{
    private static readonly int[] _prospects = [100, 1_000, 10_000, 100_000];
    private static readonly int[] _senders = [1, 5, 20, 50];
    private static readonly bool[] _limits = [false, true];
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>One plan, as a process that makes nothing else reports it.</summary>
    internal sealed record Once(int Prospects, int Senders, bool Crossing, double JudgeSeconds, double SolveSeconds, double CpuSeconds, double PeakMebibytes, long Sends, double Profit, double InTurn, double GapShare)
    {
        public double Seconds => JudgeSeconds + SolveSeconds;
    }

    /// <summary>Each size in rounds, one after the other, each in a process of its own: memory that another one left behind says nothing.</summary>
    public static async Task<int> RunAsync(int rounds, string? folder, CancellationToken ct)
    {
        var sizes = (from crossing in _limits from senders in _senders from prospects in _prospects where !crossing || senders == 20 select (prospects, senders, crossing)).ToList();
        var made = new List<Once>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (prospects, senders, crossing) in sizes)
                made.Add(await InAProcessAsync(prospects, senders, crossing, ct));
        }

        var table = new Table().AddColumns("limits", "senders", "prospects", "judged, s", "solved, s", "CPU, s", "µs each pair", "MiB", "gap", "x in turn");
        foreach (var same in made.GroupBy(once => (once.Crossing, once.Senders, once.Prospects)))
        {
            table.AddRow(
                same.Key.Crossing ? "cross" : "nest",
                N(same.Key.Senders, "0"),
                N(same.Key.Prospects, "#,0"),
                N(Median(same, once => once.JudgeSeconds), "0.00"),
                N(Median(same, once => once.SolveSeconds), "0.00"),
                N(Median(same, once => once.CpuSeconds), "0.00"),
                N(Median(same, once => once.CpuSeconds) * 1e6 / (same.Key.Senders * (double)same.Key.Prospects), "0.0"),
                N(Median(same, once => once.PeakMebibytes), "0"),
                same.All(once => once.GapShare == 0) ? "none" : N(100 * same.Max(once => once.GapShare), "0.0000") + " %",
                N(same.First().Profit / same.First().InTurn, "0.00"));
        }

        AnsiConsole.Write(table);
        var goal = made.Where(once => once is { Prospects: 100_000, Senders: 20 }).ToList();
        AnsiConsole.WriteLine($"B7, 100,000 prospects and 20 senders in 10 s, 2 GiB, gap 0.1 %: {(goal.All(once => once is { Seconds: <= 10, PeakMebibytes: <= 2_048, GapShare: <= 0.001 }) ? "met" : "missed")} ({rounds} rounds).");
        if (folder is not null)
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, "plan.json"), JsonSerializer.Serialize(made, _json), ct);
            await File.WriteAllTextAsync(Path.Combine(folder, "plan.svg"), Growth(made), ct);
            AnsiConsole.WriteLine($"Written: {Path.Combine(folder, "plan")}.json and .svg");
        }

        return 0;
    }

    /// <summary>One plan in this process.</summary>
    public static int RunOnce(int prospects, int senders, bool crossing, CancellationToken ct)
    {
        var scene = new PlanScene(prospects, senders, crossing);
        // The code is compiled before it is timed.
        var warm = new PlanScene(200, senders, crossing);
        Solve(warm, ct);

        using var self = Process.GetCurrentProcess();
        var cpu = self.TotalProcessorTime;
        var start = Stopwatch.GetTimestamp();
        var draft = scene.Draft();
        foreach (var prospect in scene.Prospects(draft))
            draft.Add(prospect);
        var judged = Stopwatch.GetTimestamp();
        var plan = draft.Solve(ct);
        var end = Stopwatch.GetTimestamp();
        self.Refresh();
        Console.WriteLine(JsonSerializer.Serialize(
            new Once(
                prospects, senders, crossing, Stopwatch.GetElapsedTime(start, judged).TotalSeconds, Stopwatch.GetElapsedTime(judged, end).TotalSeconds, (self.TotalProcessorTime - cpu).TotalSeconds, self.PeakWorkingSet64 / (1024.0 * 1024),
                plan.Assignments.Count(assignment => assignment is Assignment.Send), (double)plan.ProfitMicros, (double)plan.InTurn.ProfitMicros, (double)plan.GapMicros / (double)plan.ProfitMicros),
            _json));
        return 0;
    }

    private static void Solve(PlanScene scene, CancellationToken ct)
    {
        var draft = scene.Draft();
        foreach (var prospect in scene.Prospects(draft))
            draft.Add(prospect);
        draft.Solve(ct);
    }

    private static async Task<Once> InAProcessAsync(int prospects, int senders, bool crossing, CancellationToken ct)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        string[] arguments = [typeof(PlanBench).Assembly.Location, "plan-once", Text(prospects), Text(senders), crossing ? "true" : "false"];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return JsonSerializer.Deserialize<Once>(line, _json) ?? throw new InvalidOperationException($"A plan of {prospects} prospects was not made.");
    }

    private static double Median(IEnumerable<Once> same, Func<Once, double> figure)
    {
        var sorted = same.Select(figure).Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>Seconds over prospects, both on scales of tens: a straight line that climbs as it goes is growth in proportion.</summary>
    private static string Growth(IReadOnlyList<Once> made)
    {
        string[] colours = ["#3b6fb6", "#2a8f6a", "#b5652b", "#8a4fa3"];
        var svg = new StringBuilder();
        Add("""<svg xmlns="http://www.w3.org/2000/svg" width="560" height="420" viewBox="0 0 560 420" font-family="sans-serif" font-size="12">""");
        Add("""<rect width="100%" height="100%" fill="#ffffff"/>""");
        Add("""<text x="70" y="24" font-weight="bold" fill="#222222">Seconds to judge and solve a plan, over prospects</text>""");
        for (var decade = 2; decade <= 5; decade++)
            Add($"""<text x="{N(X(Math.Pow(10, decade)), "0")}" y="392" text-anchor="middle" fill="#555555">{Math.Pow(10, decade).ToString("#,0", CultureInfo.InvariantCulture)}</text>""");
        for (var decade = -3; decade <= 1; decade++)
        {
            var y = N(Y(Math.Pow(10, decade)), "0.0");
            Add($"""<path d="M70 {y}H520" stroke="#dddddd"/><text x="62" y="{y}" text-anchor="end" fill="#555555">{Math.Pow(10, decade).ToString("0.###", CultureInfo.InvariantCulture)} s</text>""");
        }

        foreach (var (i, senders) in _senders.Index())
        {
            var points = _prospects.Select(prospects => (X: X(prospects), Y: Y(Median(made.Where(once => !once.Crossing && once.Senders == senders && once.Prospects == prospects), once => once.Seconds)))).ToList();
            Add($"""<polyline points="{string.Join(' ', points.Select(point => $"{N(point.X, "0.0")},{N(point.Y, "0.0")}"))}" fill="none" stroke="{colours[i]}" stroke-width="2"/>""");
            Add($"""<text x="{N(points[^1].X + 6, "0")}" y="{N(points[^1].Y + 4, "0")}" fill="{colours[i]}">{senders}</text>""");
        }

        Add("""<text x="70" y="412" fill="#555555">Numbers at the lines: senders. Medians of rounds, each plan in a process of its own.</text>""");
        Add("</svg>");
        return svg.ToString();

        void Add(string line) => svg.Append(line).Append('\n');
        static double X(double prospects) => 70 + ((Math.Log10(prospects) - 2) * 145);
        static double Y(double seconds) => 376 - ((Math.Log10(Math.Max(seconds, 1e-3)) + 3) * 80);
    }

    private static string N(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
