using System.Globalization;
using System.Text;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Api;

/// <summary>The provider's paging: newest first, <c>limit</c> 1 to 250, an opaque cursor that stays put when newer things arrive.</summary>
internal sealed record Page(int Limit, (long Key, string Id)? After)
{
    private const int Most = 250;

    public static Page? Parse(HttpRequest request, List<Violation> violations)
    {
        var limit = 100;
        var text = request.Query["limit"].ToString();
        if (text.Length > 0 && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > Most))
            violations.Add(new("limit", $"must be a number from 1 to {Most}"));
        var cursor = request.Query["cursor"].ToString();
        if (cursor.Length == 0)
            return new(limit, null);
        if (Decode(cursor) is { } after)
            return new(limit, after);
        violations.Add(new("cursor", "is not one that this endpoint gave out"));
        return null;
    }

    /// <summary>A time of the query, exclusive on both ends as the provider has it.</summary>
    public static DateTimeOffset? Time(HttpRequest request, string name, List<Violation> violations)
    {
        var text = request.Query[name].ToString();
        if (text.Length == 0)
            return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return time;
        violations.Add(new(name, "must be an ISO 8601 time in UTC"));
        return null;
    }

    public Answer Of<T>(string listName, IEnumerable<T> items, Func<T, (long Key, string Id)> keyOf, Func<T, object> shape)
    {
        var found = items.Select(item => (Item: item, Key: keyOf(item)))
            .Where(entry => After is not { } after || Compare(entry.Key, after) < 0)
            .OrderByDescending(entry => entry.Key.Key)
            .ThenByDescending(entry => entry.Key.Id, StringComparer.Ordinal)
            .Take(Limit + 1)
            .ToList();
        var shown = found.Take(Limit).ToList();
        return Answer.Ok(new
        {
            @object = listName,
            items = shown.Select(entry => shape(entry.Item)).ToList(),
            cursor = found.Count > Limit ? Encode(shown[^1].Key) : null,
        });
    }

    private static int Compare((long Key, string Id) one, (long Key, string Id) other) =>
        one.Key != other.Key ? one.Key.CompareTo(other.Key) : string.CompareOrdinal(one.Id, other.Id);

    private static string Encode((long Key, string Id) key) =>
        Draw.Base64(Encoding.UTF8.GetBytes(key.Key.ToString(CultureInfo.InvariantCulture) + "|" + key.Id));

    private static (long, string)? Decode(string cursor)
    {
        if (cursor.Length > 400 || !System.Buffers.Text.Base64Url.IsValid(cursor))
            return null;
        var parts = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(cursor)).Split('|', 2);
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var key) ? (key, parts[1]) : null;
    }
}
