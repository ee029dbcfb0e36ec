using System.Text.Json;
using Pennypost.Delivery.Accounts;
using Pennypost.Hosting;

namespace Pennypost.Dispatcher.Provider;

/// <summary>What a webhook of the provider tells.</summary>
public abstract record ProviderEvent
{
    private ProviderEvent() { }

    /// <summary>A message in a chat of the account: a reply, or one of its own.</summary>
    /// <param name="AccountId">The account.</param>
    /// <param name="MessageId">The provider's id: the same message may be told twice.</param>
    /// <param name="ChatId">The chat.</param>
    /// <param name="OtherId">With whom it was exchanged, as the account sees them: who wrote it, or to whom its own went. Empty if it is not told.</param>
    /// <param name="OtherPublicId">Their public identifier, if the profile's URL has it; else empty.</param>
    /// <param name="IsOwn">Whether the account itself wrote it. Never a reply.</param>
    /// <param name="IsInmail">Whether the chat is an InMail; null if it is not told.</param>
    /// <param name="Text">What was written.</param>
    /// <param name="Time">When; null if it is not told.</param>
    public sealed record MessageReceived(
        string AccountId, string MessageId, string ChatId, string OtherId, string OtherPublicId, bool IsOwn, bool? IsInmail, string Text, DateTimeOffset? Time) : ProviderEvent;

    /// <summary>Somebody is a relation now; up to 8 hours late, and not necessarily by our invitation.</summary>
    public sealed record NewRelation(string AccountId, string MemberId, string PublicId) : ProviderEvent;

    /// <summary>An invitation of the account waits for its answer. No webhook tells this; it is read.</summary>
    /// <param name="AccountId">The account.</param>
    /// <param name="InvitationId">The provider's id.</param>
    /// <param name="MemberId">Who was invited, as the account sees them.</param>
    /// <param name="PublicId">Their public identifier; may be empty.</param>
    /// <param name="Time">When.</param>
    public sealed record InvitationPending(string AccountId, string InvitationId, string MemberId, string PublicId, DateTimeOffset Time) : ProviderEvent;

    /// <summary>The account's state at the provider changed.</summary>
    /// <param name="AccountId">The account.</param>
    /// <param name="Status">The provider's word.</param>
    /// <param name="State">Ok or disconnected; null if it is on its way to either.</param>
    public sealed record AccountStatus(string AccountId, string Status, AccountState? State) : ProviderEvent;

    /// <summary>Something that concerns nobody here: reactions, receipts, edits, kinds that are new.</summary>
    public sealed record Other(string Event) : ProviderEvent;
}

/// <summary>What parsing a webhook came to.</summary>
public abstract record ParsedEvent
{
    private ParsedEvent() { }

    /// <summary>It was read.</summary>
    public sealed record Read(ProviderEvent Event) : ParsedEvent;

    /// <summary>It is malformed; everything that is wrong with it.</summary>
    public sealed record Malformed(Violations Violations) : ParsedEvent;
}

/// <summary>What the provider's words for an account's status mean.</summary>
public static class AccountStatuses
{
    /// <summary>Ok or disconnected; null for words that decide nothing.</summary>
    public static AccountState? StateOf(string status) => status switch
    {
        "OK" or "RECONNECTED" or "CREATION_SUCCESS" or "SYNC_SUCCESS" => AccountState.Ok,
        "CREDENTIALS" or "ERROR" or "STOPPED" or "DELETED" => AccountState.Disconnected,
        _ => null,
    };
}

/// <summary>Reading webhooks of the Unipile v1 API.</summary>
public static class ProviderEvents
{
    /// <summary>The largest body that is looked at, in bytes.</summary>
    public const int MaxBytes = 256 << 10;

    private const int MaxId = 512;

