using System.Collections.Immutable;

namespace Pennypost.Delivery.Messages;

/// <summary>
/// Erasing a person: what names them goes, what keeps them from being written to twice or after a no stays. A send that has begun, or is in doubt, is finished first, since it can be neither stopped nor verified
/// without its text and its recipient; nothing new is begun meanwhile.
/// </summary>
public static class Erasing
{
    /// <summary>Begins: from now on every message accepted until now is erased, and ends unless its send has begun.</summary>
    /// <param name="prospect">Whom.</param>
    /// <param name="open">Their messages that have not ended.</param>
    /// <param name="suppress">Whether they go on the suppression list too.</param>
    /// <param name="now">Now.</param>
    public static Change Begin(Prospect prospect, IEnumerable<Message> open, bool suppress, DateTimeOffset now)
    {
        prospect = SetApart(prospect) with { EraseTime = now, SuppressTime = suppress ? prospect.SuppressTime ?? now : prospect.SuppressTime };
        return GoOn(prospect, open, now);
    }

    /// <summary>Ends what could not be ended before.</summary>
    public static Change GoOn(Prospect prospect, IEnumerable<Message> open, DateTimeOffset now) =>
        // One that was finished meanwhile, or begun by a version that set nothing apart: whose the addresses are now, nobody can tell.
        Ending.EndAll(prospect.Erasure is null ? prospect with { Erasure = new Erasure { WrittenToSince = true } } : prospect, open.Where(prospect.IsErased), Reason.ProspectErased, now);

    /// <summary>What is to go is set apart at once: what a message brings that is accepted while a send is waited for is not to go with it.</summary>
    private static Prospect SetApart(Prospect prospect) => prospect with
    {
        Erasure = new Erasure
        {
            Emails = [.. (prospect.Erasure?.Emails ?? []).Union(prospect.Emails)],
            Companies = [.. (prospect.Erasure?.Companies ?? []).Union(prospect.Company.Length > 0 ? [prospect.Company] : [])],
        },
        Emails = [],
        Company = "",
    };

    /// <summary>Whether this sender wrote to them for a message that was accepted after they were erased: what it knows of them is that message's.</summary>
    public static bool IsSince(Prospect prospect, SenderView view) => prospect.Erasure is { WrittenToSince: true } && view.LastSendTime > prospect.EraseTime;

    /// <summary>The message without the provider's ids of people and threads. Null while its send is under way.</summary>
    public static Message? Nameless(Message message) =>
        message.IsOver ? message with { Company = "", Attempts = [.. message.Attempts.Select(attempt => attempt with { ProviderMessageId = "", ChatId = "" })] } : null;

    /// <summary>
    /// The prospect without what names them: only times, keyed hashes, and what each sender did and when, are left, and what a message brought that was accepted since. Null while a send is under way.
    /// </summary>
    public static Prospect? Nameless(Prospect prospect)
    {
        if (prospect.InFlight.Length > 0)
            return null;
        var since = prospect.Erasure is { WrittenToSince: true };
        return prospect with
        {
            Erasure = null,
            Forgotten = !since && prospect.OpenMessages.IsEmpty,
            Emails = since ? prospect.Emails : [],
            Company = since ? prospect.Company : "",
            CompanyReplies = since ? prospect.CompanyReplies.RemoveAll(reply => reply.Time <= prospect.EraseTime) : [],
            Unanswered = since ? prospect.Unanswered.RemoveAll(send => send.Time <= prospect.EraseTime) : [],
            Senders = prospect.Senders.Values
                .Select(view => IsSince(prospect, view) ? view : view with { RecipientId = "", InmailRecipientId = "", ChatId = "", Distance = null, OpenProfile = null, CanSendInmail = null, AcceptedRequest = null })
                .ToImmutableSortedDictionary(view => view.AccountId, view => view, StringComparer.Ordinal),
        };
    }
}
