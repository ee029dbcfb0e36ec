using System.Globalization;
using System.Text.Json;
using Pennypost.Sandbox.Api;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;
using Pennypost.Sandbox.Storage;

namespace Pennypost.Sandbox.Acts;

/// <summary>Tells the registered webhooks what happened (facts 1.5): queued in the act's own transaction, posted afterwards.</summary>
internal static class Announcing
{
    /// <summary>Every message of a chat, the account's own included: a receiver tells them apart by the sender.</summary>
    public static void MessageReceived(World world, Account account, Prospect prospect, Chat chat, Message message, SandboxOptions options)
    {
        // A provider without a session sees nothing; what it missed is found by reading the chats after reconnecting.
        if (account.State == AccountState.Disconnected)
            return;
        var member = new
        {
            attendee_id = Shapes.AttendeeId(world, account, prospect),
            attendee_name = prospect.FullName,
            attendee_provider_id = world.ScopedIdOf(account.Id, prospect),
            attendee_profile_url = Shapes.ProfileUrl(prospect.PublicIdentifier),
        };
        var owner = new
        {
            attendee_id = Draw.Id(world.Seed, "attendee", account.Id, account.MemberId),
            attendee_name = account.Name,
            attendee_provider_id = world.OwnIdOf(account),
            attendee_profile_url = Shapes.ProfileUrl(account.PublicIdentifier),
        };
        Queue(world, HookSource.Messaging, "message_received", account.Id, options, hook => new
        {
            account_id = account.Id,
            account_type = "LINKEDIN",
            account_info = new { type = "LINKEDIN", feature = Shapes.Feature(chat.Inmail?.Product ?? Product.Premium), user_id = world.OwnIdOf(account) },
            @event = "message_received",
            chat_id = chat.Id,
            timestamp = Shapes.Time(message.At),
            webhook_name = hook.Name,
            message_id = message.Id,
            message = message.Text,
            subject = message.Subject,
            sender = message.FromMember ? member : owner,
            attendees = new[] { message.FromMember ? owner : member },
            attachments = Array.Empty<object>(),
        });
    }

    public static void NewRelation(World world, Account account, Prospect prospect, SandboxOptions options)
    {
        if (account.State == AccountState.Disconnected)
            return;
        Queue(world, HookSource.Users, "new_relation", account.Id, options, hook => new
        {
            @event = "new_relation",
            account_id = account.Id,
            account_type = "LINKEDIN",
            webhook_name = hook.Name,
            user_full_name = prospect.FullName,
            user_provider_id = world.ScopedIdOf(account.Id, prospect),
            user_public_identifier = prospect.PublicIdentifier,
            user_profile_url = Shapes.ProfileUrl(prospect.PublicIdentifier),
            user_picture_url = (string?)null,
        });
    }

    /// <param name="message">OK, ERROR, STOPPED, CREDENTIALS, CONNECTING, DELETED, CREATION_SUCCESS, RECONNECTED or SYNC_SUCCESS.</param>
    public static void AccountStatus(World world, Account account, string message, SandboxOptions options) =>
        Queue(world, HookSource.AccountStatus, "account_status", account.Id, options, _ => new Dictionary<string, object>
        {
            ["AccountStatus"] = new { account_id = account.Id, account_type = "LINKEDIN", message },
        });

    private static void Queue(World world, HookSource source, string name, string accountId, SandboxOptions options, Func<Hook, object> body)
    {
        var hooks = world.Hooks.All.Where(h =>
            h.Source == source && (h.AccountIds.Count == 0 || h.AccountIds.Contains(accountId)) && (h.Events.Count == 0 || h.Events.Contains(name)));
        foreach (var hook in hooks.OrderBy(h => h.Id, StringComparer.Ordinal).ToList())
        {
            var step = Faulting.MeetEvent(world, name, accountId);
            var text = JsonSerializer.Serialize(body(hook), WorldFile.Json);
            var copies = step?.Kind == FaultKind.Twice ? 2 : 1;
            for (var i = 0; i < copies; i++)
                Queue(world, hook, name, accountId, text, step, options);
        }
    }

    private static void Queue(World world, Hook hook, string name, string accountId, string body, FaultStep? step, SandboxOptions options)
    {
        var full = world.PendingPosts.Count + world.HeldPosts >= options.MaxPendingPosts;
        var lost = step?.Kind == FaultKind.Lost;
        var sequence = world.LastPost + 1;
        var post = new HookPost
        {
            Id = Draw.Id(world.Seed, "post", sequence.ToString(CultureInfo.InvariantCulture)),
            Sequence = sequence,
            HookId = hook.Id,
            Event = name,
            Body = body,
            CreatedAt = world.Now,
            State = lost ? PostState.Lost : full ? PostState.Dropped : PostState.Pending,
            LastProblem = lost ? "lost by a fault" : full ? "too many posts were waiting" : null,
        };
        world.Posts.Put(post);
        if (post.State == PostState.Pending && step is not null)
            Holding.Hold(world, post, accountId, step);
        Prune(world, options);
    }

    /// <summary>Forgets the oldest finished posts.</summary>
    public static void Prune(World world, SandboxOptions options)
    {
        while (world.FinishedPosts.Count > options.MaxFinishedPosts)
            world.Posts.Remove(world.FinishedPosts.Min.Id);
    }
}
