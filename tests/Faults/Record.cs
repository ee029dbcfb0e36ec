using System.Text.Json;

namespace Faults;

/// <summary>One run that was made.</summary>
public sealed record Run(DateTimeOffset Time, int Faults, int Acknowledged, double Seconds, double LongestRecovery, IReadOnlyList<string> Violations, string Remark, string Said = "");

/// <summary>What was done of a row on a topology, kept in a file, so that a run that was interrupted goes on where it stopped.</summary>
public sealed class Record
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true };
    private readonly string _file;

    private Record(string file, List<Run> runs) => (_file, Runs) = (file, runs);

    public List<Run> Runs { get; }

    /// <summary>Faults made so far.</summary>
    public int Done => Runs.Sum(run => run.Faults);

    public IEnumerable<string> Violations => Runs.SelectMany(run => run.Violations);

    public static Record Open(string folder, string row, string topology, bool fresh)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, $"{row}-{topology}.json");
        return new Record(file, !fresh && File.Exists(file) ? JsonSerializer.Deserialize<List<Run>>(File.ReadAllText(file)) ?? [] : []);
    }

    public void Add(Outcome outcome, TimeSpan took)
    {
        Runs.Add(new Run(DateTimeOffset.UtcNow, outcome.Faults, outcome.Acknowledged, took.TotalSeconds, outcome.Recoveries.Select(one => one.TotalSeconds).DefaultIfEmpty().Max(), outcome.Violations, outcome.Remark, outcome.Said));
        // Whole or not at all: it may be killed like everything else here.
        File.WriteAllText(_file + ".new", JsonSerializer.Serialize(Runs, _json));
        File.Move(_file + ".new", _file, overwrite: true);
    }
}
