using Pennypost.Hosting;

namespace Pennypost.Gateway.Import;

/// <summary>What the caller says of one column of the file: <c>columns=Link=LinkedIn URL</c>.</summary>
/// <param name="Field">How it is named where something is wrong with it.</param>
/// <param name="Header">The file's own name of the column.</param>
/// <param name="Means">Null: the column is left alone, also if its name is known.</param>
internal sealed record SaidColumn(string Field, string Header, ImportColumn? Means)
{
    /// <summary>So many may be said: as many as a file has columns.</summary>
    public const int Most = ImportColumns.MaxColumns;

    public const int MaxLength = 200;

    /// <summary>Columns are told apart by their whole names, whatever their case: names in all scripts have to do.</summary>
    public static readonly StringComparer Names = StringComparer.OrdinalIgnoreCase;

    /// <summary>Reads what is said without the file, and everything that is wrong with it by itself. Pure.</summary>
    public static IReadOnlyList<SaidColumn> Read(IReadOnlyList<string> texts, Violations violations)
    {
        if (texts.Count > Most) violations.Add("columns", $"must be at most {Most}; there are {texts.Count}");
        var said = new List<SaidColumn>();
        for (var i = 0; i < Math.Min(texts.Count, Most); i++)
        {
            var (field, text) = ($"columns[{i}]", texts[i]);
            // The last sign: ours have none in their names.
            var at = text.LastIndexOf('=');
            var (header, ours) = at < 0 ? ("", "") : (text[..at].Trim(), text[(at + 1)..].Trim());
            ImportColumn? means = ImportColumns.TryKnow(ours, out var known) ? known : null;
            if (text.Length > MaxLength) violations.Add(field, $"must have at most {MaxLength} characters");
            else if (header.Length == 0) violations.Add(field, "must be Their Name=Our Column, or Their Name= to leave the column alone");
            else if (ours.Length > 0 && means is null) violations.Add(field, "must have one of our columns behind the last =, such as Message or LinkedIn URL");
            else if (said.Find(other => Names.Equals(other.Header, header)) is { } twice) violations.Add(field, $"names the same column of the file as {twice.Field}");
            else if (means is not null && said.Find(other => other.Means == means) is { } same) violations.Add(field, $"means the same as {same.Field}: keep one of them");
            else said.Add(new SaidColumn(field, header, means));
        }
        return said;
    }
}
