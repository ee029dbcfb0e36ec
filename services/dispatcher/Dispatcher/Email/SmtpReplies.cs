using System.Collections.Frozen;
using System.Globalization;
using Pennypost.Dispatcher.Provider;

namespace Pennypost.Dispatcher.Email;

/// <summary>How far an e-mail had come when the conversation with the mail server took its turn (RFC 5321).</summary>
public enum SmtpStage
{
    /// <summary>Connecting, and the server's greeting.</summary>
    Connect,

    /// <summary>Encryption.</summary>
    Tls,

    /// <summary>Login.</summary>
    Login,

    /// <summary>MAIL FROM: the sender's address.</summary>
    Sender,

    /// <summary>RCPT TO: the recipient's address.</summary>
    Recipient,

    /// <summary>DATA, until the server has asked for the letter: nothing of it has left.</summary>
    Data,

    /// <summary>From the letter's first byte to the server's word on the whole of it.</summary>
    Letter,
}

/// <summary>How the conversation ended.</summary>
public enum SmtpEnd
{
    /// <summary>2xx: the server took over.</summary>
    Accepted,

    /// <summary>4xx: not now.</summary>
    TryLater,

    /// <summary>5xx: no.</summary>
    Refused,

    /// <summary>The way is not to be had: no such host, a login or an encryption that the server does not offer, a certificate that nobody trusts.</summary>
    NotOffered,

    /// <summary>No whole answer: a time-out, a lost connection, or something that is no answer.</summary>
    Lost,
}

/// <summary>What it means for the send, at each stage and end. The whole of the rule is this table, which docs/adapters.md shows.</summary>
public static class SmtpReplies
{
    /// <summary>After a 4xx: greylisting servers want to be asked again after some minutes (RFC 6647), and a full one is not emptied sooner.</summary>
    public static readonly TimeSpan AfterTryLater = TimeSpan.FromMinutes(15);

    /// <summary>What a cell says.</summary>
    public enum Meaning
    {
        /// <summary>Sent.</summary>
        Sent,

        /// <summary>Not sent; the message waits a minute.</summary>
        NotSent,

        /// <summary>Not sent; the message waits a quarter of an hour.</summary>
        TryLater,

        /// <summary>Not sent; the mailbox rests for an hour, and the next candidate is tried.</summary>
        MailboxRefused,

        /// <summary>Not sent; the address takes no mail, and the next candidate is tried.</summary>
        RecipientRefused,

        /// <summary>Not sent; the server will not have this letter, and the next candidate is tried.</summary>
        LetterRefused,

        /// <summary>In doubt: never sent again before somebody knows.</summary>
        Unknown,
    }

