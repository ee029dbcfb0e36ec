using System.Text;

namespace Pennypost.Delivery.Messages;

/// <summary>To whom a message that was seen at the provider went.</summary>
public enum SeenRecipient
{
    /// <summary>The provider does not say it clearly enough.</summary>
    Unknown = 0,

    /// <summary>To the prospect in question.</summary>
    Prospect = 1,

    /// <summary>To another person.</summary>
    SomebodyElse = 2,
}

/// <summary>A message of the sender's own, seen at the provider since an intent.</summary>
/// <param name="ProviderMessageId">The provider's id; may be empty.</param>
/// <param name="ChatId">Its thread.</param>
/// <param name="Text">As the provider shows it, which need not be to the letter as it was sent.</param>
/// <param name="To">To whom.</param>
/// <param name="AccountedFor">It is known as another send of ours, or as written by hand.</param>
public sealed record Sighting(string ProviderMessageId, string ChatId, string Text, SeenRecipient To, bool AccountedFor);

/// <summary>
/// Whether a send is among the messages that were seen. Providers alter texts (line ends, spaces, a signature below), so a message to the prospect that nobody accounts for is never read as absence.
/// </summary>
public static class Sightings
{
    /// <summary>A text this short may well stand at the beginning of another one.</summary>
    private const int LeastPrefix = 20;

    /// <summary>Weighs them all.</summary>
    public static Finding Weigh(IEnumerable<Sighting> sightings, string sent)
    {
        var doubtful = false;
        foreach (var sighting in sightings)
        {
            if (sighting.AccountedFor || sighting.To == SeenRecipient.SomebodyElse)
                continue;
            var same = IsSame(sent, sighting.Text);
            if (same && sighting.To == SeenRecipient.Prospect)
                return new Finding.Found(sighting.ProviderMessageId, sighting.ChatId);
            // One sign of the two is not proof of a send; but it is no absence either.
            doubtful |= same || sighting.To == SeenRecipient.Prospect;
        }

        return doubtful ? new Finding.Unreadable() : new Finding.Absent();
    }

    /// <summary>Whether the text is the one sent, but for line ends, spaces, and something below it.</summary>
    public static bool IsSame(string sent, string seen)
    {
        var (ours, theirs) = (Plain(sent), Plain(seen));
        return ours == theirs || (ours.Length >= LeastPrefix && theirs.StartsWith(ours, StringComparison.Ordinal));
    }

    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var sign in text)
        {
            if (!char.IsWhiteSpace(sign))
                plain.Append(sign);
            else if (plain.Length > 0 && plain[^1] != ' ')
                plain.Append(' ');
        }

        return plain.ToString().TrimEnd();
    }
}
