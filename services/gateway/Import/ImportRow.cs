using System.Security.Cryptography;
using System.Text;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Import;

/// <summary>What holds for every row of one import.</summary>
/// <param name="ImportId">The caller's id of the upload: the same upload again is the same messages.</param>
/// <param name="CampaignId">The label of its messages.</param>
/// <param name="AccountIds">The senders they may use; empty for all.</param>
internal sealed record ImportSettings(string ImportId, string CampaignId, IReadOnlyList<string> AccountIds);

/// <summary>What became of a row's text: a closed family.</summary>
internal abstract record ImportRow
{
    private ImportRow() { }

    /// <summary>A message, on the line where the row begins.</summary>
    public sealed record Good(int Line, MessageSpec Message) : ImportRow;

    /// <summary>Not one; everything that is wrong with it, by the file's own column names.</summary>
    public sealed record Bad(int Line, IReadOnlyList<Violation> Violations) : ImportRow;

    public const int MaxCellLength = 10_000;

    /// <summary>Reads one row. Pure.</summary>
    /// <param name="columns">What the header said.</param>
    /// <param name="cells">As read, quotes resolved.</param>
    /// <param name="line">The line of the file on which it begins; the header is line 1.</param>
    /// <param name="settings">Of the import.</param>
    public static ImportRow Read(ImportColumns columns, IReadOnlyList<string> cells, int line, ImportSettings settings)
    {
        var violations = new Violations();
        if (cells.Count != columns.Width) violations.Add("row", $"must have {columns.Width} columns like the header; it has {cells.Count}");
        for (var i = 0; i < Math.Min(cells.Count, ImportColumns.MaxColumns); i++)
            if (cells[i].Length > MaxCellLength) violations.Add($"column {i + 1}", $"must have at most {MaxCellLength:N0} characters; it has more: is a quote missing?");

        string Cell(ImportColumn column) => columns.Cell(cells, column);
        var message = new MessageSpec
        {
            MessageId = MessageId(settings.ImportId, columns, cells),
            Prospect = new Prospect
            {
                Profile = Cell(ImportColumn.Profile),
                FirstName = Cell(ImportColumn.FirstName),
                LastName = Cell(ImportColumn.LastName),
                Title = Cell(ImportColumn.Title),
                Company = Cell(ImportColumn.Company),
            },
            Content = new Content { Subject = Cell(ImportColumn.Subject), Body = Cell(ImportColumn.Message), Note = Cell(ImportColumn.Note) },
            Priority = PriorityOf(Cell(ImportColumn.Priority), columns.HeaderOf(ImportColumn.Priority), violations),
            AccountIds = { settings.AccountIds },
            CampaignId = settings.CampaignId,
            Segment = Cell(ImportColumn.Segment),
            Variant = Cell(ImportColumn.Variant),
        };
        // The same shapes as for every message, told in the file's own words.
        var shapes = new Violations();
        shapes.Message("", message);
        foreach (var shape in shapes.All) violations.Add(InTheFile(shape.Field, columns), shape.Description);
        return violations.Any ? new Bad(line, violations.All) : new Good(line, message);
    }

    /// <summary>The same row of the same import has the same id, wherever in the file it stands.</summary>
    private static string MessageId(string importId, ImportColumns columns, IReadOnlyList<string> cells)
    {
        // Lengths in front: no two rows run into the same text.
        var key = new StringBuilder(importId);
        foreach (var column in Enum.GetValues<ImportColumn>())
        {
            var cell = columns.Cell(cells, column);
            if (column is ImportColumn.Segment or ImportColumn.Variant)
            {
                // These came later: a row without them has the id that it always had.
                if (cell.Length == 0) continue;
                key.Append('\n').Append(column);
            }
            key.Append('\n').Append(cell.Length).Append(':').Append(cell);
        }
        return "csv_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString())).AsSpan(0, 16));
    }

    private static Priority PriorityOf(string text, string header, Violations violations)
    {
        if (text.Length == 0) return Priority.Normal;
        foreach (var priority in new[] { Priority.Low, Priority.Normal, Priority.High })
            if (text.Equals(priority.ToString(), StringComparison.OrdinalIgnoreCase)) return priority;
        violations.Add(header, "must be High, Normal, Low or empty");
        return Priority.Unspecified;
    }

    private static string InTheFile(string field, ImportColumns columns) => field switch
    {
        ".prospect.profile" => columns.HeaderOf(ImportColumn.Profile),
        ".prospect.first_name" => columns.HeaderOf(ImportColumn.FirstName),
        ".prospect.last_name" => columns.HeaderOf(ImportColumn.LastName),
        ".prospect.title" => columns.HeaderOf(ImportColumn.Title),
        ".prospect.company" => columns.HeaderOf(ImportColumn.Company),
        ".content.subject" => columns.HeaderOf(ImportColumn.Subject),
        ".content.body" => columns.HeaderOf(ImportColumn.Message),
        ".content.note" => columns.HeaderOf(ImportColumn.Note),
        ".segment" => columns.HeaderOf(ImportColumn.Segment),
        ".variant" => columns.HeaderOf(ImportColumn.Variant),
        ".content" => $"{columns.HeaderOf(ImportColumn.Message)}, {columns.HeaderOf(ImportColumn.Note)}",
        _ => field.TrimStart('.'),
    };
}
