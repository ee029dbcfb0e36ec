using System.Collections.Frozen;

namespace Pennypost.Gateway.Import;

/// <summary>What a column of the file means.</summary>
internal enum ImportColumn
{
    Profile,
    FirstName,
    LastName,
    Title,
    Company,
    Priority,
    Subject,
    Message,
    Note,
    Segment,
    Variant,
    Email,
    EmailVerified,
    EmailText,
    Engagement,
    PostId,
    PostComment,
    RoutingPolicy,
}

/// <summary>
/// Where each column stands: what the caller says of it, then the names that exports of Sales Navigator use, and Pennypost's own (docs/csv.md). Case, spaces and
/// signs do not matter in those; other columns are left alone.
/// </summary>
/// <param name="Width">How many columns the header has.</param>
/// <param name="Places">Index by meaning.</param>
/// <param name="Headers">The file's own name by meaning.</param>
internal sealed record ImportColumns(int Width, IReadOnlyDictionary<ImportColumn, int> Places, IReadOnlyDictionary<ImportColumn, string> Headers)
{
    public const int MaxColumns = 100;

    /// <summary>What a row has to do something with: one of them at least.</summary>
    private static readonly ImportColumn[] Contents = [ImportColumn.Message, ImportColumn.Note, ImportColumn.EmailText, ImportColumn.Engagement];

    private static readonly FrozenDictionary<string, ImportColumn> Known = new Dictionary<string, ImportColumn>
    {
        ["linkedinurl"] = ImportColumn.Profile,
        ["linkedinprofileurl"] = ImportColumn.Profile,
        ["linkedinprofile"] = ImportColumn.Profile,
        ["personlinkedinurl"] = ImportColumn.Profile,
        ["prospectlinkedinurl"] = ImportColumn.Profile,
        ["linkedinurlpublic"] = ImportColumn.Profile,
        ["defaultprofileurl"] = ImportColumn.Profile,
        ["profileurl"] = ImportColumn.Profile,
        ["profile"] = ImportColumn.Profile,
        ["firstname"] = ImportColumn.FirstName,
        ["lastname"] = ImportColumn.LastName,
        ["title"] = ImportColumn.Title,
        ["jobtitle"] = ImportColumn.Title,
        ["currenttitle"] = ImportColumn.Title,
        ["currentposition"] = ImportColumn.Title,
        ["company"] = ImportColumn.Company,
        ["companyname"] = ImportColumn.Company,
        ["currentcompany"] = ImportColumn.Company,
        ["accountname"] = ImportColumn.Company,
        ["priority"] = ImportColumn.Priority,
        ["subject"] = ImportColumn.Subject,
        ["message"] = ImportColumn.Message,
        ["note"] = ImportColumn.Note,
        ["segment"] = ImportColumn.Segment,
        ["variant"] = ImportColumn.Variant,
        ["email"] = ImportColumn.Email,
        ["emailaddress"] = ImportColumn.Email,
        ["workemail"] = ImportColumn.Email,
        ["emailverified"] = ImportColumn.EmailVerified,
        ["emailverifiedat"] = ImportColumn.EmailVerified,
        ["emailverifytime"] = ImportColumn.EmailVerified,
        ["emailtext"] = ImportColumn.EmailText,
        ["emailbody"] = ImportColumn.EmailText,
        ["engagement"] = ImportColumn.Engagement,
        ["postid"] = ImportColumn.PostId,
        ["postcomment"] = ImportColumn.PostComment,
        ["routingpolicy"] = ImportColumn.RoutingPolicy,
    }.ToFrozenDictionary();

    /// <summary>Whether a name stands for a column, and which.</summary>
    public static bool TryKnow(string name, out ImportColumn column) => Known.TryGetValue(Plain(name), out column);

    /// <summary>Reads the header; what is wrong with it, or with what is said of it, is wrong with the whole file. Pure.</summary>
    /// <param name="header">The names of the file's columns.</param>
    /// <param name="columns">What the caller says of them: <see cref="SaidColumn"/>.</param>
    /// <param name="violations">Where all that is wrong is named.</param>
    public static ImportColumns Read(IReadOnlyList<string> header, IReadOnlyList<string> columns, Hosting.Violations violations)
    {
        var places = new Dictionary<ImportColumn, int>();
        var headers = new Dictionary<ImportColumn, string>();
        if (header.Count > MaxColumns) violations.Add("header", $"must have at most {MaxColumns} columns; it has {header.Count}");
        List<string> names = [.. header.Take(MaxColumns).Select(name => name.Trim())];
        var settled = new HashSet<int>();
        foreach (var one in SaidColumn.Read(columns, violations))
        {
            var at = names.FindIndex(name => SaidColumn.Names.Equals(name, one.Header));
            if (at < 0) violations.Add(one.Field, "names a column that the file does not have");
            else if (names.FindLastIndex(name => SaidColumn.Names.Equals(name, one.Header)) != at) violations.Add(one.Field, "names a column that the file has more than once");
            settled.Add(at);
            // What could not be found is not complained of a second time for not being there.
            if (one.Means is { } means) (places[means], headers[means]) = (at, at < 0 ? one.Header : names[at]);
        }
        // What is said stands: whatever else is known by a name for the same is left alone.
        HashSet<ImportColumn> meant = [.. places.Keys];
        for (var i = 0; i < names.Count; i++)
        {
            if (settled.Contains(i) || !TryKnow(names[i], out var column) || meant.Contains(column)) continue;
            if (places.TryAdd(column, i)) headers[column] = names[i];
            else violations.Add(names[i], $"means the same as {headers[column]}: keep one of them");
        }
        if (!places.ContainsKey(ImportColumn.Profile)) violations.Add("header", "must have a column with the profile: LinkedIn URL, Profile URL or Person Linkedin Url");
        if (!Array.Exists(Contents, places.ContainsKey)) violations.Add("header", "must have a column Message, Note, Email Text or Engagement");
        if (places.Count == 0 && header.Count == 1 && header[0].Contains(';', StringComparison.Ordinal)) violations.Add("header", "must be separated by commas, not semicolons");
        return new ImportColumns(header.Count, places, headers);
    }

    public string Cell(IReadOnlyList<string> cells, ImportColumn column) =>
        Places.TryGetValue(column, out var place) && place < cells.Count ? cells[place].Trim() : "";

    /// <summary>How the file calls it; Pennypost's name if the file does not have it.</summary>
    public string HeaderOf(ImportColumn column) => Headers.GetValueOrDefault(column) ?? Spaced(column.ToString());

    /// <summary>How the file calls those of which a row needs one.</summary>
    public string HeadersOfContents() =>
        string.Join(", ", Contents.Where(column => column is ImportColumn.Message or ImportColumn.Note || Headers.ContainsKey(column)).Select(HeaderOf));

    private static string Spaced(string name) => string.Concat(name.Select((sign, index) => index > 0 && char.IsAsciiLetterUpper(sign) ? $" {sign}" : $"{sign}"));

    private static string Plain(string header) => new([.. header.Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant)]);
}
