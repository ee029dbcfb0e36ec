using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Import;

/// <summary>What holds for every row of one import.</summary>
/// <param name="ImportId">The caller's id of the upload: the same upload again is the same messages.</param>
/// <param name="CampaignId">The label of its messages.</param>
/// <param name="AccountIds">The senders they may use; empty for all.</param>
/// <param name="Columns">What the caller says of the file's columns: <see cref="SaidColumn"/>.</param>
internal sealed record ImportSettings(string ImportId, string CampaignId, IReadOnlyList<string> AccountIds, IReadOnlyList<string> Columns);

/// <summary>What became of a row's text: a closed family.</summary>
internal abstract record ImportRow
{
    private ImportRow() { }

    /// <summary>A message, on the line where the row begins.</summary>
    public sealed record Good(int Line, MessageSpec Message) : ImportRow;

    /// <summary>Not one; everything that is wrong with it, by the file's own column names.</summary>
    public sealed record Bad(int Line, IReadOnlyList<Violation> Violations) : ImportRow;

    /// <summary>As long as the longest text that a message takes: an e-mail's.</summary>
    public const int MaxCellLength = 20_000;

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
                Email = Cell(ImportColumn.Email),
                EmailVerifyTime = TimeOf(Cell(ImportColumn.EmailVerified), columns.HeaderOf(ImportColumn.EmailVerified), violations),
            },
            Content = new Content
            {
                Subject = Cell(ImportColumn.Subject),
                Body = Cell(ImportColumn.Message),
                Note = Cell(ImportColumn.Note),
                Email = Cell(ImportColumn.EmailText),
                Engagement = EngagementOf(columns, cells, violations),
            },
            Priority = PriorityOf(Cell(ImportColumn.Priority), columns.HeaderOf(ImportColumn.Priority), violations),
            AccountIds = { settings.AccountIds },
            CampaignId = settings.CampaignId,
            Segment = Cell(ImportColumn.Segment),
            Variant = Cell(ImportColumn.Variant),
            Policy = Cell(ImportColumn.RoutingPolicy),
        };
        // The same shapes as for every message, told in the file's own words.
        var shapes = new Violations();
        shapes.Message("", message);
        // What could not be read is not complained of a second time for not being there.
        HashSet<string> unread = [.. violations.All.Select(violation => violation.Field)];
        foreach (var shape in InTheFile(shapes.All, columns))
            if (!unread.Contains(shape.Field)) violations.Add(shape.Field, shape.Description);
        return violations.Any ? new Bad(line, violations.All) : new Good(line, message);
    }

    /// <summary>What is wrong with a row's message, found here or by the dispatcher, by the file's own column names.</summary>
    public static IReadOnlyList<Violation> InTheFile(IReadOnlyList<Violation> violations, ImportColumns columns) =>
        [.. violations.Select(violation => new Violation(InTheFile(violation.Field.StartsWith("message.", StringComparison.Ordinal) ? violation.Field["message".Length..] : violation.Field, columns), violation.Description))];

    /// <summary>The same row of the same import has the same id, wherever in the file it stands.</summary>
    private static string MessageId(string importId, ImportColumns columns, IReadOnlyList<string> cells)
    {
        // Lengths in front: no two rows run into the same text.
        var key = new StringBuilder(importId);
        foreach (var column in System.Enum.GetValues<ImportColumn>())
        {
            var cell = columns.Cell(cells, column);
            if (column >= ImportColumn.Segment)
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

    /// <summary>A day is its first moment, UTC.</summary>
    private static Timestamp? TimeOf(string text, string header, Violations violations)
    {
        if (text.Length == 0) return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return Timestamp.FromDateTime(day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));
        // Only with its zone: nobody knows the others' clocks.
        foreach (var format in new[] { "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK" })
            if ((text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > 10) && DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
                return Timestamp.FromDateTimeOffset(time);
        violations.Add(header, "must be a day or a time with its zone, such as 2026-11-27 or 2026-11-27T10:00:00Z, or empty");
        return null;
    }

    /// <summary>Null where none of its three columns says anything.</summary>
    private static Engagement? EngagementOf(ImportColumns columns, IReadOnlyList<string> cells, Violations violations)
    {
        var (kind, post, comment) = (columns.Cell(cells, ImportColumn.Engagement), columns.Cell(cells, ImportColumn.PostId), columns.Cell(cells, ImportColumn.PostComment));
        if (kind.Length + post.Length + comment.Length == 0) return null;
        Channel? channel = kind.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant() switch
        {
            "PROFILEVIEW" => Channel.ProfileView,
            "LIKE" => Channel.Like,
            "COMMENT" => Channel.Comment,
            _ => null,
        };
        if (channel is { } known) return new Engagement { Channel = known, PostId = post, Comment = comment };
        violations.Add(columns.HeaderOf(ImportColumn.Engagement), kind.Length > 0 ? "must be Profile View, Like, Comment or empty" : "is required with a post or a comment: Like or Comment");
        return new Engagement { PostId = post, Comment = comment };
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
        ".content.email" => columns.HeaderOf(ImportColumn.EmailText),
        ".content.engagement" or ".content.engagement.channel" => columns.HeaderOf(ImportColumn.Engagement),
        ".content.engagement.post_id" => columns.HeaderOf(ImportColumn.PostId),
        ".content.engagement.comment" => columns.HeaderOf(ImportColumn.PostComment),
        ".prospect.email" => columns.HeaderOf(ImportColumn.Email),
        ".prospect.email_verify_time" => columns.HeaderOf(ImportColumn.EmailVerified),
        ".priority" => columns.HeaderOf(ImportColumn.Priority),
        ".policy" => columns.HeaderOf(ImportColumn.RoutingPolicy),
        ".segment" => columns.HeaderOf(ImportColumn.Segment),
        ".variant" => columns.HeaderOf(ImportColumn.Variant),
        ".content" => columns.HeadersOfContents(),
        _ => field.TrimStart('.'),
    };
}
