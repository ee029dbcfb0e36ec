using System.Collections.Immutable;

namespace Pennypost.Delivery.Messages;

/// <summary>Takes a message over. The lookup of its id has already said that it is new or the same.</summary>
public sealed record Accept
{
    /// <summary>The caller's id.</summary>
    public required string Id { get; init; }

    /// <summary>Unspecified is normal.</summary>
    public Priority Priority { get; init; }

    /// <summary>Empty for all.</summary>
    public ImmutableList<string> AccountIds { get; init; } = [];

    /// <summary>The caller's label.</summary>
    public string CampaignId { get; init; } = "";

    /// <summary>Whom it goes to, by the caller's word.</summary>
    public string Segment { get; init; } = "";

    /// <summary>Which of the caller's texts it is.</summary>
    public string Variant { get; init; } = "";

    /// <summary>The routing policy that it names; empty for the tenant's own default.</summary>
    public string Policy { get; init; } = "";

    /// <summary>Null for at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>When it gives up.</summary>
    public required DateTimeOffset ExpireTime { get; init; }

    /// <summary>Keyed hash of its texts.</summary>
    public required string TextHash { get; init; }

    /// <summary>Keyed hash of the prospect's company; empty if it is not known.</summary>
    public string Company { get; init; } = "";

    /// <summary>Whether the message stops when somebody else at that company replies.</summary>
    public bool StopsWithCompany { get; init; }

    /// <summary>Keyed hash of the prospect's e-mail address; empty if it is not known.</summary>
    public string Email { get; init; } = "";

    /// <summary>What is known of that address.</summary>
    public EmailStanding EmailStanding { get; init; }

    /// <summary>Now.</summary>
    public required DateTimeOffset Now { get; init; }
}

/// <summary>What is known of an e-mail address when a message with it comes in.</summary>
public enum EmailStanding
{
    /// <summary>It is this prospect's, or none was given.</summary>
    Own = 0,

    /// <summary>It is another prospect's.</summary>
    AnothersOwn = 1,

    /// <summary>It is on the suppression list, whoever's it is.</summary>
    Suppressed = 2,
}

/// <summary>What accepting came to.</summary>
public abstract record AcceptAnswer
{
    private AcceptAnswer() { }

    /// <summary>It is durable, and due.</summary>
    public sealed record Accepted(Change Change, Message Message) : AcceptAnswer;

    /// <summary>It was there: a replay is answered as it now is.</summary>
    public sealed record Existed(Message Message) : AcceptAnswer;

    /// <summary>The prospect has as many messages under way as it may.</summary>
    public sealed record Full : AcceptAnswer;
}

/// <summary>Accepting a message.</summary>
public static class Accepting
{
    /// <summary>Decides; <paramref name="existing"/> is the message of that id, if there is one.</summary>
    public static AcceptAnswer Decide(Prospect prospect, Message? existing, Accept command)
    {
        if (existing is not null)
            return new AcceptAnswer.Existed(existing);
        if (prospect.OpenMessages.Count >= Prospect.MaxOpenMessages)
            return new AcceptAnswer.Full();
        var waits = command.NotBefore > command.Now;
        var message = new Message
        {
            Id = command.Id,
            Priority = command.Priority == Priority.Unspecified ? Priority.Normal : command.Priority,
            AccountIds = command.AccountIds,
            CampaignId = command.CampaignId,
            Segment = command.Segment,
            Variant = command.Variant,
            Policy = command.Policy,
            NotBefore = command.NotBefore,
            ExpireTime = command.ExpireTime,
            CreateTime = command.Now,
            TextHash = command.TextHash,
            Company = command.StopsWithCompany ? command.Company : "",
            State = MessageState.Accepted,
        }.Tell(command.Now, EventKind.Accepted);
        if (waits)
            message = (message with { State = MessageState.Waiting, WaitUntil = command.NotBefore }).Tell(command.Now, EventKind.Waiting);
        prospect = prospect with
        {
            OpenMessages = prospect.OpenMessages.Add(message.Id),
            Forgotten = false,
            Erasure = prospect.Erasure is { } erasure ? erasure with { WrittenToSince = true } : null,
            Company = command.Company.Length > 0 ? command.Company : prospect.Company,
        };
        var change = command.EmailStanding switch
        {
            EmailStanding.AnothersOwn => Ending.End(prospect, message, Reason.DuplicateProspect, command.Now),
            // Who may not be written to by address may not be by profile.
            EmailStanding.Suppressed => Ending.End(Suppressed(prospect.WithEmail(command.Email), command.Now), message, Reason.ProspectSuppressed, command.Now),
            _ => new Change(prospect.WithEmail(command.Email), message),
        };
        return new AcceptAnswer.Accepted(change, change.Messages[0]);
    }

    private static Prospect Suppressed(Prospect prospect, DateTimeOffset now) => prospect with { SuppressTime = prospect.SuppressTime ?? now };
}
