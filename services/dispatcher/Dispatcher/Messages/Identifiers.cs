using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Pennypost.Dispatcher.Messages;

/// <summary>
/// The ids that Pennypost makes itself: keyed hashes of what names a person, so that keys, journals and logs hold no personal data and nobody without the key can find a person by guessing (decision 7).
/// </summary>
internal sealed class Identifiers(IOptions<DispatcherOptions> options)
{
    private const string ProspectPrefix = "p_";
    private const int ProspectLength = 26;
    private const string EmailPrefix = "e_";
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    private readonly byte[] _key = SHA256.HashData(Encoding.UTF8.GetBytes(options.Value.IdentifierKey));

    /// <summary>The prospect behind a normalised public identifier: the same for every spelling of the profile.</summary>
    public string Prospect(string tenant, string publicIdentifier) => ProspectPrefix + Hash(ProspectLength, "prospect", tenant, publicIdentifier);

    /// <summary>Whether an id has the form of a prospect's. What has another form may be a name, which must not be kept for good.</summary>
    public static bool IsProspect(string id) =>
        id.Length == ProspectPrefix.Length + ProspectLength && id.StartsWith(ProspectPrefix, StringComparison.Ordinal) && id.Skip(ProspectPrefix.Length).All(Base32.Contains);

    /// <summary>Of a thread.</summary>
    public string Chat(string tenant, string accountId, string chatId) => "c_" + Hash(40, "chat", tenant, accountId, chatId);

    /// <summary>Of a person as one account sees them.</summary>
    public string Attendee(string tenant, string accountId, string attendeeId) => "a_" + Hash(40, "attendee", tenant, accountId, attendeeId);

    /// <summary>Of an e-mail address, however it is written: capitals and spaces around it make no difference.</summary>
    public string Email(string tenant, string address) => EmailPrefix + Hash(40, "email", tenant, address.Trim().Normalize(NormalizationForm.FormC).ToLowerInvariant());

    /// <summary>Whether an id is of an e-mail address.</summary>
    public static bool IsEmail(string id) => id.StartsWith(EmailPrefix, StringComparison.Ordinal);

    /// <summary>Of a company, however its name is written: capitals, spaces and punctuation make no difference. Empty for a name without a letter or digit.</summary>
    public string Company(string tenant, string name)
    {
        var plain = new StringBuilder(name.Length);
        // Half of a surrogate pair cannot be normalised: it becomes a sign of its own.
        foreach (var sign in string.Concat(name.EnumerateRunes()).Normalize(NormalizationForm.FormKC))
        {
            if (char.IsLetterOrDigit(sign) || char.IsSurrogate(sign))
                plain.Append(char.ToLowerInvariant(sign));
            else if (plain.Length > 0 && plain[^1] != ' ')
                plain.Append(' ');
        }

        var words = plain.ToString().TrimEnd();
        return words.Length == 0 ? "" : "k_" + Hash(26, "company", tenant, words);
    }

    /// <summary>Of a message of the provider.</summary>
    public string ProviderMessage(string tenant, string accountId, string providerMessageId) => Hash(40, "provider_message", tenant, accountId, providerMessageId);

    /// <summary>Of a message's texts.</summary>
    public string Texts(string tenant, string subject, string body, string note, string email) =>
        // Without an e-mail as before there were any: texts that were sent then are still known.
        email.Length == 0 ? Hash(40, "texts", tenant, subject, body, note) : Hash(40, "texts", tenant, subject, body, note, email);

    /// <summary>Of an engagement: the same is not done twice. A visit has an id of its own each time, since people come back.</summary>
    public string Engagement(string tenant, Delivery.Channel channel, string postId, string comment, string messageId) =>
        Hash(40, "engagement", tenant, channel.ToString(), postId, comment, channel == Delivery.Channel.ProfileView ? messageId : "");

    /// <summary>The local part of an e-mail's Message-ID: the same whoever resumes the attempt, and telling nobody anything.</summary>
    public string MailId(string tenant, string messageId, int attempt) => Hash(40, "mail", tenant, messageId, attempt.ToString(CultureInfo.InvariantCulture));

    /// <summary>Of one field of an accepted message: 16 bytes.</summary>
    public byte[] Field(string tenant, string field, string value) => Mac("field", tenant, field, value)[..16];

    private string Hash(int length, params ReadOnlySpan<string> parts)
    {
        var bytes = Mac(parts);
        var text = new char[length];
        // Five bits a character; 40 characters take 200 of the 256.
        for (var index = 0; index < length; index++)
        {
            var bit = index * 5;
            var pair = (bytes[bit / 8] << 8) | (bit / 8 + 1 < bytes.Length ? bytes[bit / 8 + 1] : 0);
            text[index] = Base32[(pair >> (11 - bit % 8)) & 31];
        }

        return new string(text);
    }

    /// <summary>Each part with its length before it, so that no two lists of parts are the same bytes.</summary>
    private byte[] Mac(params ReadOnlySpan<string> parts)
    {
        var bytes = new StringBuilder();
        foreach (var part in parts)
            bytes.Append(part.Length.ToString(CultureInfo.InvariantCulture)).Append(':').Append(part);
        return HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(bytes.ToString()));
    }
}
