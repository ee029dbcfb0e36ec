using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration.Attributes;

namespace Pennypost.Standalone.Demo;

/// <summary>An InMail that a sender wrote by hand before Pennypost was there, and the answer it got.</summary>
internal sealed record Prior
{
    /// <summary>The sender.</summary>
    [Name("Account")]
    public required string Account { get; init; }

    /// <summary>The product it was written in: classic, sales_navigator or recruiter.</summary>
    [Name("Api")]
    public required string Api { get; init; }

    /// <summary>To whom.</summary>
    [Name("Prospect")]
    public required string Prospect { get; init; }

    /// <summary>What it said.</summary>
    [Name("InMail")]
    public required string Inmail { get; init; }

    /// <summary>What came back.</summary>
    [Name("Reply")]
    public required string Reply { get; init; }

    public static IReadOnlyList<Prior> Read(string path)
    {
        using var reader = new StreamReader(path);
        using var csv = new CsvReader(reader, CultureInfo.InvariantCulture);
        return [.. csv.GetRecords<Prior>().Take(1_000)];
    }
}
