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
/// Where each column stands: the names that exports of Sales Navigator use, and Pennypost's own (docs/csv.md). Case, spaces and signs do not matter; other
/// columns are left alone.
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

    /// <summary>Reads the header; what is wrong with it is wrong with the whole file.</summary>
    public static ImportColumns Read(IReadOnlyList<string> header, Hosting.Violations violations)
    {
        var places = new Dictionary<ImportColumn, int>();
        var headers = new Dictionary<ImportColumn, string>();
        if (header.Count > MaxColumns) violations.Add("header", $"must have at most {MaxColumns} columns; it has {header.Count}");
        for (var i = 0; i < Math.Min(header.Count, MaxColumns); i++)
        {
            if (!Known.TryGetValue(Plain(header[i]), out var column)) continue;
            if (places.TryAdd(column, i)) headers[column] = header[i].Trim();
            else violations.Add(header[i].Trim(), $"means the same as {headers[column]}: keep one of them");
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
