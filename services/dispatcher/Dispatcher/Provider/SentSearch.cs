using System.Globalization;
using System.Text.Json;

namespace Pennypost.Dispatcher.Provider;

/// <summary>
/// Looking for a send whose answer was lost: among the account's own messages since then with the same text, whose chat is with the same person; or among its pending invitations. A search that meets its limit, an
/// error or a chat that does not say whose it is was not healthy, and says nothing.
/// </summary>
internal sealed class SentSearch(ProviderCalls calls, ProviderConnection connection)
{
    private const int PageSize = 100;
    private const int MostPages = 10;

    /// <summary>The provider's clock and ours may differ by this much.</summary>
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(5);

    public Task<SentReply> FindAsync(ProviderSend send, DateTimeOffset since, CancellationToken ct) => send switch
    {
        ProviderSend.StartChat chat => MessageAsync(
            chat.AccountId, null, chat.Text, since, attendee => attendee.Id == chat.Recipient || Same(attendee.PublicId, chat.RecipientPublicId), ct),
        ProviderSend.WriteInChat write => MessageAsync(write.AccountId, write.ChatId, write.Text, since, _ => true, ct),
        ProviderSend.Invite invite => InvitationAsync(invite, ct),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private async Task<SentReply> MessageAsync(
        string accountId, string? chatId, string text, DateTimeOffset since, Func<(string Id, string PublicId), bool> isRecipient, CancellationToken ct)
    {
        var after = Uri.EscapeDataString((since - ClockDifference).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        var account = Uri.EscapeDataString(accountId);
        var path = chatId is null ? $"messages?account_id={account}&after={after}" : $"chats/{Uri.EscapeDataString(chatId)}/messages?after={after}";
        var looked = new Dictionary<string, bool?>(StringComparer.Ordinal);
        var unclear = false;
        var (items, broken) = await ListAsync(path, ct);
        foreach (var item in items)
        {
            if (item.Flag("is_sender") != true || item.Text("text")?.Trim() != text.Trim())
                continue;
            var chat = item.Text("chat_id") ?? chatId ?? "";
            if (chat != chatId && !looked.ContainsKey(chat))
                looked[chat] = await IsWithAsync(chat, isRecipient, ct);
            if (chat == chatId || looked[chat] == true)
                return new SentReply.Found(item.Text("id") ?? "", chat, "", item.Time("timestamp") ?? since);
            unclear |= looked[chat] is null;
        }

        return broken is not null ? new SentReply.Unreadable(broken) : unclear ? new SentReply.Unreadable("chat_unknown") : new SentReply.Absent();
    }

    private async Task<bool?> IsWithAsync(string chatId, Func<(string Id, string PublicId), bool> isRecipient, CancellationToken ct)
    {
        if (await calls.ReadAsync(connection, "chats/" + Uri.EscapeDataString(chatId), ct) is not HttpReply.Answer { IsSuccess: true, Body: { } chat })
            return null;
        var (id, publicId) = (chat.Text("attendee_provider_id") ?? "", chat.Text("attendee_public_identifier") ?? "");
        // An id that another subscription saw differs for the same person: only a public identifier can say no.
        return isRecipient((id, publicId)) ? true : publicId.Length > 0 ? false : null;
    }

    private async Task<SentReply> InvitationAsync(ProviderSend.Invite invite, CancellationToken ct)
    {
        var (items, broken) = await ListAsync("users/invite/sent?account_id=" + Uri.EscapeDataString(invite.AccountId), ct);
        foreach (var item in items)
        {
            if (item.Text("invited_user_id") == invite.Recipient || Same(item.Text("invited_user_public_id"), invite.RecipientPublicId))
                return new SentReply.Found("", "", item.Text("id") ?? "", item.Time("parsed_datetime") ?? DateTimeOffset.UnixEpoch);
        }

        return broken is null ? new SentReply.Absent() : new SentReply.Unreadable(broken);
    }

    /// <summary>The items of all pages, and what was wrong if they are not all.</summary>
    private async Task<(List<JsonElement> Items, string? Broken)> ListAsync(string path, CancellationToken ct)
    {
        var items = new List<JsonElement>();
        var cursor = "";
        for (var page = 0; page < MostPages; page++)
        {
            var reply = await calls.ReadAsync(connection, $"{path}&limit={PageSize}{cursor}", ct);
            if (reply is not HttpReply.Answer { IsSuccess: true, Body: { } body } || body.Member("items") is not { ValueKind: JsonValueKind.Array })
                return (items, UnipileProvider.Word(reply));
            items.AddRange(body.Items("items"));
            if (body.Text("cursor") is not { Length: > 0 } next)
                return (items, null);
            cursor = "&cursor=" + Uri.EscapeDataString(next);
        }

        return (items, "too_many_pages");
    }

    private static bool Same(string? one, string other) => other.Length > 0 && string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
