using System.Globalization;
using Pennypost.Dispatcher.Email;
using Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Provider;

/// <summary>
/// What one call shows of the connection that it was made by. Pure. Of what the other side wrote only documented words come through: it may be somebody else's server, and whoever asks need not see what it says.
/// </summary>
internal static class ConnectionFindings
{
    private const int MaxType = 40;

    /// <summary>Of a provider that was asked for its accounts.</summary>
    /// <param name="reply">What came back.</param>
    /// <param name="hasWebhookSecret">Whether one is kept.</param>
    public static ConnectionTest Of(HttpReply reply, bool hasWebhookSecret)
    {
        var (finding, detail) = reply switch
        {
            HttpReply.Answer { IsSuccess: true, Body: { } body } when body.Member("items") is { ValueKind: System.Text.Json.JsonValueKind.Array } =>
                (hasWebhookSecret ? ConnectionFinding.Ok : ConnectionFinding.WebhookSecretMissing, ""),
            HttpReply.Answer answer => Refused(answer),
            HttpReply.NotWritten { Why: "circuit_open" or "too_many_calls" } spared => (ConnectionFinding.NotCalled, spared.Why),
            HttpReply.NotWritten { Why: var why } => Broken(why),
            HttpReply.Lost { Why: var why } => Broken(why),
            _ => (ConnectionFinding.TimedOut, ""),
        };
        var test = new ConnectionTest { Finding = finding, Detail = detail, HasWebhookSecret = hasWebhookSecret };
        if (finding is ConnectionFinding.Ok or ConnectionFinding.WebhookSecretMissing && reply is HttpReply.Answer { Body: { } list })
        {
            test.Accounts.AddRange(list.Items("items").Select(Account).OfType<ProviderAccount>().Take(100));
            test.HasMoreAccounts = list.Text("cursor") is { Length: > 0 };
        }

        return test;
    }

    /// <summary>Of a mail server that somebody came to without a letter.</summary>
    public static ConnectionTest Of(MailGreeting greeting)
    {
        var (finding, detail) = greeting switch
        {
            MailGreeting.NotCalled spared => (ConnectionFinding.NotCalled, spared.Why),
            MailGreeting.Ended { End: SmtpEnd.Accepted } => (ConnectionFinding.Ok, ""),
            MailGreeting.Ended ended => (Of(ended.Stage, ended.End), SmtpReplies.Word(ended.Stage, ended.End, ended.Status)),
            _ => (ConnectionFinding.TimedOut, ""),
        };
        return new ConnectionTest { Finding = finding, Detail = detail };
    }

    private static ConnectionFinding Of(SmtpStage stage, SmtpEnd end) => (stage, end) switch
    {
        (_, SmtpEnd.TryLater) => ConnectionFinding.ServerFailing,
        (SmtpStage.Connect, SmtpEnd.Refused) => ConnectionFinding.ServerFailing,
        (SmtpStage.Tls, not SmtpEnd.Lost) => ConnectionFinding.EncryptionRefused,
        (_, SmtpEnd.Lost) => ConnectionFinding.Unreachable,
        (SmtpStage.Connect, _) => ConnectionFinding.Unreachable,
        _ => ConnectionFinding.CredentialRefused,
    };

    private static (ConnectionFinding Finding, string Detail) Refused(HttpReply.Answer answer)
    {
        var type = ErrorTypes.Bare(answer.Type);
        var isDocumented = ErrorTypes.Table.ContainsKey(type);
        var detail = isDocumented ? type : "http_" + answer.Status.ToString(CultureInfo.InvariantCulture);
        var finding = (answer.Status, type) switch
        {
            (401, _) or (_, "invalid_credentials" or "missing_credentials" or "expired_credentials" or "insufficient_permissions" or "insufficient_privileges") => ConnectionFinding.CredentialRefused,
            // A proxy before an API that is down says the same as the API itself.
            ( >= 500 or 429, _) => ConnectionFinding.ServerFailing,
            _ when isDocumented => ConnectionFinding.ServerFailing,
            (403, _) => ConnectionFinding.CredentialRefused,
            _ => ConnectionFinding.NotTheApi,
        };
        return (finding, detail);
    }

    private static (ConnectionFinding Finding, string Detail) Broken(string why) => why switch
    {
        "timeout" or "cancelled" or "no_time_left" => (ConnectionFinding.TimedOut, ""),
        "answer_too_large" => (ConnectionFinding.NotTheApi, why),
        nameof(HttpRequestError.SecureConnectionError) => (ConnectionFinding.EncryptionRefused, ""),
        nameof(HttpRequestError.InvalidResponse) or nameof(HttpRequestError.HttpProtocolError) or nameof(HttpRequestError.ConfigurationLimitExceeded) => (ConnectionFinding.NotTheApi, ErrorWord(why)),
        _ => (ConnectionFinding.Unreachable, ErrorWord(why)),
    };

    /// <summary>NameResolutionError as name_resolution_error.</summary>
    private static string ErrorWord(string why) =>
        string.Concat(why.Select((sign, index) => char.IsUpper(sign) ? (index > 0 ? "_" : "") + char.ToLowerInvariant(sign) : sign.ToString()));

    // One whose id is none could not be put as a sender.
    private static ProviderAccount? Account(System.Text.Json.JsonElement item) => item.Text("id") is { } id && Hosting.Ids.IsId(id)
        ? new ProviderAccount
        {
            AccountId = id,
            ProviderType = item.Text("type") is { Length: <= MaxType } type && type.All(sign => char.IsAsciiLetterOrDigit(sign) || sign == '_') ? type : "",
            State = (AccountState)(item.Items("sources").Select(source => AccountStatuses.StateOf(source.Text("status") ?? "")).FirstOrDefault(state => state is not null) ?? default),
        }
        : null;
}
