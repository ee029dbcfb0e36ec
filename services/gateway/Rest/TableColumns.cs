using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Enum = System.Enum;

namespace Pennypost.Gateway.Rest;

/// <summary>
/// The columns of an export, whose items are one message each beside a resume token: the message's plain fields by their JSON names, and those of messages in
/// it by <c>outer.inner</c>. Lists of messages have no column; other lists are one cell, separated by semicolons.
/// </summary>
internal sealed class TableColumns
{
    private const int Deepest = 3;
    private const string Newline = "\r\n";

    private readonly FieldDescriptor item;
    private readonly List<Column> columns = [];

    private sealed record Column(string Name, IReadOnlyList<FieldDescriptor> Path);

    private TableColumns(FieldDescriptor item)
    {
        this.item = item;
        Add(item.MessageType, []);
        Header = Line(columns.Select(column => column.Name));
    }

    /// <summary>Null if the stream is no table: what goes on as things happen, or answers what was asked, is none.</summary>
    public static TableColumns? Of(MessageDescriptor stream)
    {
        if (!stream.Name.StartsWith("Export", StringComparison.Ordinal)) return null;
        var fields = stream.Fields.InDeclarationOrder().Where(field => field.Name != "resume_token").ToList();
        return fields is [{ FieldType: FieldType.Message, IsRepeated: false } only] ? new TableColumns(only) : null;
    }

    /// <summary>The first line.</summary>
    public string Header { get; }

    /// <summary>An item's line; empty where it has no message.</summary>
    public string Row(IMessage streamed) => item.Accessor.GetValue(streamed) is IMessage row ? Line(columns.Select(column => Cell(row, column.Path))) : "";

    private void Add(MessageDescriptor type, IReadOnlyList<FieldDescriptor> path)
    {
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            IReadOnlyList<FieldDescriptor> at = [.. path, field];
            if (field.FieldType != FieldType.Message || IsText(field.MessageType)) columns.Add(new Column(string.Join('.', at.Select(one => one.JsonName)), at));
            else if (!field.IsRepeated && at.Count < Deepest) Add(field.MessageType, at);
        }
    }

    private static bool IsText(MessageDescriptor type) => type.FullName == Timestamp.Descriptor.FullName || type.FullName == Duration.Descriptor.FullName;

    private static string Cell(IMessage row, IReadOnlyList<FieldDescriptor> path)
    {
        var holder = row;
        foreach (var field in path.Take(path.Count - 1))
        {
            if (field.Accessor.GetValue(holder) is not IMessage inner) return "";
            holder = inner;
        }
        var last = path[^1];
        if (last.HasPresence && !last.Accessor.HasValue(holder)) return "";
        return last.Accessor.GetValue(holder) is System.Collections.IList list ? string.Join(';', list.Cast<object>().Select(one => Text(last, one))) : Text(last, last.Accessor.GetValue(holder));
    }

    /// <summary>As JSON has it, without quotes.</summary>
    private static string Text(FieldDescriptor field, object value) => value switch
    {
        string text => Harmless(text),
        bool yes => yes ? "true" : "false",
        Enum one => field.EnumType.FindValueByNumber(Convert.ToInt32(one, CultureInfo.InvariantCulture))?.Name ?? Convert.ToInt32(one, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
        ByteString bytes => bytes.ToBase64(),
        IMessage text => JsonFormatter.Default.Format(text).Trim('"'),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>A spreadsheet would run a text that begins like a formula.</summary>
    private static string Harmless(string text) => text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' ? "'" + text : text;

    private static string Line(IEnumerable<string> cells) => new StringBuilder().AppendJoin(',', cells.Select(Quoted)).Append(Newline).ToString();

    private static string Quoted(string cell) => cell.AsSpan().ContainsAny(',', '"', '\n') || cell.Contains('\r', StringComparison.Ordinal) ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
}
