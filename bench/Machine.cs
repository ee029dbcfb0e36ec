namespace Pennypost.Bench;

/// <summary>What a run ran on: its figures mean nothing without it.</summary>
internal static class Machine
{
    public static string Described() => $"{Environment.ProcessorCount} cores, {ProcessorName()}, .NET {Environment.Version}, load before {File.ReadAllText("/proc/loadavg").Split(' ')[0]}.";

    private static string ProcessorName() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "a processor without a name";
}
