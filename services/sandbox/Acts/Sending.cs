using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Acts;

/// <summary>Lets an account write to a member: asks the rules, then books everything that a real send leaves behind.</summary>
internal static class Sending
{
    public abstract record Outcome
    {
        private Outcome()
        {
        }

        public sealed record Sent(Message Message, Channel Channel) : Outcome;

        public sealed record Refused(Refusal Refusal) : Outcome;
    }

    public static Outcome Open(World world, Account account, Prospect prospect, Messaging.Opening opening, SandboxOptions options, bool byHand = false)
    {
        switch (Messaging.Open(world.StandingOf(account, prospect), opening))
        {
            case Messaging.Verdict.Goes goes when Full(world, options) is { } full:
                return new Outcome.Refused(full);
            case Messaging.Verdict.Goes goes:
                var earlier = world.ChatsBetween(account.Id, prospect.Id).ToList();
                // Relations share one direct chat; each InMail opens its own.
                var direct = goes.Channel == Channel.Message ? earlier.FirstOrDefault(c => c.Inmail is null) : null;
                var chat = direct ?? new()
                {
                    Id = Draw.Id(world.Seed, "chat", account.Id, prospect.Id, earlier.Count.ToString(CultureInfo.InvariantCulture)),
                    Sequence = world.Chats.Count + 1,
                    AccountId = account.Id,
                    MemberId = prospect.Id,
                    Subject = opening.Subject,
                    LastAt = world.Now,
                    Inmail = goes.Channel == Channel.Message ? null : new() { Product = goes.Product, Cost = goes.Cost, SentAt = world.Now },
                };
                return Deliver(world, account, prospect, chat, goes, opening.Subject, opening.Text, options, byHand);
            case Messaging.Verdict.Refused refused:
                return new Outcome.Refused(refused.Refusal);
            default:
                throw new UnreachableException();
        }
    }

    public static Outcome Continue(World world, Account account, Chat chat, string text, SandboxOptions options, bool byHand = false)
    {
        var prospect = world.Prospects.Find(chat.MemberId)!;
        return Messaging.Continue(world.StandingOf(account, prospect), chat, text) switch
        {
            Messaging.Verdict.Goes when Full(world, options) is { } full => new Outcome.Refused(full),
            Messaging.Verdict.Goes goes => Deliver(world, account, prospect, chat, goes, null, text, options, byHand),
            Messaging.Verdict.Refused refused => new Outcome.Refused(refused.Refusal),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>Books what a recipient got.</summary>
    public static void Book(World world, Delivery delivery) => world.Deliveries.Put(delivery);

    public static string Digest(string text) => text.Length == 0 ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];

    /// <summary>The judge keeps everything that was delivered; when there is no room left, nothing more is.</summary>
    public static Refusal? Full(World world, SandboxOptions options) =>
        world.Deliveries.Count >= options.MaxDeliveries
            ? new(ErrorType.ServiceUnavailable, "The sandbox has no room for more deliveries (Sandbox:MaxDeliveries).")
            : null;

    private static Outcome.Sent Deliver(
        World world, Account account, Prospect prospect, Chat chat, Messaging.Verdict.Goes goes, string? subject, string text, SandboxOptions options, bool byHand)
    {
        var message = Write(world, chat, fromMember: false, text, subject);
        chat = chat with { LastAt = world.Now, Unread = 0 };
        world.Chats.Put(chat);
        world.Messages.Put(message);
        if (goes.Cost > 0)
            CreditMoves.Spend(world, account, goes.Product, message.Id);
        var day = world.Today(account.Id);
        world.Days.Put(goes.Channel switch
        {
            Channel.Inmail => day with { Inmails = day.Inmails + 1 },
            Channel.OpenProfileInmail => day with { Inmails = day.Inmails + 1, OpenProfileInmails = day.OpenProfileInmails + 1 },
            _ => day with { Messages = day.Messages + 1 },
        });
        Book(world, new()
        {
            Sequence = world.Deliveries.Count + 1,
            At = world.Now,
            AccountId = account.Id,
            MemberId = prospect.Id,
            Channel = goes.Channel,
            TextDigest = Digest(text),
            TextLength = text.Length,
            MessageId = message.Id,
            ChatId = chat.Id,
            ByHand = byHand,
        });
        Announcing.MessageReceived(world, account, prospect, chat, message, options);
        Replies.Plan(world, prospect, chat, message);
        return new(message, goes.Channel);
    }

    public static Message Write(World world, Chat chat, bool fromMember, string text, string? subject) => new()
    {
        Id = Draw.Id(world.Seed, "message", chat.Id, world.MessagesIn(chat.Id).Count.ToString(CultureInfo.InvariantCulture)),
        Sequence = world.Messages.Count + 1,
        ChatId = chat.Id,
        AccountId = chat.AccountId,
        MemberId = chat.MemberId,
        FromMember = fromMember,
        Text = text,
        Subject = subject,
        At = world.Now,
    };
}
