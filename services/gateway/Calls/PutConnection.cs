using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<PutConnectionResponse> PutConnection(PutConnectionRequest request, ServerCallContext context)
    {
        Check(context, violations => Shape(violations, request.Connection));
        var answer = await dispatcher.PutConnectionAsync(new Dispatcher.V1.PutConnectionRequest { Connection = request.Connection }, OnBehalf.Of(context));
        return new PutConnectionResponse { Connection = WithoutSecrets(answer.Connection) };
    }

    private static void Shape(Violations violations, Types.V1.Connection? connection)
    {
        if (!violations.Required("connection", connection)) return;
        violations.Id("connection.connection_id", connection!.ConnectionId);
        violations.Length("connection.base_url", connection.BaseUrl, 1, 512);
        if (connection.BaseUrl.Length > 0 && !IsProviderAddress(connection.BaseUrl))
            violations.Add("connection.base_url", "must be an https address (http only for a loopback address) without user, query or fragment");
        violations.Length("connection.api_key", connection.ApiKey, 0, 512);
        violations.Length("connection.webhook_secret", connection.WebhookSecret, 16, 256);
    }

    private static bool IsProviderAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
        && address.UserInfo.Length == 0 && address.Query.Length == 0 && address.Fragment.Length == 0;

    // The dispatcher answers none; should it ever, they end here.
    private static Types.V1.Connection? WithoutSecrets(Types.V1.Connection? connection) =>
        connection is null ? null : new Types.V1.Connection(connection) { ApiKey = "", WebhookSecret = "" };
}
