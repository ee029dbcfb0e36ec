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
        prospect = prospect with { EraseTime = now, SuppressTime = suppress ? prospect.SuppressTime ?? now : prospect.SuppressTime };
        return GoOn(prospect, open, now);
    }

    /// <summary>Ends what could not be ended before.</summary>
    public static Change GoOn(Prospect prospect, IEnumerable<Message> open, DateTimeOffset now) =>
        Ending.EndAll(prospect, open.Where(prospect.IsErased), Reason.ProspectErased, now);

    /// <summary>The message without the provider's ids of people and threads. Null while its send is under way.</summary>
    public static Message? Nameless(Message message) =>
        message.IsOver ? message with { Company = "", Attempts = [.. message.Attempts.Select(attempt => attempt with { ProviderMessageId = "", ChatId = "" })] } : null;

    /// <summary>The prospect without what names them: only times, keyed hashes, and what each sender did and when, are left. Null while a send is under way.</summary>
    public static Prospect? Nameless(Prospect prospect) => prospect.InFlight.Length > 0 ? null : prospect with
    {
        Forgotten = prospect.OpenMessages.IsEmpty,
        Emails = [],
        Company = "",
        CompanyReply = null,
        Unanswered = [],
        Senders = prospect.Senders.Values
            .Select(view => view with { RecipientId = "", InmailRecipientId = "", ChatId = "", Distance = null, OpenProfile = null, CanSendInmail = null })
            .ToImmutableSortedDictionary(view => view.AccountId, view => view, StringComparer.Ordinal),
    };
}
