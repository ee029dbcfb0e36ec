using System.Text.Json;

namespace Pennypost.Dispatcher.Provider;

/// <summary>Reading a list of the provider's to its end.</summary>
internal static class ProviderPages
{
    private const int PageSize = 100;
    private const int MostPages = 10;

    /// <summary>The items of all pages, and what was wrong if they are not all.</summary>
    public static async Task<(List<JsonElement> Items, string? Broken)> ReadPagesAsync(this ProviderCalls calls, ProviderConnection connection, string path, CancellationToken ct)
    {
        var items = new List<JsonElement>();
        var cursor = "";
        var joint = path.Contains('?') ? '&' : '?';
        for (var page = 0; page < MostPages; page++)
        {
            var reply = await calls.ReadAsync(connection, $"{path}{joint}limit={PageSize}{cursor}", ct);
            if (reply is not HttpReply.Answer { IsSuccess: true, Body: { } body } || body.Member("items") is not { ValueKind: JsonValueKind.Array })
                return (items, UnipileProvider.Word(reply));
            items.AddRange(body.Items("items"));
            if (body.Text("cursor") is not { Length: > 0 } next)
                return (items, null);
            cursor = "&cursor=" + Uri.EscapeDataString(next);
        }

        return (items, "too_many_pages");
    }
}
