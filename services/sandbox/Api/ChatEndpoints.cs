using System.Diagnostics;
using Pennypost.Sandbox.Acts;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Api;

/// <summary>Starting chats, writing in them and reading them back.</summary>
internal static class ChatEndpoints
{
    public static void Map(RouteGroupBuilder v1)
    {
        v1.MapPost("/chats", StartChat);
        v1.MapPost("/chats/{chatId}/messages", SendMessage);
        v1.MapGet("/chats", ListChats);
        v1.MapGet("/chats/{chatId}", GetChat);
        v1.MapGet("/chats/{chatId}/messages", ListChatMessages);
        v1.MapGet("/messages", ListMessages);
        v1.MapGet("/chat_attendees/{attendeeId}/chats", ListAttendeeChats);
    }

    private static async Task StartChat(HttpContext http, Calls calls)
    {
        const string Endpoint = "chats.start";
        if (await Multipart.ReadAsync(http) is not { } form)
        {
            await calls.RefuseAsync(http, Endpoint, null, Multipart.Refusal());
            return;
        }

        var violations = new List<Violation>();
        var accountId = form.Required("account_id", violations);
        var attendees = form.All("attendees_ids");
        if (attendees.Count != 1)
            violations.Add(attendees.Count == 0 ? Violation.Required("attendees_ids") : new("attendees_ids", "must name exactly one attendee: the sandbox keeps no group chats"));
        var text = form.Required("text", violations);
        var api = Shapes.ApiProduct(form.Optional("linkedin[api]"));
        if (api is null)
            violations.Add(new("linkedin[api]", "must be classic, sales_navigator or recruiter"));
        var inmail = form.Optional("linkedin[inmail]");
        if (inmail is not (null or "" or "true" or "false"))
            violations.Add(new("linkedin[inmail]", "must be true or false"));
        if (api == Product.Recruiter && form.First("signature", "linkedin[signature]") is null)
            violations.Add(Violation.Required("signature"));
        form.RefuseFiles(violations);
        if (violations.Count > 0)
        {
            await calls.RefuseAsync(http, Endpoint, accountId, Answer.Invalid(violations));
            return;
        }

        var opening = new Messaging.Opening { Api = api!.Value, Inmail = inmail == "true", Subject = form.Optional("subject"), Text = text };
        await calls.AnswerAsync(http, Endpoint, accountId, world =>
        {
            if (Recipients.Account(world, accountId) is not { } account)
                return Recipients.NoAccount();
            if (Accounts.Stopped(account) is { } stopped)
                return Answer.Error(stopped);
            if (Recipients.ByScopedId(world, account, attendees[0]) is not { } prospect)
                return Recipients.InvalidRecipient();
            return Sending.Open(world, account, prospect, opening, calls.Options) switch
            {
                Sending.Outcome.Sent sent => Answer.Created(new { @object = "ChatStarted", chat_id = sent.Message.ChatId, message_id = sent.Message.Id }),
                Sending.Outcome.Refused refused => Answer.Error(refused.Refusal),
                _ => throw new UnreachableException(),
            };
        });
    }

    private static async Task SendMessage(HttpContext http, Calls calls, string chatId)
    {
        const string Endpoint = "chats.messages.send";
        if (await Multipart.ReadAsync(http) is not { } form)
        {
            await calls.RefuseAsync(http, Endpoint, null, Multipart.Refusal());
            return;
        }

        var violations = new List<Violation>();
        var text = form.Required("text", violations);
        form.RefuseFiles(violations);
        if (violations.Count > 0)
        {
            await calls.RefuseAsync(http, Endpoint, null, Answer.Invalid(violations));
            return;
        }

        var accountId = calls.AccountOfChat(chatId);
        await calls.AnswerAsync(http, Endpoint, accountId, world =>
        {
            if (world.Chats.Find(chatId) is not { } chat || Recipients.Account(world, chat.AccountId) is not { } account)
                return NoChat();
            return Sending.Continue(world, account, chat, text, calls.Options) switch
            {
                Sending.Outcome.Sent sent => Answer.Created(new { @object = "MessageSent", message_id = sent.Message.Id }),
                Sending.Outcome.Refused refused => Answer.Error(refused.Refusal),
                _ => throw new UnreachableException(),
            };
        });
    }

