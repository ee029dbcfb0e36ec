using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<PutConnectionResponse> PutConnection(PutConnectionRequest request, ServerCallContext context)
    {
        CheckUnread(context, violations => Shape(violations, request.Connection));
        var answer = await dispatcher.PutConnectionAsync(new Dispatcher.V1.PutConnectionRequest { Connection = request.Connection }, OnBehalf.Of(context));
        return new PutConnectionResponse { Connection = WithoutSecrets(answer.Connection) };
    }

    private static void Shape(Violations violations, Types.V1.Connection? connection)
    {
        if (!violations.Required("connection", connection)) return;
        violations.Id("connection.connection_id", connection!.ConnectionId);
        if (connection.Smtp is { } mailbox)
        {
            Shape(violations, connection, mailbox);
            return;
        }

        violations.Length("connection.base_url", connection.BaseUrl, 1, 512);
        if (connection.BaseUrl.Length > 0 && !IsProviderAddress(connection.BaseUrl))
            violations.Add("connection.base_url", "must be an https address (http only for a loopback address) without user, query or fragment");
        violations.Length("connection.api_key", connection.ApiKey, 0, 512);
        violations.Length("connection.webhook_secret", connection.WebhookSecret, 16, 256);
    }

    private static void Shape(Violations violations, Types.V1.Connection connection, Types.V1.SmtpMailbox mailbox)
    {
        if (connection.BaseUrl.Length + connection.ApiKey.Length + connection.WebhookSecret.Length > 0)
            violations.Add("connection.smtp", "must stand alone: base_url, api_key and webhook_secret are a provider's");
        violations.Length("connection.smtp.host", mailbox.Host, 1, 253);
        violations.Range("connection.smtp.port", mailbox.Port, 0, 65_535);
        violations.Known("connection.smtp.security", mailbox.Security);
        violations.Length("connection.smtp.user", mailbox.User, 0, 320);
        violations.Length("connection.smtp.password", mailbox.Password, 0, 1_000);
        violations.Length("connection.smtp.from_address", mailbox.FromAddress, 3, 254);
        violations.Length("connection.smtp.from_name", mailbox.FromName, 0, 200);
        violations.Length("connection.smtp.unsubscribe", mailbox.Unsubscribe, 0, 500);
    }

    private static bool IsProviderAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
        && address.UserInfo.Length == 0 && address.Query.Length == 0 && address.Fragment.Length == 0;

    // The dispatcher answers none; should it ever, they end here.
    private static Types.V1.Connection? WithoutSecrets(Types.V1.Connection? connection)
    {
        if (connection is null) return null;
        var shown = new Types.V1.Connection(connection) { ApiKey = "", WebhookSecret = "" };
        if (shown.Smtp is { } mailbox) mailbox.Password = "";
        return shown;
    }
}
