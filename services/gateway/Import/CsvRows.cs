using System.Text;

namespace Pennypost.Gateway.Import;

/// <summary>One record of a CSV file (RFC 4180).</summary>
/// <param name="Line">The line on which it begins, from 1.</param>
/// <param name="Cells">Quotes resolved; a cell longer than the limit is kept up to one character more.</param>
/// <param name="Fault">What is wrong with its quotes; null if nothing.</param>
internal sealed record CsvRow(int Line, IReadOnlyList<string> Cells, string? Fault);

/// <summary>
/// Reads CSV a record at a time, in constant memory: commas, double quotes, any line end, blank lines left out. A broken record does not end the
/// reading: it is handed over with its fault, and the next one follows.
/// </summary>
internal sealed class CsvRows(TextReader text, int maxCellLength)
{
    private const int MaxCellsKept = 1_000;
    private readonly char[] buffer = new char[16 * 1024];
    private readonly StringBuilder cell = new();
    private int next;
    private int filled;
    private int line = 1;

    private enum At
    {
        CellStart,
        Plain,
        Quoted,
        QuoteInQuoted,
    }

    /// <summary>The next record; null at the end.</summary>
    public async ValueTask<CsvRow?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var cells = new List<string>();
            var (start, at, any) = (line, At.CellStart, false);
            string? fault = null;
            while (true)
            {
                var read = await NextAsync(cancellationToken);
                if (read < 0)
                {
                    if (at == At.Quoted) fault = "has a quote that never closes";
                    if (!any) return null;
                    Keep(cells);
                    return new CsvRow(start, cells, fault);
                }
                any = true;
                var c = (char)read;
                var endsLine = c is '\n' or '\r' && at != At.Quoted;
                if (c is '\r' && await PeekAsync(cancellationToken) == '\n' && endsLine) next++;
                if (c == '\n' || (c == '\r' && endsLine)) line++;
                if (endsLine) break;
                switch (at)
                {
                    case At.CellStart when c == '"':
                        at = At.Quoted;
                        break;
                    case At.Quoted when c == '"':
                        at = At.QuoteInQuoted;
                        break;
                    case At.QuoteInQuoted when c == '"':
                        Append('"');
                        at = At.Quoted;
                        break;
                    case At.CellStart or At.Plain or At.QuoteInQuoted when c == ',':
                        Keep(cells);
                        at = At.CellStart;
                        break;
                    case At.QuoteInQuoted:
                        fault ??= "has text behind a closing quote; write a quote inside quotes twice";
                        at = At.Plain;
                        Append(c);
                        break;
                    case At.CellStart or At.Plain:
                        if (c == '"') fault ??= "has a quote inside a cell that is not quoted";
                        at = At.Plain;
                        Append(c);
                        break;
                    default:
                        Append(c);
                        break;
                }
            }
            var blank = cells.Count == 0 && cell.Length == 0 && at == At.CellStart;
            Keep(cells);
            if (!blank) return new CsvRow(start, cells, fault);
        }
    }

    private void Append(char c)
    {
        if (cell.Length <= maxCellLength) cell.Append(c);
    }

    private void Keep(List<string> cells)
    {
        if (cells.Count < MaxCellsKept) cells.Add(cell.ToString());
        cell.Clear();
    }

    private async ValueTask<int> NextAsync(CancellationToken cancellationToken) =>
        next < filled || await FillAsync(cancellationToken) ? buffer[next++] : -1;

    private async ValueTask<int> PeekAsync(CancellationToken cancellationToken) =>
        next < filled || await FillAsync(cancellationToken) ? buffer[next] : -1;

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        (next, filled) = (0, await text.ReadAsync(buffer.AsMemory(), cancellationToken));
        return filled > 0;
    }
}
