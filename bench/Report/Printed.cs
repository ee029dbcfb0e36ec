using System.Globalization;
using Pennypost.Bench.Figures;
using Spectre.Console;

namespace Pennypost.Bench.Report;

/// <summary>Findings as tables on the console.</summary>
internal static class Printed
{
    private const int Width = 170;

    public static void Line(string line) => Console.WriteLine(line);

    public static void Series(Findings findings)
    {
        foreach (var note in findings.Notes)
        {
            Line("");
            Line($"{note.Series}: {note.Dropped} of {note.Rounds} rounds dropped, because the echo drifted by more than 5 % in them." +
                (note.IsNoisy ? $" Fewer than {Control.FewestRounds} quiet rounds: the figures are over ALL rounds, on a machine too noisy to trust them." : ""));
            Line($"The client took {Number(note.ClientMicros, "0.0")} us for an echo, which is in no figure; the just-in-time compiler at most {Number(note.MostCompilerMicros, "0.0")} us per operation, which is in CPU.");
            var table = new Table().AddColumns("median (from - to)", "operations/s", "x echo", "CPU us", "of it store", "x echo CPU", "batch", "bytes allocated");
            foreach (var row in findings.Rows.Where(row => row.Series == note.Series))
                table.AddRow(row.Name, Text(row.PerSecond, "N0"), Text(row.TimesEcho, "0.00"), Text(row.CpuMicros, "0.0"), Text(row.StoreMicros, "0.0"), Text(row.TimesEchoCpu, "0.00"), Number(row.Batch, "0.0"), Number(row.BytesAllocated, "N0"));
            Write(table);
        }
    }

    public static void Steps(Findings findings)
    {
        if (findings.Steps.Count == 0) return;
        Line("");
        Line("One step alone, by BenchmarkDotNet in this process, which does nothing else; medians of the iterations (from - to).");
        var table = new Table().AddColumns("step", "candidates", "ns", "ns per candidate", "bytes allocated");
        foreach (var row in findings.Steps) table.AddRow(row.Name, Number(row.Candidates, "N0"), Text(row.Nanos, "N0"), Number(row.NanosPerCandidate, "N0"), Number(row.BytesAllocated, "N0"));
        Write(table);
    }

    public static void Latencies(Findings findings)
    {
        if (findings.Latencies.Count == 0) return;
        Line("");
        Line("Open loop, milliseconds from the intended send time; medians of the rounds (from - to), and the worst of all. Nothing is left out.");
        var table = new Table().AddColumns("at a share of its own maximum", "load", "requests/s", "p50", "p99", "p99.9", "max", "requests", "unanswered", "held back");
        foreach (var row in findings.Latencies)
        {
            table.AddRow(
                row.Name, Number(row.Load, "P0"), Number(row.PerSecond, "N0"), Text(row.P50, "0.00"), Text(row.P99, "0.00"), Text(row.P999, "0.00"), Number(row.Max, "0.0"), Number(row.Requests, "N0"),
                Number(row.Unanswered, "N0"), Number(row.HeldBack, "N0"));
        }

        Write(table);
    }

    public static void Sizes(Findings findings)
    {
        if (findings.Sizes.Count == 0) return;
        Line("");
        var table = new Table().AddColumns("in Redis", "bytes", "of");
        foreach (var row in findings.Sizes) table.AddRow(row.What, Number(row.Bytes, "0.0"), row.Of);
        Write(table);
    }

    public static void Goals(Findings findings)
    {
        Line("");
        var table = new Table().AddColumns("goal", "target", "measured", "");
        foreach (var goal in findings.Goals) table.AddRow(goal.Id, goal.Target, goal.Measured, goal.Met switch { true => "met", false => "missed", null => "-" });
        Write(table);
    }

    public static string Text(Interval interval, string format) =>
        interval.Count == 1 ? Number(interval.Median, format) : $"{Number(interval.Median, format)} ({Number(interval.Low, format)} - {Number(interval.High, format)})";

    private static string Number(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);

    private static void Write(Table table)
    {
        AnsiConsole.Profile.Width = Width;
        AnsiConsole.Write(table);
    }
}
