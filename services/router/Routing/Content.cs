namespace Pennypost.Routing;

/// <summary>The texts of one message, one per kind of channel; an empty text is a missing one. No text is ever cut.</summary>
public sealed record Content
{
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

    internal static bool HasUnfilledPlaceholder(string text) =>
        (text.Contains('{', StringComparison.Ordinal) && text.LastIndexOf('}') > text.IndexOf('{', StringComparison.Ordinal))
        || text.Contains("[name]", StringComparison.OrdinalIgnoreCase)
        || text.Contains("[first name]", StringComparison.OrdinalIgnoreCase);

    internal static bool SpeaksToTheReader(string text)
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
