using System.Collections.Immutable;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Email;
using Pennypost.Hosting;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts.Calls;

/// <summary>A sender as its tenant wants it.</summary>
/// <param name="AccountId">The provider's id.</param>
/// <param name="Settings">What is set.</param>
/// <param name="Etag">The settings it replaces; empty for whatever is there.</param>
internal sealed record WantedAccount(string AccountId, AccountSettings Settings, string Etag);

/// <summary>A connection as its tenant wants it.</summary>
internal sealed record WantedConnection(string ConnectionId, Uri BaseUrl, Secret? ApiKey, Secret? WebhookSecret);

/// <summary>Reading requests about accounts and connections: everything that is wrong with one is named at once. Pure, but for the operating system's time zones.</summary>
internal static class AccountRequests
{
    private const int MostCaps = 20;
    private const int MostProducts = 3;

    public static WantedAccount? Parse(Shown.Account? account, Violations violations)
    {
        if (!violations.Required("account", account) || account is null)
            return null;
        violations.Id("account.account_id", account.AccountId);
        violations.Id("account.connection_id", account.ConnectionId);
        violations.OptionalId("account.email_connection_id", account.EmailConnectionId);
        violations.Length("account.display_name", account.DisplayName, 0, 200);
        if (!Enum.IsDefined(account.Tier))
            violations.Add("account.tier", "must be a tier of the contract");
        var settings = new AccountSettings
        {
            ConnectionId = account.ConnectionId,
            EmailConnectionId = account.EmailConnectionId,
            DisplayName = account.DisplayName,
            Tier = ((Tier)account.Tier).OrFree(),
            Pools = Pools(account, violations),
            InmailProduct = (Product)account.InmailProduct,
            Caps = Caps(account, violations),
            Window = Window(account.SendingWindow, violations),
            Spacing = Spacing(account, violations),
            Safety = SafetyRequests.Parse(account.Safety, violations),
        };
        if (!Enum.IsDefined(account.InmailProduct))
            violations.Add("account.inmail_product", "must be a product of the contract");
        else if (settings.InmailProduct != Product.Unspecified && settings.PoolOf(settings.InmailProduct) is null)
            violations.Add("account.inmail_product", "must be among the pools");
        violations.Length("account.etag", account.Etag, 0, 40);
        return violations.Any ? null : new WantedAccount(account.AccountId, settings, account.Etag);
    }

    public static WantedConnection? Parse(Shown.Connection? connection, Violations violations)
    {
        if (!violations.Required("connection", connection) || connection is null)
            return null;
        violations.Id("connection.connection_id", connection.ConnectionId);
        var baseUrl = BaseUrl(connection.BaseUrl, violations);
        if (connection.ApiKey.Length > 0)
            violations.Length("connection.api_key", connection.ApiKey, 8, 1_000);
        if (connection.ApiKey.Any(character => character is < '!' or > '~'))
            violations.Add("connection.api_key", "must be printable ASCII without spaces: it goes into a header");
        if (connection.WebhookSecret.Length > 0)
            violations.Length("connection.webhook_secret", connection.WebhookSecret, 16, 256);
        return violations.Any ? null : new WantedConnection(connection.ConnectionId, baseUrl!, Given(connection.ApiKey), Given(connection.WebhookSecret));
    }

    /// <summary>A mailbox, in place of a provider.</summary>
    public static Mailbox? ParseMailbox(string tenant, Shown.Connection connection, Violations violations)
    {
        var smtp = connection.Smtp;
        violations.Id("connection.connection_id", connection.ConnectionId);
        if (connection.BaseUrl.Length + connection.ApiKey.Length + connection.WebhookSecret.Length > 0)
            violations.Add("connection.smtp", "must stand alone: base_url, api_key and webhook_secret are a provider's");
        violations.Length("connection.smtp.host", smtp.Host, 1, 253);
        if (smtp.Host.Length > 0 && Uri.CheckHostName(smtp.Host) == UriHostNameType.Unknown)
            violations.Add("connection.smtp.host", "must be a host name or an address");
        violations.Range("connection.smtp.port", smtp.Port, 0, 65_535);
        if (!Enum.IsDefined(smtp.Security))
            violations.Add("connection.smtp.security", "must be a value of the contract");
        // In the clear everybody on the way reads the password and the letter.
        if (smtp.Security == Shown.SmtpSecurity.None && !Mailbox.IsLoopback(smtp.Host))
            violations.Add("connection.smtp.security", "must be STARTTLS or TLS; none is for loopback addresses only");
        violations.Length("connection.smtp.user", smtp.User, 0, 320);
        if (smtp.User.Any(char.IsControl))
            violations.Add("connection.smtp.user", "must have no control characters");
        violations.Length("connection.smtp.password", smtp.Password, 0, 1_000);
        if (smtp.Password.Length > 0 && smtp.User.Length == 0)
            violations.Add("connection.smtp.password", "must be empty without a user");
        violations.Email("connection.smtp.from_address", smtp.FromAddress);
        Messages.Parse.PlainAddress("connection.smtp.from_address", smtp.FromAddress, violations);
        violations.Length("connection.smtp.from_name", smtp.FromName, 0, 200);
        Messages.Parse.HeaderText("connection.smtp.from_name", smtp.FromName, violations);
        violations.Length("connection.smtp.unsubscribe", smtp.Unsubscribe, 0, 500);
        if (smtp.Unsubscribe.Length > 0 && !Mailbox.IsUnsubscribe(smtp.Unsubscribe))
            violations.Add("connection.smtp.unsubscribe", "must be an https or mailto address in printable ASCII, without spaces or < and >");
        return violations.Any ? null : new Mailbox
        {
            Tenant = tenant,
            ConnectionId = connection.ConnectionId,
            Host = smtp.Host,
            Port = smtp.Port,
            Security = smtp.Security == Shown.SmtpSecurity.Unspecified ? MailSecurity.StartTls : (MailSecurity)smtp.Security,
            User = smtp.User,
            Password = Given(smtp.Password),
            FromAddress = smtp.FromAddress.Trim(),
            FromName = smtp.FromName,
            Unsubscribe = smtp.Unsubscribe,
        };
    }

