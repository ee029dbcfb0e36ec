using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pennypost.Delivery;

namespace Pennypost.Dispatcher.Provider;

/// <summary>
/// The Unipile v1 API. It has no idempotency keys, so a write is tried again only while none of it has left; whatever else ends without an answer is <see cref="ProviderReply.Unknown"/>.
/// </summary>
public sealed class UnipileProvider : IDisposable
{
    /// <summary>More invitations than LinkedIn lets anybody have pending, a hundred a page.</summary>
    private const int InvitationPages = 40;

    private readonly ProviderCalls _calls;

    /// <param name="options">Time-outs and limits.</param>
    /// <param name="time">Real time; deadlines are its timestamps.</param>
    public UnipileProvider(ProviderOptions options, TimeProvider time)
        : this(options, time, null)
    {
    }

    internal UnipileProvider(ProviderOptions options, TimeProvider time, ProviderMeter? meter) => _calls = new ProviderCalls(options, time, meter);

    /// <summary>Writes once. At most one request ever leaves for one call, and none begins to after the deadline.</summary>
    /// <param name="connection">How.</param>
    /// <param name="send">What.</param>
    /// <param name="deadline">The latest timestamp of the <see cref="TimeProvider"/> at which the request may begin: <c>PermitOutcome.Granted.SendBy</c>.</param>
    /// <param name="ct">Ends the waiting. After the request began to leave the answer is unknown.</param>
    public async Task<ProviderReply> SendAsync(ProviderConnection connection, ProviderSend send, long deadline, CancellationToken ct)
    {
        return await CallAsync(connection, send, deadline, ct) switch
        {
            // What these make has no id that anybody needs, and v1's pages do not show their answers: an object of the provider's is enough.
            HttpReply.Answer { IsSuccess: true, Body: { ValueKind: JsonValueKind.Object } body } when send is ProviderSend.Visit or ProviderSend.React or ProviderSend.CommentOn && body.Text("object") is { Length: > 0 } =>
                new ProviderReply.Accepted(body.Text("comment_id") ?? "", "", "", null),
            HttpReply.Answer { IsSuccess: true } answer => Accepted(answer),
            HttpReply.Answer answer => ErrorTypes.Classify(answer.Type, answer.Status, answer.RetryAfter),
            HttpReply.NotWritten not => new ProviderReply.NotSent(not.Why),
            HttpReply.TooLate => new ProviderReply.TooLate(),
            HttpReply.Lost lost => new ProviderReply.Unknown(lost.Why),
            _ => throw new UnreachableException(),
        };
    }

    private Task<HttpReply> CallAsync(ProviderConnection connection, ProviderSend send, long deadline, CancellationToken ct)
    {
        if (send is ProviderSend.Visit visit)
            return _calls.VisitAsync(connection, Endpoints.Visit, $"users/{Uri.EscapeDataString(visit.PublicId)}?account_id={Uri.EscapeDataString(visit.AccountId)}&linkedin_api=classic&notify=true", deadline, ct);
        var (endpoint, path, body) = Request(send);
        return _calls.WriteAsync(connection, endpoint, path, body, deadline, ct);
    }

    /// <summary>A profile as this account sees it. Counts against LinkedIn's limits: take a unit of the account's allowance first.</summary>
    /// <param name="connection">How.</param>
    /// <param name="accountId">Who looks.</param>
    /// <param name="identifier">Public identifier or provider id.</param>
    /// <param name="product">The subscription to look with; unspecified for none. The provider id in the answer is good for sends by the same.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async Task<ProfileReply> GetProfileAsync(ProviderConnection connection, string accountId, string identifier, Product product, CancellationToken ct)
    {
        var path = $"users/{Uri.EscapeDataString(identifier)}?account_id={Uri.EscapeDataString(accountId)}&linkedin_api={Api(product)}";
        return await _calls.ReadAsync(connection, Endpoints.Profile, path, ct) switch
        {
            HttpReply.Answer { IsSuccess: true, Body: { } body } when Profiles.Read(body) is { } facts => new ProfileReply.Found(facts),
            HttpReply.Answer { IsSuccess: true } => new ProfileReply.Unavailable("malformed_answer"),
            HttpReply.Answer answer => ErrorTypes.Classify(answer.Type, answer.Status, answer.RetryAfter) switch
            {
                ProviderReply.Refused { Kind: RefusalKind.Recipient } refused => new ProfileReply.NotFound(refused.Type),
                ProviderReply.AccountDown down => new ProfileReply.AccountDown(down.Type, down.State),
                ProviderReply.Limited limited => new ProfileReply.Limited(limited.Type, limited.RetryAfter),
                _ => new ProfileReply.Unavailable(Word(answer)),
            },
            var lost => new ProfileReply.Unavailable(Word(lost)),
        };
    }

