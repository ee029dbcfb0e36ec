using Pennypost.Bench.Figures;
using Pennypost.Bench.Load;

namespace Pennypost.Bench.Report;

/// <summary>A row of a series.</summary>
/// <param name="Series">Whose rounds.</param>
/// <param name="Name">What was measured.</param>
/// <param name="PerSecond">Answers.</param>
/// <param name="TimesEcho">Answers as a multiple of the control's in the same round.</param>
/// <param name="CpuMicros">Processor time of one operation in all processes of the server's side.</param>
/// <param name="StoreMicros">Of it, Redis or PostgreSQL.</param>
/// <param name="TimesEchoCpu">Processor time as a multiple of the control's in the same round.</param>
/// <param name="Batch">Commands in one commit of our store; 0 where there is none.</param>
/// <param name="BytesAllocated">In the service, for one operation.</param>
internal sealed record SeriesRow(
    string Series, string Name, Interval PerSecond, Interval TimesEcho, Interval CpuMicros, Interval StoreMicros, Interval TimesEchoCpu, double Batch, double BytesAllocated);

/// <summary>How the rounds of a series went.</summary>
internal sealed record SeriesNote(string Series, int Rounds, int Dropped, bool IsNoisy, double ClientMicros, double MostCompilerMicros);

/// <summary>Latencies at one load, in milliseconds: medians of the rounds' quantiles, and the worst of all.</summary>
internal sealed record LatencyRow(string Name, double Load, double PerSecond, Interval P50, Interval P99, Interval P999, double Max, int Requests, int Unanswered, int HeldBack)
{
    /// <summary>What the rounds at one load found.</summary>
    public static LatencyRow Of(string name, double load, double perSecond, IReadOnlyList<Latencies> found) => new(
        name,
        load,
        perSecond,
        Interval.Of(found.Select(one => one.Times.P50)),
        Interval.Of(found.Select(one => one.Times.P99)),
        Interval.Of(found.Select(one => one.Times.P999)),
        found.Max(one => one.Times.Max),
        found.Sum(one => one.Times.Count),
        found.Sum(one => one.Unanswered),
        found.Sum(one => one.HeldBack));
}

/// <summary>One step of the router's work, alone, in a process that does nothing else.</summary>
/// <param name="Name">The step.</param>
/// <param name="Candidates">How many candidates the question leads to.</param>
/// <param name="Nanos">What it takes.</param>
/// <param name="BytesAllocated">What it allocates.</param>
internal sealed record StepRow(string Name, int Candidates, Interval Nanos, double BytesAllocated)
{
    public double NanosPerCandidate => Nanos.Median / Candidates;
}

/// <summary>What one thing takes in Redis, in bytes.</summary>
internal sealed record SizeRow(string What, double Bytes, string Of);

/// <summary>A goal and what became of it.</summary>
internal sealed record GoalRow(string Id, string Target, string Measured, bool? Met);

/// <summary>Everything that a run found; the JSON file is this.</summary>
internal sealed record Findings
{
    public List<string> Conditions { get; } = [];

    public List<SeriesNote> Notes { get; } = [];

    public List<SeriesRow> Rows { get; } = [];

    public List<StepRow> Steps { get; } = [];

    public List<LatencyRow> Latencies { get; } = [];

    public List<SizeRow> Sizes { get; } = [];

    public List<GoalRow> Goals { get; } = [];

    public void Add(Series series)
    {
        Notes.Add(new SeriesNote(series.Name, series.Rounds, series.Rounds - series.Quiet, series.IsNoisy, series.OfControl(sample => sample.ClientMicros).Median, series.Measured.Max(what => series.Of(what, sample => sample.CompilerMicros).Median)));
        Rows.Add(new SeriesRow(
            series.Name,
            series.ControlName,
            series.OfControl(sample => sample.PerSecond),
            Interval.Of([1]),
            series.OfControl(sample => sample.CpuMicros),
            Interval.Of([0]),
            Interval.Of([1]),
            0,
            series.OfControl(sample => sample.BytesAllocated).Median));
        foreach (var what in series.Measured)
        {
            Rows.Add(new SeriesRow(
                series.Name,
                what,
                series.Of(what, sample => sample.PerSecond),
                series.TimesControl(what, sample => sample.PerSecond),
                series.Of(what, sample => sample.CpuMicros),
                series.Of(what, sample => sample.StoreMicros),
                series.TimesControl(what, sample => sample.CpuMicros),
                series.Of(what, sample => sample.Batch).Median,
                series.Of(what, sample => sample.BytesAllocated).Median));
        }
    }
}
