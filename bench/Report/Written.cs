using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pennypost.Bench.Report;

/// <summary>Findings as files.</summary>
internal static class Written
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Writes NAME.json, and NAME.svg if there are rows to draw, into the folder, which is made if need be.</summary>
    public static async Task ToAsync(string folder, string name, Findings findings, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, name + ".json"), JsonSerializer.Serialize(findings, Json), ct);
        if (findings.Rows.Count > 0) await File.WriteAllTextAsync(Path.Combine(folder, name + ".svg"), Chart.Of(findings), ct);
        Printed.Line($"Written: {Path.Combine(folder, name)}.json{(findings.Rows.Count > 0 ? " and .svg" : "")}");
    }
}