    /// <summary>The account's InMail balances.</summary>
    public async Task<BalanceReply> GetBalanceAsync(ProviderConnection connection, string accountId, CancellationToken ct) =>
        await _calls.ReadAsync(connection, Endpoints.Balance, "linkedin/inmail_balance?account_id=" + Uri.EscapeDataString(accountId), ct) switch
        {
            HttpReply.Answer { IsSuccess: true, Body: { ValueKind: JsonValueKind.Object } body } =>
                new BalanceReply.Read(Credits(body, "premium"), Credits(body, "sales_navigator"), Credits(body, "recruiter")),
            var other => new BalanceReply.Unreadable(Word(other)),
        };

    /// <summary>What the provider says of one account.</summary>
    public async Task<AccountReply> GetAccountAsync(ProviderConnection connection, string accountId, CancellationToken ct) =>
        await _calls.ReadAsync(connection, Endpoints.Account, "accounts/" + Uri.EscapeDataString(accountId), ct) switch
        {
            HttpReply.Answer { IsSuccess: true, Body: { ValueKind: JsonValueKind.Object } body } => new AccountReply.Known(
                body.Items("sources").Select(source => AccountStatuses.StateOf(source.Text("status") ?? "")).FirstOrDefault(state => state is not null),
                body.Member("connection_params")?.Member("im")?.Text("id") ?? ""),
            HttpReply.Answer { Status: 404 } answer => new AccountReply.NotFound(Word(answer)),
            var other => new AccountReply.Unreadable(Word(other)),
        };

    /// <summary>Lists the accounts of the connection's key, the first 100; asked once, for whoever wants to know what comes of a call.</summary>
    internal Task<HttpReply> ProbeAsync(ProviderConnection connection, CancellationToken ct) => _calls.ReadOnceAsync(connection, Endpoints.Accounts, "accounts?limit=100", ct);

    /// <summary>What the account itself wrote since a time: in one chat, or in all.</summary>
    /// <param name="connection">How.</param>
    /// <param name="accountId">Whose.</param>
    /// <param name="chatId">The chat; empty for all.</param>
    /// <param name="since">On the provider's clock.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async Task<OwnMessagesReply> GetOwnMessagesAsync(ProviderConnection connection, string accountId, string chatId, DateTimeOffset since, CancellationToken ct)
    {
        var after = Time(since);
        var path = chatId.Length == 0 ? $"messages?account_id={Uri.EscapeDataString(accountId)}&after={after}" : $"chats/{Uri.EscapeDataString(chatId)}/messages?after={after}";
        var read = await _calls.ReadPagesAsync(connection, chatId.Length == 0 ? Endpoints.Messages : Endpoints.ChatMessages, path, ct);
        if (read.Broken is { } broken)
            return new OwnMessagesReply.Unreadable(broken);
        var items = read.Items;
        // Whoever does not say whose message it is has not shown that it is not ours.
        if (items.Exists(item => item.Flag("is_sender") is null))
            return new OwnMessagesReply.Unreadable("sender_unknown");
        return new OwnMessagesReply.Read(
            [.. items.Where(item => item.Flag("is_sender") == true).Select(item => new OwnMessage(item.Text("id") ?? "", item.Text("chat_id") ?? chatId, item.Text("text") ?? ""))]);
    }

