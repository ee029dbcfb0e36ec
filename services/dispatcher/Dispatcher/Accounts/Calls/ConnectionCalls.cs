using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts.Calls;

/// <summary>Keeps a tenant's connections, and answers them without their secrets.</summary>
internal sealed class ConnectionCalls(Connections connections, Errors errors)
{
    public async Task<PutConnectionResponse> HandleAsync(string tenant, PutConnectionRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        var wanted = AccountRequests.Parse(request.Connection, violations);
        if (wanted is { ApiKey: null } && await connections.FindAsync(tenant, wanted.ConnectionId, ct) is null)
            violations.Add("connection.api_key", "is required for a new connection: 8 to 1,000 characters");
        if (wanted is null || violations.Any)
            throw errors.Invalid(violations);
        if (await connections.PutAsync(tenant, wanted.ConnectionId, wanted.BaseUrl, wanted.ApiKey, wanted.WebhookSecret, ct) == ConnectionPut.TooMany)
        {
            violations.Add("connection.connection_id", $"would be one more than the {Connections.Limit} that a tenant may have");
            throw errors.Invalid(violations);
        }

        return new PutConnectionResponse { Connection = await ShowAsync(tenant, wanted.ConnectionId, ct) };
    }

    public async Task<GetConnectionResponse> HandleAsync(string tenant, GetConnectionRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Id("connection_id", request.ConnectionId);
        if (violations.Any)
            throw errors.Invalid(violations);
        return new GetConnectionResponse { Connection = await ShowAsync(tenant, request.ConnectionId, ct) };
    }

    private async Task<Shown.Connection> ShowAsync(string tenant, string connectionId, CancellationToken ct)
    {
        var connection = await connections.FindAsync(tenant, connectionId, ct) ?? throw errors.ConnectionNotFound(connectionId);
        return new Shown.Connection
        {
            ConnectionId = connectionId,
            BaseUrl = connection.Provider.BaseUrl.ToString().TrimEnd('/'),
            HasApiKey = connection.Provider.ApiKey.Length > 0,
        };
    }
}
