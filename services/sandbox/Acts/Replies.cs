using System.Globalization;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Acts;

/// <summary>What members write back, and what that returns to the sender.</summary>
internal static class Replies
{
    public const string UsualText = "Thanks for reaching out. Tell me more.";
    public const string UsualDecline = "Not interested, thank you.";

    /// <summary>Decides, from the seed alone, whether and when the member will answer this message.</summary>
    public static void Plan(World world, Prospect prospect, Chat chat, Message message)
    {
        var behaviour = prospect.Behaviour;
        // Counted within the pair: what other senders do, and when, changes nothing.
        var nth = world.ChatsBetween(chat.AccountId, chat.MemberId)
            .Sum(c => world.MessagesIn(c.Id).Count(m => !m.FromMember))
            .ToString(CultureInfo.InvariantCulture);
        string[] about = [world.Seed, "answer", prospect.Id, chat.AccountId, nth];
        DueKind? kind =
            Draw.Unit([.. about, "reply"]) < behaviour.ReplyProbability ? DueKind.Reply
            : chat.Inmail is { SettledAt: null } && Draw.Unit([.. about, "decline"]) < behaviour.DeclineProbability ? DueKind.Decline
            : null;
        if (kind is not { } answer)
            return;
        world.Dues.Put(new()
        {
            Id = "answer:" + message.Id,
            At = world.Now + Draw.Between(behaviour.ReplyAfterAtLeast, behaviour.ReplyAfterAtMost, [.. about, "delay"]),
            Kind = answer,
            AccountId = chat.AccountId,
            MemberId = prospect.Id,
            ChatId = chat.Id,
        });
    }

    public static Message Reply(World world, Chat chat, string text, SandboxOptions options)
    {
        chat = Settle(world, chat with { Answered = true });
        return Receive(world, chat, text, options);
    }

    /// <summary>The member turns the InMail down. A decline counts as a response, so the credit comes back; with no text nobody is told anything else.</summary>
    public static Message? Decline(World world, Chat chat, string? text, SandboxOptions options)
    {
        chat = Settle(world, chat);
        return text is null ? null : Receive(world, chat, text, options);
    }

    private static Message Receive(World world, Chat chat, string text, SandboxOptions options)
    {
        chat = chat with { LastAt = world.Now, Unread = chat.Unread + 1 };
        world.Chats.Put(chat);
        var message = Sending.Write(world, chat, fromMember: true, text, null);
        world.Messages.Put(message);
        Announcing.MessageReceived(world, world.Accounts.Find(chat.AccountId)!, world.Prospects.Find(chat.MemberId)!, chat, message, options);
        return message;
    }

    private static Chat Settle(World world, Chat chat)
    {
        if (chat.Inmail is not { SettledAt: null } inmail)
        {
            world.Chats.Put(chat);
            return chat;
        }

        var rules = world.Accounts.Find(chat.AccountId)!.Rules;
        var refunds = Credits.Refunds(inmail, world.Now, rules.RefundWindowDays);
        chat = chat with { Inmail = inmail with { SettledAt = world.Now } };
        world.Chats.Put(chat);
        if (refunds && rules.RefundLagSeconds == 0)
        {
            CreditMoves.Refund(world, chat);
        }
        else if (refunds)
        {
            world.Dues.Put(new()
            {
                Id = "refund:" + chat.Id,
                At = world.Now.AddSeconds(rules.RefundLagSeconds),
                Kind = DueKind.PostRefund,
                AccountId = chat.AccountId,
                ChatId = chat.Id,
            });
        }

        return world.Chats.Find(chat.Id)!;
    }
}
