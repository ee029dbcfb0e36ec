using System.Globalization;
using System.Text;
using Pennypost.Bench.Figures;

namespace Pennypost.Bench.Report;

/// <summary>The series as bars with their intervals: answers and processor time, each as a multiple of the echo's. Plain SVG.</summary>
internal static class Chart
{
    private const int RowHeight = 22;
    private const int NameWidth = 260;
    private const int PlotWidth = 300;
    private const int Gap = 90;
    private const int Top = 64;

    public static string Of(Findings findings)
    {
        var groups = findings.Notes.Select(note => (note.Series, Rows: findings.Rows.Where(row => row.Series == note.Series).ToList())).ToList();
        var height = Top + groups.Sum(group => (group.Rows.Count + 2) * RowHeight) + (findings.Conditions.Count * 16) + 20;
        var width = NameWidth + (2 * PlotWidth) + (2 * Gap);
        var svg = new StringBuilder();
        Add($"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">""");
        Add("""<rect width="100%" height="100%" fill="#ffffff"/>""");
        Add($"""<text x="{NameWidth}" y="24" font-weight="bold" fill="#222222">Answers, as a multiple of the echo's (more is better)</text>""");
        Add($"""<text x="{NameWidth + PlotWidth + Gap}" y="24" font-weight="bold" fill="#222222">CPU, as a multiple of the echo's (less is better)</text>""");
        Add($"""<text x="{NameWidth}" y="42" fill="#555555">Bars are medians of rounds, whiskers their intervals.</text>""");
        double y = Top;
        foreach (var (series, rows) in groups)
        {
            Add($"""<text x="8" y="{N(y + 14)}" font-weight="bold" fill="#222222">{Escaped(series)}</text>""");
            y += RowHeight;
            var (mostAnswers, mostCpu) = (Most(rows, row => row.TimesEcho), Most(rows, row => row.TimesEchoCpu));
            foreach (var row in rows)
            {
                Add($"""<text x="{NameWidth - 8}" y="{N(y + 15)}" text-anchor="end" fill="#222222">{Escaped(row.Name)}</text>""");
                Bar(NameWidth, y, row.TimesEcho, mostAnswers, "#3b6fb6");
                Bar(NameWidth + PlotWidth + Gap, y, row.TimesEchoCpu, mostCpu, "#b5652b");
                y += RowHeight;
            }

            y += RowHeight;
        }

        foreach (var line in findings.Conditions)
        {
            Add($"""<text x="8" y="{N(y)}" font-size="10" fill="#555555">{Escaped(line)}</text>""");
            y += 16;
        }

        Add("</svg>");
        return svg.ToString();

        void Add(string line) => svg.Append(line).Append('\n');

        void Bar(double x, double top, Interval value, double most, string colour)
        {
            var scale = PlotWidth / most;
            Add($"""<rect x="{N(x)}" y="{N(top + 3)}" width="{N(value.Median * scale)}" height="{RowHeight - 6}" fill="{colour}"/>""");
            if (value.Count > 1) Add($"""<path d="M{N(x + (value.Low * scale))} {N(top + 11)}H{N(x + (value.High * scale))}" stroke="#111111" stroke-width="1.5"/>""");
            Add($"""<text x="{N(x + (Math.Max(value.Median, value.High) * scale) + 6)}" y="{N(top + 15)}" fill="#222222">{value.Median.ToString("0.00", CultureInfo.InvariantCulture)}</text>""");
        }
    }

    private static double Most(List<SeriesRow> rows, Func<SeriesRow, Interval> of) => rows.Select(row => Math.Max(of(row).Median, of(row).High)).Append(1).Max();

    private static string N(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Escaped(string text) => System.Security.SecurityElement.Escape(text);
}