    /// <summary>Every stage that can end so, and what that means.</summary>
    public static FrozenDictionary<(SmtpStage Stage, SmtpEnd End), Meaning> Table { get; } = new Dictionary<(SmtpStage, SmtpEnd), Meaning>
    {
        [(SmtpStage.Connect, SmtpEnd.TryLater)] = Meaning.TryLater,
        [(SmtpStage.Connect, SmtpEnd.Refused)] = Meaning.MailboxRefused,
        [(SmtpStage.Connect, SmtpEnd.NotOffered)] = Meaning.MailboxRefused,
        [(SmtpStage.Connect, SmtpEnd.Lost)] = Meaning.NotSent,
        [(SmtpStage.Tls, SmtpEnd.TryLater)] = Meaning.TryLater,
        [(SmtpStage.Tls, SmtpEnd.Refused)] = Meaning.MailboxRefused,
        [(SmtpStage.Tls, SmtpEnd.NotOffered)] = Meaning.MailboxRefused,
        [(SmtpStage.Tls, SmtpEnd.Lost)] = Meaning.NotSent,
        [(SmtpStage.Login, SmtpEnd.TryLater)] = Meaning.TryLater,
        [(SmtpStage.Login, SmtpEnd.Refused)] = Meaning.MailboxRefused,
        [(SmtpStage.Login, SmtpEnd.NotOffered)] = Meaning.MailboxRefused,
        [(SmtpStage.Login, SmtpEnd.Lost)] = Meaning.NotSent,
        [(SmtpStage.Sender, SmtpEnd.TryLater)] = Meaning.TryLater,
        [(SmtpStage.Sender, SmtpEnd.Refused)] = Meaning.MailboxRefused,
        [(SmtpStage.Sender, SmtpEnd.NotOffered)] = Meaning.MailboxRefused,
        [(SmtpStage.Sender, SmtpEnd.Lost)] = Meaning.NotSent,
        [(SmtpStage.Recipient, SmtpEnd.TryLater)] = Meaning.TryLater,
        [(SmtpStage.Recipient, SmtpEnd.Refused)] = Meaning.RecipientRefused,
        [(SmtpStage.Recipient, SmtpEnd.NotOffered)] = Meaning.RecipientRefused,
        [(SmtpStage.Recipient, SmtpEnd.Lost)] = Meaning.NotSent,
        [(SmtpStage.Data, SmtpEnd.TryLater)] = Meaning.TryLater,
        [(SmtpStage.Data, SmtpEnd.Refused)] = Meaning.LetterRefused,
        [(SmtpStage.Data, SmtpEnd.Lost)] = Meaning.NotSent,
        [(SmtpStage.Letter, SmtpEnd.Accepted)] = Meaning.Sent,
        [(SmtpStage.Letter, SmtpEnd.TryLater)] = Meaning.TryLater,
        [(SmtpStage.Letter, SmtpEnd.Refused)] = Meaning.LetterRefused,
        [(SmtpStage.Letter, SmtpEnd.Lost)] = Meaning.Unknown,
    }.ToFrozenDictionary();

    /// <summary>What an end at a stage means. One that the table does not have is in doubt from the letter on, and before it not sent.</summary>
    public static Meaning Of(SmtpStage stage, SmtpEnd end) =>
        Table.TryGetValue((stage, end), out var meaning) ? meaning : stage == SmtpStage.Letter ? Meaning.Unknown : Meaning.NotSent;

    /// <summary>By a server's status.</summary>
    public static SmtpEnd EndOf(int status) => status switch
    {
        >= 200 and < 300 => SmtpEnd.Accepted,
        >= 400 and < 500 => SmtpEnd.TryLater,
        >= 500 and < 600 => SmtpEnd.Refused,
        _ => SmtpEnd.Lost,
    };

    /// <summary>The reply to a send that ended so.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="end">How.</param>
    /// <param name="status">The server's status; 0 if it gave none.</param>
    /// <param name="messageId">Of the letter.</param>
    public static ProviderReply Classify(SmtpStage stage, SmtpEnd end, int status, string messageId)
    {
        var word = Word(stage, end, status);
        return Of(stage, end) switch
        {
            Meaning.Sent => new ProviderReply.Accepted(messageId, "", "", null),
            Meaning.TryLater => new ProviderReply.NotSent(word, AfterTryLater),
            Meaning.MailboxRefused => new ProviderReply.MailboxRefused(word),
            Meaning.RecipientRefused => new ProviderReply.Refused(word, RefusalKind.Recipient),
            Meaning.LetterRefused => new ProviderReply.Refused(word, RefusalKind.Content),
            Meaning.Unknown => new ProviderReply.Unknown(word),
            _ => new ProviderReply.NotSent(word),
        };
    }

    /// <summary>Stage and status: what whoever runs the mail server asks for. The server's text may name people.</summary>
    public static string Word(SmtpStage stage, SmtpEnd end, int status) =>
        $"smtp_{(status > 0 ? status.ToString(CultureInfo.InvariantCulture) : Word(end))}_{stage.ToString().ToLowerInvariant()}";

    private static string Word(SmtpEnd end) => end switch
    {
        SmtpEnd.NotOffered => "not_offered",
        SmtpEnd.TryLater => "try_later",
        _ => end.ToString().ToLowerInvariant(),
    };
}
