using System.Globalization;
using System.Text;

namespace Pennypost.Hosting;

/// <summary>LinkedIn's public identifier of a person: what a profile's address ends in. The gateway refuses by it, the dispatcher knows people by it.</summary>
public static class PublicIdentifier
{
    /// <summary>
    /// The public identifier in a profile URL or as it stands, in one spelling: percent signs decoded, composed, lower case. Null for what is none.
    /// </summary>
    public static string? Of(string profile)
    {
        var text = profile.Trim();
        if (text.Contains('/', StringComparison.Ordinal))
        {
            if (!text.Contains("://", StringComparison.Ordinal))
                text = "https://" + text;
            if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || !IsLinkedIn(uri.Host) || uri.Segments is not ["/", var folder, var name, ..] || !folder.Equals("in/", StringComparison.OrdinalIgnoreCase))
                return null;
            text = name.TrimEnd('/');
        }

        try
        {
            text = Uri.UnescapeDataString(text).Normalize(NormalizationForm.FormC).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            // Half of a surrogate pair.
            return null;
        }

        return text.Length is >= 1 and <= 200 && text.All(character => char.IsLetterOrDigit(character) || char.IsSurrogate(character) || character is '-' or '_' or '.' or '\'' or '~' || IsMark(character)) ? text : null;
    }

    private static bool IsLinkedIn(string host) =>
        host.Equals("linkedin.com", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".linkedin.com", StringComparison.OrdinalIgnoreCase);

    private static bool IsMark(char character) =>
        char.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.Format;
}
