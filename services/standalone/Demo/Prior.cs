using System.Text.Json;

namespace Pennypost.Standalone.Demo;

/// <summary>An InMail that a sender wrote by hand before Pennypost was there, and the answer it got.</summary>
/// <param name="Account">The sender.</param>
/// <param name="Api">The product it was written in: classic, sales_navigator or recruiter.</param>
/// <param name="Prospect">To whom.</param>
/// <param name="Inmail">What it said.</param>
/// <param name="Reply">What came back.</param>
internal sealed record Prior(string Account, string Api, string Prospect, string Inmail, string Reply)
{
    public static async Task<IReadOnlyList<Prior>> ReadAsync(string path, CancellationToken ct)
    {
        await using var file = File.OpenRead(path);
        return await JsonSerializer.DeserializeAsync<List<Prior>>(file, JsonSerializerOptions.Web, ct) ?? [];
    }
}