    /// <summary>All messages of an account between two times, its own and others', oldest first: what webhooks tell, read. The provider lists the newest first, so what a limit leaves out is the oldest.</summary>
    /// <param name="connection">How.</param>
    /// <param name="accountId">Whose.</param>
    /// <param name="ownId">The account's own member id; empty if unknown.</param>
    /// <param name="after">On the provider's clock.</param>
    /// <param name="before">On the provider's clock; null for up to now.</param>
    /// <param name="mostPages">Pages of 100 to read.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async Task<MessagesReply> GetMessagesAsync(
        ProviderConnection connection, string accountId, string ownId, DateTimeOffset after, DateTimeOffset? before, int mostPages, CancellationToken ct)
    {
        var path = $"messages?account_id={Uri.EscapeDataString(accountId)}&after={Time(after)}{(before is { } end ? "&before=" + Time(end) : "")}";
        var read = await _calls.ReadPagesAsync(connection, Endpoints.Messages, path, mostPages, _ => false, ct);
        return read.Failed is { } failed
            ? MessagesFailed(failed)
            : new MessagesReply.Read([.. read.Items.Select(item => ProviderEvents.Message(accountId, ownId, item)).OfType<ProviderEvent.MessageReceived>().OrderBy(message => message.Time)], read.Complete);
    }

    /// <summary>Whether a message is the first of its chat; null if that cannot be read now.</summary>
    public async Task<bool?> IsFirstAsync(ProviderConnection connection, string chatId, DateTimeOffset time, CancellationToken ct) =>
        await _calls.ReadAsync(connection, Endpoints.ChatMessages, $"chats/{Uri.EscapeDataString(chatId)}/messages?before={Time(time)}&limit=1", ct) is HttpReply.Answer { IsSuccess: true, Body: { } body }
        && body.Member("items") is { ValueKind: JsonValueKind.Array }
            ? !body.Items("items").Any()
            : null;

    /// <summary>An account's relations since a time, newest first at the provider.</summary>
    public async Task<RelationsReply> GetRelationsAsync(ProviderConnection connection, string accountId, DateTimeOffset since, int mostPages, CancellationToken ct)
    {
        var read = await _calls.ReadPagesAsync(
            connection, Endpoints.Relations, "users/relations?account_id=" + Uri.EscapeDataString(accountId), mostPages, items => items.Any(item => item.Time("created_at") < since), ct);
        return read.Failed is not null
            ? new RelationsReply.Unreadable(Word(read.Failed))
            : new RelationsReply.Read(
                [.. read.Items.Select(item => new SeenRelation(item.Text("member_id") ?? "", item.Text("public_identifier") ?? "", item.Time("created_at"))).Where(relation => !(relation.Time < since))],
                read.Complete);
    }

    /// <summary>With whom a chat is, and of what kind.</summary>
    public async Task<ChatReply> GetChatAsync(ProviderConnection connection, string chatId, CancellationToken ct) =>
        await _calls.ReadAsync(connection, Endpoints.Chat, "chats/" + Uri.EscapeDataString(chatId), ct) switch
        {
            HttpReply.Answer { IsSuccess: true, Body: { ValueKind: JsonValueKind.Object } chat } => new ChatReply.With(
                chat.Text("attendee_provider_id") ?? "", chat.Text("attendee_public_identifier") ?? "", chat.Text("content_type") == "inmail", ProductOf(chat)),
            HttpReply.Answer { Status: 404 } => new ChatReply.Gone(),
            var other => new ChatReply.Unreadable(Word(other)),
        };

    /// <summary>The account's invitations that wait for an answer.</summary>
    public async Task<InvitationsReply> GetPendingInvitationsAsync(ProviderConnection connection, string accountId, CancellationToken ct)
    {
        var read = await _calls.ReadPagesAsync(connection, Endpoints.Invitations, "users/invite/sent?account_id=" + Uri.EscapeDataString(accountId), ct, InvitationPages);
        return read.Broken is { } broken
            ? new InvitationsReply.Unreadable(broken)
            : new InvitationsReply.Read(
                [.. read.Items.Select(item => new PendingInvitation(item.Text("id") ?? "", item.Text("invited_user_id") ?? "", item.Text("invited_user_public_id") ?? "", item.Time("parsed_datetime")))]);
    }

    /// <summary>Takes an invitation back. Accepted: it waits no longer. One that is not there any more, because it was answered or withdrawn, is refused.</summary>
    /// <param name="connection">How.</param>
    /// <param name="accountId">Whose.</param>
    /// <param name="invitationId">The provider's id of it.</param>
    /// <param name="deadline">The latest timestamp of the <see cref="TimeProvider"/> at which the request may begin.</param>
    /// <param name="ct">Ends the waiting.</param>
    public async Task<ProviderReply> WithdrawAsync(ProviderConnection connection, string accountId, string invitationId, long deadline, CancellationToken ct) =>
        await _calls.DeleteAsync(connection, Endpoints.Withdraw, $"users/invite/sent/{Uri.EscapeDataString(invitationId)}?account_id={Uri.EscapeDataString(accountId)}", deadline, ct) switch
        {
            HttpReply.Answer { IsSuccess: true } => new ProviderReply.Accepted("", "", invitationId, null),
            HttpReply.Answer answer => ErrorTypes.Classify(answer.Type, answer.Status, answer.RetryAfter),
            HttpReply.NotWritten not => new ProviderReply.NotSent(not.Why),
            HttpReply.TooLate => new ProviderReply.TooLate(),
            HttpReply.Lost lost => new ProviderReply.Unknown(lost.Why),
            _ => throw new UnreachableException(),
        };

    /// <inheritdoc/>
    public void Dispose() => _calls.Dispose();

    private static (string Endpoint, string Path, Func<HttpContent> Body) Request(ProviderSend send) => send switch
    {
        ProviderSend.StartChat chat => (Endpoints.StartChat, "chats", () => Form(
            ("account_id", chat.AccountId),
            ("attendees_ids", chat.Recipient),
            ("text", chat.Text),
            ("subject", chat.Subject),
            ("linkedin[api]", Api(chat.Inmail)),
            // Classic has InMail and plain messages behind one door; the others are InMail by their nature.
            ("linkedin[inmail]", chat.Inmail == Product.Premium ? "true" : ""),
            ("linkedin[signature]", chat.Inmail == Product.Recruiter ? chat.Signature : ""))),
        ProviderSend.WriteInChat write => (Endpoints.WriteInChat, $"chats/{Uri.EscapeDataString(write.ChatId)}/messages", () => Form(("text", write.Text))),
        ProviderSend.Invite invite => (Endpoints.Invite, "users/invite", () => Invitation(invite)),
        ProviderSend.React react => (Endpoints.React, "posts/reaction", () => Document(("account_id", react.AccountId), ("post_id", react.PostId), ("reaction_type", "like"))),
        ProviderSend.CommentOn comment => (Endpoints.Comment, $"posts/{Uri.EscapeDataString(comment.PostId)}/comments", () => Document(("account_id", comment.AccountId), ("text", comment.Text))),
        _ => throw new UnreachableException(),
    };

    private static MultipartFormDataContent Form(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields)
        {
            if (value.Length > 0)
                form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(value)), name);
        }

        return form;
    }

    private static StringContent Document(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var body = new JsonObject();
        foreach (var (name, value) in fields)
            body[name] = value;
        return new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
    }

    private static StringContent Invitation(ProviderSend.Invite invite)
    {
        var body = new JsonObject { ["account_id"] = invite.AccountId, ["provider_id"] = invite.Recipient };
        if (invite.Note.Length > 0)
            body["message"] = invite.Note;
        return new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
    }

    private static MessagesReply MessagesFailed(HttpReply failed) => failed is HttpReply.Answer answer && ErrorTypes.Classify(answer.Type, answer.Status, answer.RetryAfter) is ProviderReply.AccountDown down
        ? new MessagesReply.AccountDown(down.Type, down.State)
        : new MessagesReply.Unreadable(Word(failed));

    private static string Time(DateTimeOffset time) => Uri.EscapeDataString(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    /// <summary>The subscription in whose folder a chat lies.</summary>
    private static Product ProductOf(JsonElement chat)
    {
        var folders = chat.Items("folder").Where(folder => folder.ValueKind == JsonValueKind.String).Select(folder => folder.GetString()!).ToList();
        return folders.Contains("INBOX_LINKEDIN_SALES_NAVIGATOR") ? Product.SalesNavigator
            : folders.Contains("INBOX_LINKEDIN_RECRUITER") ? Product.Recruiter
            : folders.Contains("INBOX_LINKEDIN_CLASSIC") ? Product.Premium
            : Product.Unspecified;
    }

    private static string Api(Product product) => product switch
    {
        Product.SalesNavigator => "sales_navigator",
        Product.Recruiter => "recruiter",
        _ => "classic",
    };

    /// <summary>A success that names what it made. One that does not is not taken for one: some proxy may have answered.</summary>
    private static ProviderReply Accepted(HttpReply.Answer answer)
    {
        if (answer.Body is not { ValueKind: JsonValueKind.Object } body)
            return new ProviderReply.Unknown("malformed_answer");
        var (message, chat, invitation) = (body.Text("message_id") ?? "", body.Text("chat_id") ?? "", body.Text("invitation_id") ?? "");
        return message.Length + chat.Length + invitation.Length > 0 || body.Text("object") is "ChatStarted" or "MessageSent" or "UserInvitationSent"
            ? new ProviderReply.Accepted(message, chat, invitation, (int?)body.Number("usage"))
            : new ProviderReply.Unknown("malformed_answer");
    }

    /// <summary>A balance below zero or beyond belief is none.</summary>
    private static long? Credits(JsonElement body, string product) => body.Number(product) is { } credits and >= 0 and <= 100_000 ? credits : null;

    internal static string Word(HttpReply reply) => reply switch
    {
        HttpReply.Answer { Type.Length: > 0 } answer => ErrorTypes.Bare(answer.Type),
        HttpReply.Answer { IsSuccess: true } => "malformed_answer",
        HttpReply.Answer answer => "http_" + answer.Status.ToString(CultureInfo.InvariantCulture),
        HttpReply.NotWritten not => not.Why,
        HttpReply.Lost lost => lost.Why,
        _ => throw new UnreachableException(),
    };
}