    private static Task ListChats(HttpContext http, Calls calls)
    {
        const string Endpoint = "chats.list";
        var violations = new List<Violation>();
        var page = Page.Parse(http.Request, violations);
        var after = Page.Time(http.Request, "after", violations);
        var before = Page.Time(http.Request, "before", violations);
        var accountId = http.Request.Query["account_id"].ToString();
        return violations.Count > 0
            ? calls.RefuseAsync(http, Endpoint, accountId, Answer.Invalid(violations))
            : calls.AnswerAsync(http, Endpoint, accountId, world =>
            {
                var accounts = accountId.Length == 0 ? world.Accounts.All.Select(a => a.Id).ToList() : [.. accountId.Split(',')];
                if (accounts.Exists(id => world.Accounts.Find(id) is null))
                    return Recipients.NoAccount();
                var chats = accounts.SelectMany(world.ChatsOf).Where(c => (after is null || c.LastAt > after) && (before is null || c.LastAt < before));
                return OfChats(world, page!, chats);
            });
    }

    private static Task GetChat(HttpContext http, Calls calls, string chatId) =>
        calls.AnswerAsync(http, "chats.get", calls.AccountOfChat(chatId), world =>
            world.Chats.Find(chatId) is { } chat ? Answer.Ok(Shapes.Chat(world, chat)) : NoChat());

    private static Task ListChatMessages(HttpContext http, Calls calls, string chatId) =>
        Messages(http, calls, "chats.messages.list", calls.AccountOfChat(chatId), world => world.Chats.Find(chatId) is null ? null : world.MessagesIn(chatId), NoChat);

    private static Task ListMessages(HttpContext http, Calls calls)
    {
        var accountId = http.Request.Query["account_id"].ToString();
        return Messages(
            http,
            calls,
            "messages.list",
            accountId,
            world => accountId.Length == 0 ? world.Messages.All : world.Accounts.Find(accountId) is null ? null : world.MessagesOf(accountId),
            Recipients.NoAccount);
    }

    private static Task Messages(HttpContext http, Calls calls, string endpoint, string? accountId, Func<World, IEnumerable<Message>?> find, Func<Answer> missing)
    {
        var violations = new List<Violation>();
        var page = Page.Parse(http.Request, violations);
        var after = Page.Time(http.Request, "after", violations);
        var before = Page.Time(http.Request, "before", violations);
        var sender = http.Request.Query["sender_id"].ToString();
        return violations.Count > 0
            ? calls.RefuseAsync(http, endpoint, accountId, Answer.Invalid(violations))
            : calls.AnswerAsync(http, endpoint, accountId, world =>
            {
                if (find(world) is not { } messages)
                    return missing();
                messages = messages.Where(m => (after is null || m.At > after) && (before is null || m.At < before));
                if (sender.Length > 0)
                    messages = messages.Where(m => SenderOf(world, m) == sender);
                return page!.Of("MessageList", messages, m => (m.Sequence, m.Id), m => Shapes.Message(world, m));
            });
    }

    /// <summary>The attendee is named by the provider's own attendee id or by the member's scoped id.</summary>
    private static Task ListAttendeeChats(HttpContext http, Calls calls, string attendeeId)
    {
        const string Endpoint = "attendees.chats";
        var violations = new List<Violation>();
        var page = Page.Parse(http.Request, violations);
        var accountId = http.Request.Query["account_id"].ToString();
        return violations.Count > 0
            ? calls.RefuseAsync(http, Endpoint, accountId, Answer.Invalid(violations))
            : calls.AnswerAsync(http, Endpoint, accountId, world =>
            {
                var accounts = world.Accounts.All.Where(a => accountId.Length == 0 || a.Id == accountId).ToList();
                if (accountId.Length > 0 && accounts.Count == 0)
                    return Recipients.NoAccount();
                foreach (var account in accounts)
                {
                    if (Recipients.ByScopedId(world, account, attendeeId) is { } prospect)
                        return OfChats(world, page!, world.ChatsBetween(account.Id, prospect.Id));
                }

                var chats = accounts.SelectMany(a => world.ChatsOf(a.Id).Where(c => Shapes.AttendeeId(world, a, world.Prospects.Find(c.MemberId)!) == attendeeId)).ToList();
                return chats.Count > 0 ? OfChats(world, page!, chats) : Answer.Error(ErrorType.ResourceNotFound, "Attendee not found.");
            });
    }

    private static Answer OfChats(World world, Page page, IEnumerable<Chat> chats) =>
        page.Of("ChatList", chats, c => (c.LastAt.ToUnixTimeMilliseconds(), c.Id), c => Shapes.Chat(world, c));

    private static string SenderOf(World world, Message message) => message.FromMember
        ? world.ScopedIdOf(message.AccountId, world.Prospects.Find(message.MemberId)!)
        : world.OwnIdOf(world.Accounts.Find(message.AccountId)!);

    private static Answer NoChat() => Answer.Error(ErrorType.ResourceNotFound, "Chat not found.");
}
