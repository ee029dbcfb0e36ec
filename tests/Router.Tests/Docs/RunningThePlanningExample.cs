using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Pennypost.Router.Tests.Docs;

/// <summary>The example of 10,000 prospects, as docs/planning.md has everybody run it.</summary>
public sealed partial class RunningThePlanningExample
{
    [Fact]
    public async Task A_plan_brings_more_than_the_ways_it_is_held_against_F29_F77()
    {
        // .../tests/Router.Tests/bin/Release/net10.0/: the example was built the same way.
        var built = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^3..];
        var program = Path.Combine([Repository.Root, "examples", "planning", .. built, "Pennypost.Examples.Planning.dll"]);
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program]) { RedirectStandardOutput = true })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);

        Assert.Equal(0, process.ExitCode);
        var rows = Row().Matches(output).Select(row => (Way: row.Groups[1].Value, Credits: Number(row, 2), Forfeited: Number(row, 3), Profit: Number(row, 4))).ToList();
        Assert.Equal(["a", "b", "c", "d"], rows.Select(row => row.Way));
        Assert.True(rows[3].Profit > rows[1].Profit && rows[1].Profit > rows[0].Profit, output);
        Assert.Equal((0, 0), (rows[2].Credits, rows[3].Forfeited));
        Assert.Contains("One more credit is worth $", output, StringComparison.Ordinal);

        static long Number(Match row, int group) => long.Parse(row.Groups[group].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^\((\w)\) .{36} +[\d,]+ +([\d,]+) +([\d,]+) +\$[\d,]+ +\$[\d,]+ +\$([\d,]+)\r?$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
