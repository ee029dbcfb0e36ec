using System.Globalization;

namespace Pennypost.Routing;

/// <summary>One thing about a text.</summary>
/// <param name="IsError">Whether some channel does not take the text as it is; else it is advice, never a reason to refuse.</param>
/// <param name="Field">Which text: "subject", "body", "note", "email"; empty for all of them.</param>
/// <param name="Channels">The channels that it concerns; for an error, those that do not take the text.</param>
/// <param name="Words">One sentence.</param>
/// <param name="Source">Who says so.</param>
public sealed record LintFinding(bool IsError, string Field, IReadOnlyList<Channel> Channels, string Words, string Source);

/// <summary>Looks at the texts of a message before it is sent: limits as errors, advice as warnings (F30).</summary>
public static class Lint
{
    /// <summary>From here on replies get fewer: messages under 400 characters are answered 22 % more often.</summary>
    private const int LongForAMessage = 400;

    private const string Seeds = "Kondo, How Many InMail Credits Can You Send on LinkedIn Each Month (2025)";
    private const string Binary = "Ampliflow, LinkedIn InMail credits: how they actually work";
    private const string Ours = "Pennypost";

    private static readonly Channel[] _inMails = [Channel.OpenProfileInMail, Channel.InMail];
    private static readonly Channel[] _messages = [Channel.RepliedThread, Channel.DirectMessage, Channel.GroupMessageRequest, Channel.CoworkerMessageRequest, Channel.OpenToWorkMessage];
    private static readonly Channel[] _body = [.. _messages, .. _inMails];
    private static readonly Channel[] _note = [Channel.ConnectionRequest];
    private static readonly Channel[] _email = [Channel.Email];

    /// <summary>
    /// Everything that can be said, errors first. `tier` null: a text is too long if it is for any sender. `sendAt` null: nothing on the day,
    /// which is taken in UTC, since nobody knows the prospect's time zone.
    /// </summary>
    public static IReadOnlyList<LintFinding> Of(Content content, Tier? tier, DateTimeOffset? sendAt, RoutingPolicy policy) =>
        [.. Errors(content, tier, policy), .. Advice(content, sendAt)];

    /// <summary>Advice on the texts.</summary>
    public static IEnumerable<LintFinding> Advice(Content content, DateTimeOffset? sendAt)
    {
        if (content.Body.Length >= LongForAMessage)
            yield return new(false, "body", _body, $"Shorten the body: it has {content.Body.Length} characters, and messages under {LongForAMessage} are answered more often.", Seeds);

        foreach (var finding in (LintFinding[])[.. OfText("body", content.Body, _body), .. OfText("note", content.Note, _note), .. OfText("email", content.Email, _email)])
            yield return finding;

        if (sendAt?.UtcDateTime.DayOfWeek is DayOfWeek.Friday or DayOfWeek.Saturday)
            yield return new(false, "", [.. _body, .. _note, .. _email], "Send on another day: messages sent on Friday or Saturday are answered least.", Seeds);
    }

    private static IEnumerable<LintFinding> Errors(Content content, Tier? tier, RoutingPolicy policy)
    {
        // The same texts are short enough for some senders and too long for others: without a tier the shortest limit holds.
        var limits = tier is { } one ? policy.TextsOf(one) : policy.FreeTexts;
        var whose = tier is null ? " for a free account" : "";
        if (TooLong("subject", content.Subject, limits.Subject, [.. _inMails, .. _email], "LinkedIn Help a554514", "") is { } subject)
            yield return subject;
        if (TooLong("body", content.Body, limits.Message, _messages, "LinkedIn", "") is { } message)
            yield return message;
        if (TooLong("body", content.Body, limits.InMail, _inMails, "LinkedIn Help a554514 says 2,000, Kondo 1,900: the lower holds under both", "") is { } inMail)
            yield return inMail;
        if (TooLong("note", content.Note, limits.Note, _note, "Unipile, Provider limits and restrictions", limits.Note < policy.PaidTexts.Note ? whose : "") is { } note)
            yield return note;
        if (TooLong("email", content.Email, limits.Email, _email, Ours, "") is { } email)
            yield return email;
    }

    private static LintFinding? TooLong(string field, string text, int limit, IReadOnlyList<Channel> channels, string source, string whose) => text.Length <= limit
        ? null
        : new(true, field, channels, string.Create(CultureInfo.InvariantCulture, $"The {field} is too long{whose}: it has {text.Length:N0} characters, and {limit:N0} are the most. It is not cut: these channels are rejected."), source);

    private static IEnumerable<LintFinding> OfText(string field, string text, IReadOnlyList<Channel> channels)
    {
        if (text.Length == 0)
            yield break;

        var name = field == "email" ? "e-mail" : field;
        var questions = text.Count(letter => letter == '?');
        if (questions == 0)
            yield return new(false, field, channels, $"Ask one question: the {name} asks none, which leaves nothing easy to answer.", Binary);
        else if (questions > 1)
            yield return new(false, field, channels, $"Ask one question: the {name} asks {questions}.", Binary);

        if (Content.HasUnfilledPlaceholder(text))
            yield return new(false, field, channels, $"Fill the placeholder in the {name}: it would be sent as it stands.", Ours);
        if (!Content.SpeaksToTheReader(text))
            yield return new(false, field, channels, $"Make the {name} personal: it never says \"you\" or \"your\".", Seeds);
    }
}
