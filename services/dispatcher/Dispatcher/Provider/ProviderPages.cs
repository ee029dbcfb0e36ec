using System.Text.Json;

namespace Pennypost.Dispatcher.Provider;

/// <summary>What reading a list came to.</summary>
/// <param name="Items">What was read of it.</param>
/// <param name="Failed">The answer that was no page; null if all were.</param>
/// <param name="Complete">Whether nothing that was asked for is missing.</param>
internal sealed record ReadPages(List<JsonElement> Items, HttpReply? Failed, bool Complete)
{
    /// <summary>What is wrong with it, in the provider's words; null if it is complete.</summary>
    public string? Broken => Failed is not null ? UnipileProvider.Word(Failed) : Complete ? null : "too_many_pages";
}

/// <summary>Reading a list of the provider's to its end.</summary>
internal static class ProviderPages
{
    private const int PageSize = 100;
    private const int UsualPages = 10;

    /// <summary>The items of all pages, and what was wrong if they are not all.</summary>
    public static Task<ReadPages> ReadPagesAsync(this ProviderCalls calls, ProviderConnection connection, string endpoint, string path, CancellationToken ct, int mostPages = UsualPages) =>
        calls.ReadPagesAsync(connection, endpoint, path, mostPages, _ => false, ct);

    /// <summary>The items of so many pages, or up to one whose items say that nothing more is wanted.</summary>
    public static async Task<ReadPages> ReadPagesAsync(
        this ProviderCalls calls, ProviderConnection connection, string endpoint, string path, int mostPages, Func<IEnumerable<JsonElement>, bool> isEnough, CancellationToken ct)
    {
        var items = new List<JsonElement>();
        var cursor = "";
        var joint = path.Contains('?') ? '&' : '?';
        for (var page = 0; page < mostPages; page++)
        {
            var reply = await calls.ReadAsync(connection, endpoint, $"{path}{joint}limit={PageSize}{cursor}", ct);
            if (reply is not HttpReply.Answer { IsSuccess: true, Body: { } body } || body.Member("items") is not { ValueKind: JsonValueKind.Array })
                return new(items, reply, Complete: false);
            items.AddRange(body.Items("items"));
            if (body.Text("cursor") is not { Length: > 0 } next || isEnough(body.Items("items")))
                return new(items, null, Complete: true);
            cursor = "&cursor=" + Uri.EscapeDataString(next);
        }

        return new(items, null, Complete: false);
    }
}