    /// <summary>Reads one body. Fields that are not needed are not looked at.</summary>
    public static ParsedEvent Parse(ReadOnlyMemory<byte> body)
    {
        var violations = new Violations();
        if (body.Length is 0 or > MaxBytes)
            violations.Add("body", $"must have 1 to {MaxBytes} bytes");
        else if (Json.Parse(body) is not { ValueKind: JsonValueKind.Object } root)
            violations.Add("body", "must be a JSON object");
        else
        {
            var happened = Read(root, violations);
            if (!violations.Any)
                return new ParsedEvent.Read(happened);
        }

        return new ParsedEvent.Malformed(violations);
    }

    private static ProviderEvent Read(JsonElement root, Violations violations)
    {
        if (root.Member("AccountStatus") is { } status)
        {
            var word = Needed(status, "message", "body.AccountStatus.", violations);
            return new ProviderEvent.AccountStatus(AccountOf(status, "body.AccountStatus.", violations), word, AccountStatuses.StateOf(word));
        }

        return root.Text("event") switch
        {
            "message_received" => Message(root, violations),
            "new_relation" => new ProviderEvent.NewRelation(
                AccountOf(root, "body.", violations), Needed(root, "user_provider_id", "body.", violations), root.Text("user_public_identifier") ?? ""),
            { Length: <= 100 } other => new ProviderEvent.Other(other),
            _ => Unknown(violations),
        };
    }

    private static ProviderEvent.MessageReceived Message(JsonElement root, Violations violations)
    {
        var sender = root.Member("sender") ?? default;
        var senderId = Needed(sender, "attendee_provider_id", "body.sender.", violations);
        // Own sends arrive as received messages too; without the account's own id nobody can tell them from a reply.
        var own = Needed(root.Member("account_info") ?? default, "user_id", "body.account_info.", violations);
        // A chat of two has one other attendee; of more, nobody can say to whom.
        var others = root.Items("attendees").Where(one => one.Text("attendee_provider_id") is { Length: > 0 and <= MaxId } id && id != own).Take(2).ToList();
        var other = senderId != own ? sender : others is [var only] ? only : default;
        return new ProviderEvent.MessageReceived(
            AccountOf(root, "body.", violations),
            Needed(root, "message_id", "body.", violations),
            Needed(root, "chat_id", "body.", violations),
            other.Text("attendee_provider_id") ?? "",
            PublicIdOf(other.Text("attendee_profile_url")),
            senderId == own,
            root.Text("content_type") is { } kind ? kind == "inmail" : null,
            root.Text("message") ?? "",
            root.Time("timestamp"));
    }

    /// <summary>A message as the provider lists it; null if it is no message between two people, or it is not told who wrote it: then nothing is decided by it.</summary>
    internal static ProviderEvent.MessageReceived? Message(string accountId, string ownId, JsonElement item)
    {
        var (id, chatId, senderId) = (item.Text("id") ?? "", item.Text("chat_id") ?? "", item.Text("sender_id") ?? "");
        var isOwn = item.Flag("is_sender") ?? (ownId.Length > 0 && senderId.Length > 0 ? senderId == ownId : null);
        if (isOwn is null || id.Length is 0 or > MaxId || chatId.Length is 0 or > MaxId || senderId.Length > MaxId || item.Flag("is_event") == true)
            return null;
        return new ProviderEvent.MessageReceived(accountId, id, chatId, isOwn == true ? "" : senderId, "", isOwn.Value, null, item.Text("text") ?? "", item.Time("timestamp"));
    }

    private static ProviderEvent.Other Unknown(Violations violations)
    {
        violations.Add("body.event", "is required: what happened, up to 100 characters; or AccountStatus");
        return new ProviderEvent.Other("");
    }

    private static string AccountOf(JsonElement element, string path, Violations violations)
    {
        var id = element.Text("account_id") ?? "";
        violations.Id(path + "account_id", id);
        return id;
    }

    private static string Needed(JsonElement element, string name, string path, Violations violations)
    {
        var value = element.Text(name) ?? "";
        violations.Length(path + name, value, 1, MaxId);
        return value;
    }

    private static string PublicIdOf(string? url)
    {
        if (url is null || !Uri.TryCreate(url, UriKind.Absolute, out var address))
            return "";
        var parts = address.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts is ["in", var id, ..] ? Uri.UnescapeDataString(id) : "";
    }
}
