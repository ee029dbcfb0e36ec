using System.Diagnostics;
using Pennypost.Sandbox.Acts;
using Pennypost.Sandbox.Api;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Controls;

/// <summary>Acting as the members: replying, declining, accepting, ignoring; and as an account's owner outside the API.</summary>
internal static class PeopleControls
{
    public static void Map(RouteGroupBuilder sandbox)
    {
        sandbox.MapPost("/reply", (HttpContext http, Control control) => control.ActAsync(http, (w, b) => Reply(w, b, control.Options)));
        sandbox.MapPost("/decline", (HttpContext http, Control control) => control.ActAsync(http, (w, b) => Decline(w, b, control.Options)));
        sandbox.MapPost("/accept", (HttpContext http, Control control) => control.ActAsync(http, (w, b) => Accept(w, b, control.Options)));
        sandbox.MapPost("/ignore", (HttpContext http, Control control) => control.ActAsync(http, Ignore));
        sandbox.MapPost("/sends", (HttpContext http, Control control) => control.ActAsync(http, (w, b) => SendByHand(w, b, control.Options)));
    }

    private static Answer Reply(World world, JsonBody body, SandboxOptions options)
    {
        var chat = Control.Chat(world, body);
        var text = body.Text("text", Messaging.BodyLength) ?? Replies.UsualText;
        body.RefuseUnknown();
        if (body.Violations.Count > 0 || chat is null)
            return Answer.Invalid(body.Violations);
        var message = Replies.Reply(world, chat, text, options);
        return Answer.Ok(new { chat_id = chat.Id, message_id = message.Id, refunded = JustRefunded(world, chat) });
    }

    private static Answer Decline(World world, JsonBody body, SandboxOptions options)
    {
        var chat = Control.Chat(world, body, inmailOnly: true);
        var silent = body.Flag("silent") ?? false;
        var text = body.Text("text", Messaging.BodyLength) ?? Replies.UsualDecline;
        body.RefuseUnknown();
        if (body.Violations.Count > 0 || chat is null)
            return Answer.Invalid(body.Violations);
        var message = Replies.Decline(world, chat, silent ? null : text, options);
        return Answer.Ok(new { chat_id = chat.Id, message_id = message?.Id, refunded = JustRefunded(world, chat) });
    }

    private static bool JustRefunded(World world, Chat before) =>
        before.Inmail is { RefundedAt: null } && world.Chats.Find(before.Id)!.Inmail!.RefundedAt is not null;

    private static Answer Accept(World world, JsonBody body, SandboxOptions options)
    {
        var invitation = Pending(world, body);
        var noticed = body.Seconds("noticed_after_seconds") ?? TimeSpan.Zero;
        body.RefuseUnknown();
        if (body.Violations.Count > 0 || invitation is null)
            return Answer.Invalid(body.Violations);
        Inviting.Accept(world, invitation, noticed, options);
        return Answer.Ok(new { invitation_id = invitation.Id });
    }

    private static Answer Ignore(World world, JsonBody body)
    {
        var invitation = Pending(world, body);
        body.RefuseUnknown();
        if (body.Violations.Count > 0 || invitation is null)
            return Answer.Invalid(body.Violations);
        Inviting.End(world, invitation, InvitationState.Ignored);
        return Answer.Ok(new { invitation_id = invitation.Id });
    }

    /// <summary>An invitation named by <c>invitation_id</c>, or the pending one between <c>account_id</c> and <c>prospect_id</c>.</summary>
    private static Invitation? Pending(World world, JsonBody body)
    {
        if (body.OptionalId("invitation_id") is { } id)
        {
            _ = (body.OptionalId("account_id"), body.Text("prospect_id"));
            if (world.Invitations.Find(id) is { State: InvitationState.Pending } named)
                return named;
            body.Refuse("invitation_id", "names no pending invitation");
            return null;
        }

        if ((Control.Account(world, body), Control.Prospect(world, body)) is not ({ } account, { } prospect))
            return null;
        if (world.InvitationsBetween(account.Id, prospect.Id).LastOrDefault() is { State: InvitationState.Pending } last)
            return last;
        body.Refuse("prospect_id", "has no pending invitation from this account");
        return null;
    }

    /// <summary>What the account's owner does by hand on the site: the same rules, no API call, and webhooks as usual.</summary>
    private static Answer SendByHand(World world, JsonBody body, SandboxOptions options)
    {
        var account = Control.Account(world, body);
        var prospect = Control.Prospect(world, body);
        var kind = body.Text("kind", required: true);
        if (kind is { Length: > 0 } and not ("message" or "inmail" or "invitation"))
            body.Refuse("kind", "must be message, inmail or invitation");
        var product = Shapes.ApiProduct(body.Text("api"));
        if (product is null)
            body.Refuse("api", "must be classic, sales_navigator or recruiter");
        var text = body.Text("text", 10_000, required: kind != "invitation");
        var subject = body.Text("subject");
        body.RefuseUnknown();
        if (body.Violations.Count > 0 || account is null || prospect is null)
            return Answer.Invalid(body.Violations);
        if (kind == "invitation")
        {
            return Inviting.Invite(world, account, prospect, text, options, byHand: true) switch
            {
                Inviting.Outcome.Sent sent => Answer.Ok(new { invitation_id = sent.Invitation.Id, channel = Channel.Invitation }),
                Inviting.Outcome.Refused refused => Answer.Error(refused.Refusal),
                _ => throw new UnreachableException(),
            };
        }

        // In a conversation that is open one simply goes on writing.
        var open = kind == "message" ? world.ChatsBetween(account.Id, prospect.Id).LastOrDefault(c => c.Answered) : null;
        var inmail = kind == "inmail";
        var opening = new Messaging.Opening { Api = inmail ? product!.Value : Product.Premium, Inmail = inmail, Subject = subject, Text = text! };
        var outcome = open is not null
            ? Sending.Continue(world, account, open, text!, options, byHand: true)
            : Sending.Open(world, account, prospect, opening, options, byHand: true);
        return outcome switch
        {
            Sending.Outcome.Sent sent => Answer.Ok(new { chat_id = sent.Message.ChatId, message_id = sent.Message.Id, channel = sent.Channel }),
            Sending.Outcome.Refused refused => Answer.Error(refused.Refusal),
            _ => throw new UnreachableException(),
        };
    }
}
