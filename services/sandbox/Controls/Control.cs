using Pennypost.Sandbox.Acts;
using Pennypost.Sandbox.Api;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Controls;

/// <summary>What every control goes through: a JSON body whose mistakes are named all at once, one act, one answer. Controls are not counted and meet no faults.</summary>
internal sealed class Control(Stage stage)
{
    /// <summary>A world document of 50,000 members.</summary>
    public const int MostBytes = 32 * 1024 * 1024;

    public SandboxOptions Options => stage.Options;

    public Stage Stage => stage;

    public Task ReadAsync(HttpContext http, Func<World, Answer> read) => stage.Do(read).WriteAsync(http);

    /// <summary>
    /// <paramref name="act"/> reads its fields from the body, refuses what it does not know, and returns the body's violations if there are any
    /// before it changes anything.
    /// </summary>
    public async Task ActAsync(HttpContext http, Func<World, JsonBody, Answer> act, int mostBytes = 64 * 1024)
    {
        var answer = await JsonBody.ReadAsync(http, mostBytes) is { } body
            ? stage.Do(world => act(world, body))
            : Answer.Error(ErrorType.MalformedRequest, $"The body must be a JSON object of at most {mostBytes} bytes.");
        await answer.WriteAsync(http);
    }

    /// <summary>An account that must exist, named by a field.</summary>
    public static Account? Account(World world, JsonBody body, string field = "account_id")
    {
        var id = body.Id(field);
        if (id.Length == 0)
            return null;
        var account = world.Accounts.Find(id);
        if (account is null)
            body.Refuse(field, "names no account");
        return account;
    }

    /// <summary>A member that must exist, named by real id or public identifier.</summary>
    public static Prospect? Prospect(World world, JsonBody body, string field = "prospect_id")
    {
        var id = body.Text(field, required: true);
        if (id is not { Length: > 0 })
            return null;
        var prospect = world.Prospects.Find(id) ?? world.ByPublicIdentifier(id);
        if (prospect is null)
            body.Refuse(field, "names no prospect");
        return prospect;
    }

    /// <summary>A chat named by <c>chat_id</c>, or the last one between <c>account_id</c> and <c>prospect_id</c>.</summary>
    public static Chat? Chat(World world, JsonBody body, bool inmailOnly = false)
    {
        if (body.OptionalId("chat_id") is { } id)
        {
            _ = (body.OptionalId("account_id"), body.Text("prospect_id"));
            var chat = world.Chats.Find(id);
            if (chat is null)
                body.Refuse("chat_id", "names no chat");
            else if (inmailOnly && chat.Inmail is not { SettledAt: null })
                body.Refuse("chat_id", "names no unanswered InMail");
            return chat;
        }

        // Both are looked up before either is missed: one answer names every mistake.
        if ((Account(world, body), Prospect(world, body)) is not ({ } account, { } prospect))
            return null;
        var last = world.ChatsBetween(account.Id, prospect.Id).LastOrDefault(c => !inmailOnly || c.Inmail is { SettledAt: null });
        if (last is null)
            body.Refuse("prospect_id", inmailOnly ? "has no unanswered InMail from this account" : "has no chat with this account");
        return last;
    }
}
