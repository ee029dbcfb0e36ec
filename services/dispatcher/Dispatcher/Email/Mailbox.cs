using System.Net;
using Secret = Pennypost.Hosting.Secret;

namespace Pennypost.Dispatcher.Email;

/// <summary>How mail is encrypted on its way to the mail server; the contract's numbers.</summary>
public enum MailSecurity
{
    /// <summary>STARTTLS, or nothing is sent.</summary>
    StartTls = 1,

    /// <summary>TLS from the first byte.</summary>
    Tls = 2,

    /// <summary>None; only on this machine.</summary>
    None = 3,
}

/// <summary>Where a sender's e-mails come from, and the server that takes them.</summary>
public sealed record Mailbox
{
    /// <summary>Whose it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>The tenant's id for it.</summary>
    public required string ConnectionId { get; init; }

    /// <summary>Name or address of the mail server.</summary>
    public required string Host { get; init; }

    /// <summary>0 for the usual one.</summary>
    public int Port { get; init; }

    /// <summary>How the way there is encrypted.</summary>
    public MailSecurity Security { get; init; } = MailSecurity.StartTls;

    /// <summary>Whom to log in as; empty for no login.</summary>
    public string User { get; init; } = "";

    /// <summary>Null if none was given.</summary>
    public Secret? Password { get; init; }

    /// <summary>The address that mail comes from.</summary>
    public required string FromAddress { get; init; }

    /// <summary>The name that mail comes from; may be empty.</summary>
    public string FromName { get; init; } = "";

    /// <summary>Where recipients unsubscribe: https or mailto; empty for nowhere.</summary>
    public string Unsubscribe { get; init; } = "";

    /// <summary>587 with STARTTLS (RFC 6409), 465 with TLS (RFC 8314), 25 without either.</summary>
    public int PortOrDefault => Port != 0 ? Port : Security switch
    {
        MailSecurity.Tls => 465,
        MailSecurity.StartTls => 587,
        _ => 25,
    };

    /// <summary>Whether a host is this machine.</summary>
    public static bool IsLoopback(string host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Whether a text can stand in List-Unsubscribe (RFC 2369): one address of the two kinds, and nothing that ends it early.</summary>
    public static bool IsUnsubscribe(string text) =>
        text.All(sign => sign is > ' ' and <= '~' and not '<' and not '>' and not ',')
        && Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeMailto);
}