    private static Secret? Given(string text) => text.Length > 0 ? new Secret(text) : null;

    /// <summary>https, so that the key is not read on its way; http only to this machine, where the sandbox is.</summary>
    private static Uri? BaseUrl(string text, Violations violations)
    {
        violations.Length("connection.base_url", text, 1, 500);
        if (text.Length is 0 or > 500)
            return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
        {
            violations.Add("connection.base_url", "must be an absolute https address");
            return null;
        }

        if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback)
            violations.Add("connection.base_url", "must be https; http is for loopback addresses only");
        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            violations.Add("connection.base_url", "must have no user, query or fragment");
        if (url.AbsolutePath is not "/")
            violations.Add("connection.base_url", "must have no path: /api/v1 is added");
        return url;
    }

    private static ImmutableArray<AccountPool> Pools(Shown.Account account, Violations violations)
    {
        violations.Items("account.pools", account.Pools.Count, 0, MostProducts);
        for (var index = 0; index < account.Pools.Count && index < MostProducts; index++)
        {
            var pool = account.Pools[index];
            violations.Id($"account.pools[{index}].pool_id", pool.PoolId);
            if (pool.Product == Shown.Product.Unspecified || !Enum.IsDefined(pool.Product))
                violations.Add($"account.pools[{index}].product", "is required: a product of the contract");
            else if (account.Pools.Take(index).Any(other => other.Product == pool.Product))
                violations.Add($"account.pools[{index}].product", "stands twice: at most one pool per product");
        }

        return [.. account.Pools.Take(MostProducts).Select(pool => new AccountPool((Product)pool.Product, pool.PoolId))];
    }

    private static ImmutableArray<Cap> Caps(Shown.Account account, Violations violations)
    {
        violations.Items("account.caps", account.Caps.Count, 0, MostCaps);
        for (var index = 0; index < account.Caps.Count && index < MostCaps; index++)
        {
            var cap = account.Caps[index];
            if (cap.Action == Shown.Action.Unspecified || !Enum.IsDefined(cap.Action))
                violations.Add($"account.caps[{index}].action", "is required: an action of the contract");
            if (cap.Window == Shown.CapWindow.Unspecified || !Enum.IsDefined(cap.Window))
                violations.Add($"account.caps[{index}].window", "is required: a window of the contract");
            violations.Range($"account.caps[{index}].limit", cap.Limit, 0, 10_000);
            if (account.Caps.Take(index).Any(other => (other.Action, other.Window) == (cap.Action, cap.Window)))
                violations.Add($"account.caps[{index}]", "stands twice: at most one cap per action and window");
        }

        return [.. account.Caps.Take(MostCaps).Select(cap => new Cap((CappedAction)cap.Action, (CapWindow)cap.Window, (int)Math.Clamp(cap.Limit, 0, 10_000)))];
    }

    private static SendingWindow Window(Shown.SendingWindow? window, Violations violations)
    {
        if (window is null)
            return SendingWindow.Always;
        if (window.TimeZone.Length > 0 && !TimeZoneInfo.TryFindSystemTimeZoneById(window.TimeZone, out _))
            violations.Add("account.sending_window.time_zone", "must be an IANA time zone, such as Europe/Berlin");
        violations.Items("account.sending_window.days", window.Days.Count, 0, 7);
        if (window.Days.Any(day => day is < 1 or > 7))
            violations.Add("account.sending_window.days", "must be 1 (Monday) to 7 (Sunday)");
        if (window.Days.Distinct().Count() != window.Days.Count)
            violations.Add("account.sending_window.days", "must not name a day twice");
        if (window.FromMinute != 0 || window.ToMinute != 0)
        {
            violations.Range("account.sending_window.from_minute", window.FromMinute, 0, 1_439);
            violations.Range("account.sending_window.to_minute", window.ToMinute, 1, 1_440);
            if (window.ToMinute <= window.FromMinute)
                violations.Add("account.sending_window.to_minute", "must be more than from_minute");
        }

        return new SendingWindow(window.TimeZone, [.. window.Days.Order()], window.FromMinute, window.ToMinute);
    }

    private static TimeSpan Spacing(Shown.Account account, Violations violations)
    {
        if (account.Spacing is not { } spacing)
            return TimeSpan.FromSeconds(10);
        // Compared before it is converted: a duration may be longer than a TimeSpan.
        if (spacing.Seconds is < 0 or > 3_600 || spacing.Nanos < 0 || (spacing.Seconds == 3_600 && spacing.Nanos > 0))
        {
            violations.Add("account.spacing", "must be 0 s to 1 h");
            return TimeSpan.Zero;
        }

        return TimeSpan.FromMilliseconds((spacing.Seconds * 1_000) + (spacing.Nanos / 1_000_000));
    }
}
