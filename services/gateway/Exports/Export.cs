using Grpc.Core;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Exports;

/// <summary>A page of a list.</summary>
/// <param name="Items">What matched; there may be none though more follow.</param>
/// <param name="Next">The token of the next page; empty at the end.</param>
internal sealed record ExportPage<TItem>(IReadOnlyCollection<TItem> Items, string Next);

/// <summary>
/// A list as a stream: page after page of what the service behind answers. Tokens are those of its list, each for the place behind its item: an export
/// that broke off is taken up there by any instance, and nothing comes twice.
/// </summary>
internal static class Export
{
    /// <param name="token">Where to begin; empty for the start.</param>
    /// <param name="read">Reads a page.</param>
    /// <param name="behind">The token for the place behind an item.</param>
    /// <param name="tell">Tells an item with its token; no item where only a token is to be told.</param>
    public static async Task RunAsync<TItem>(string token, Func<string, Task<ExportPage<TItem>>> read, Func<TItem, string> behind, Func<TItem?, string, Task> tell)
        where TItem : class
    {
        do
        {
            var page = await AskAsync(token, read);
            foreach (var item in page.Items) await tell(item, behind(item));
            // The stream has come this far, though nothing may have matched.
            if (page.Next.Length > 0) await tell(null, page.Next);
            if (page.Next.Length > 0 && page.Next == token) throw new InvalidOperationException("A list does not move on.");
            token = page.Next;
        }
        while (token.Length > 0);
    }

    /// <summary>What the list calls its page token is the export's resume token.</summary>
    private static async Task<ExportPage<TItem>> AskAsync<TItem>(string token, Func<string, Task<ExportPage<TItem>>> read)
    {
        try
        {
            return await read(token);
        }
        catch (RpcException exception) when (RpcFault.From(exception) is { Violations.Count: > 0 } fault)
        {
            throw (fault with { Violations = [.. fault.Violations.Select(violation => violation.Field == "page_token" ? violation with { Field = "resume_token" } : violation)] }).ToException();
        }
    }
}
