using System.Globalization;
using System.Text;
using Pennypost.Gateway.Rest;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Import;

/// <summary>Reads a CSV file as it comes in: strict UTF-8, commas, quotes, a header, limits on bytes, rows and columns.</summary>
internal static class CsvFile
{
    /// <summary>The columns, and every row, good or bad, in the file's order.</summary>
    /// <exception cref="Grpc.Core.RpcException">The file as a whole cannot be imported: IMPORT_INVALID or REQUEST_TOO_LARGE.</exception>
    public static async Task<(ImportColumns Columns, IReadOnlyList<ImportRow> Rows)> ReadAsync(Stream file, ImportSettings settings, int maxBytes, int maxRows, CancellationToken cancellationToken)
    {
        await using var bounded = new CountedBody(file, read =>
        {
            if (read > maxBytes) throw Errors.TooLarge(maxBytes);
        });
        using var text = new StreamReader(bounded, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false);
        var csv = new CsvRows(text, ImportRow.MaxCellLength);
        var rows = new List<ImportRow>();
        var last = 1;
        try
        {
            if (await csv.ReadAsync(cancellationToken) is not { } header) throw Whole("file", "has no header line");
            var found = new Violations();
            if (header.Fault is { } broken) found.Add("header", broken);
            var columns = ImportColumns.Read(header.Cells, settings.Columns, found);
            if (found.Any) throw Errors.ImportInvalid(found);

            var lineOfMessage = new Dictionary<string, int>(StringComparer.Ordinal);
            while (await csv.ReadAsync(cancellationToken) is { } record)
            {
                if (rows.Count == maxRows) throw Whole("file", $"must have at most {maxRows.ToString("N0", CultureInfo.InvariantCulture)} rows");
                last = record.Line;
                var row = record.Fault is { } fault ? new ImportRow.Bad(record.Line, [new Violation("row", fault)]) : ImportRow.Read(columns, record.Cells, record.Line, settings);
                if (row is ImportRow.Good good && !lineOfMessage.TryAdd(good.Message.MessageId, record.Line))
                    row = new ImportRow.Bad(record.Line, [new Violation("row", $"is the same as line {lineOfMessage[good.Message.MessageId]}")]);
                rows.Add(row);
            }
            return (columns, rows);
        }
        catch (DecoderFallbackException)
        {
            throw Whole("file", $"is not UTF-8: look behind line {last}");
        }
    }

    private static Grpc.Core.RpcException Whole(string field, string description)
    {
        var violations = new Violations();
        violations.Add(field, description);
        return Errors.ImportInvalid(violations);
    }
}
