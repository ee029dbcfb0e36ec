namespace Pennypost.Routing;

/// <summary>The texts of one message, one per kind of channel; an empty text is a missing one. No text is ever cut.</summary>
public sealed record Content
{
    /// <summary>From here on replies get fewer: messages under 400 characters are answered 22 % more often (seeds).</summary>
    private const int LongForAMessage = 400;

    private static readonly string[] WordsForTheReader = ["you", "your", "yours", "yourself"];

    /// <summary>Subject of an InMail or an e-mail.</summary>
    public string Subject { get; init; } = "";

    /// <summary>Text of a direct message, a reply in a thread, or an InMail.</summary>
    public string Body { get; init; } = "";

    /// <summary>Note of a connection request.</summary>
    public string Note { get; init; } = "";

    /// <summary>Text of an e-mail.</summary>
    public string Email { get; init; } = "";

    /// <summary>What to do in place of writing; null for a message, which has a choice of channels.</summary>
    public Channel? Engagement { get; init; }

    /// <summary>
    /// Advice on the texts, one sentence each; never a reason to refuse. `sendAt` null: none on the day, which is taken
    /// in UTC, since nobody knows the prospect's time zone.
    /// </summary>
    public IReadOnlyList<string> Lint(DateTimeOffset? sendAt)
    {
        var advice = new List<string>();

        if (Body.Length >= LongForAMessage)
            advice.Add($"Shorten the body: it has {Body.Length} characters, and messages under {LongForAMessage} are answered more often.");

        LintText("body", Body, advice);
        LintText("note", Note, advice);
        LintText("e-mail", Email, advice);

        if (sendAt?.UtcDateTime.DayOfWeek is DayOfWeek.Friday or DayOfWeek.Saturday)
            advice.Add("Send on another day: messages sent on Friday or Saturday are answered least.");

        return advice;
    }

    /// <summary>
    /// Whether the text for a channel "is generic or could be seen as spam" (seeds), as far as a rule can tell: a placeholder is left in it, or
    /// it never speaks to the reader.
    /// </summary>
    internal bool IsGeneric(Channel channel)
    {
        var text = channel switch
        {
            Channel.ConnectionRequest => Note,
            Channel.Email => Email,
            _ => Body,
        };
        return text.Length > 0 && (HasUnfilledPlaceholder(text) || !SpeaksToTheReader(text));
    }

    private static void LintText(string name, string text, List<string> advice)
    {
        if (text.Length == 0)
            return;

        var questions = text.Count(letter => letter == '?');
        if (questions == 0)
            advice.Add($"Ask one question: the {name} asks none, which leaves nothing easy to answer.");
        else if (questions > 1)
            advice.Add($"Ask one question: the {name} asks {questions}.");

        if (HasUnfilledPlaceholder(text))
            advice.Add($"Fill the placeholder in the {name}: it would be sent as it stands.");

        if (!SpeaksToTheReader(text))
            advice.Add($"Make the {name} personal: it never says \"you\" or \"your\".");
    }

    private static bool HasUnfilledPlaceholder(string text) =>
        (text.Contains('{', StringComparison.Ordinal) && text.LastIndexOf('}') > text.IndexOf('{', StringComparison.Ordinal))
        || text.Contains("[name]", StringComparison.OrdinalIgnoreCase)
        || text.Contains("[first name]", StringComparison.OrdinalIgnoreCase);

    private static bool SpeaksToTheReader(string text)
    {
        foreach (var range in text.AsSpan().SplitAny(" \t\r\n.,;:!?'’\"()-"))
        {
            var word = text.AsSpan()[range];
            foreach (var you in WordsForTheReader)
            {
                if (word.Equals(you, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }
}
