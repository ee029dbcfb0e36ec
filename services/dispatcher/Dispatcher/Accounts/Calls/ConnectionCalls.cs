using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Accounts.Calls;

/// <summary>Keeps a tenant's connections, and answers them without their secrets.</summary>
internal sealed class ConnectionCalls(Connections connections, OperatorActs acts, Errors errors)
{
    public async Task<PutConnectionResponse> HandleAsync(Caller caller, PutConnectionRequest request, CancellationToken ct)
    {
        var tenant = caller.Tenant;
        var violations = new Violations();
        if (request.Connection?.Smtp is not null)
            return await MailboxAsync(caller, request.Connection, violations, ct);
        var wanted = AccountRequests.Parse(request.Connection, violations);
        if (wanted is { ApiKey: null } && await connections.FindAsync(tenant, wanted.ConnectionId, ct) is null)
            violations.Add("connection.api_key", "is required for a new connection: 8 to 1,000 characters");
        if (wanted is null || violations.Any)
            throw errors.Invalid(violations);
        return await PutAsync(caller, wanted.ConnectionId, () => connections.PutAsync(tenant, wanted.ConnectionId, wanted.BaseUrl, wanted.ApiKey, wanted.WebhookSecret, ct), ct);
    }

    private async Task<PutConnectionResponse> MailboxAsync(Caller caller, Shown.Connection connection, Violations violations, CancellationToken ct)
    {
        var tenant = caller.Tenant;
        var wanted = AccountRequests.ParseMailbox(tenant, connection, violations);
        if (wanted is { User.Length: > 0, Password: null } && (await connections.FindMailboxAsync(tenant, wanted.ConnectionId, ct) is not { Password: not null } known || (known.User, known.Host) != (wanted.User, wanted.Host)))
            violations.Add("connection.smtp.password", "is required for a user who is new at this host: 1 to 1,000 characters");
        if (wanted is null || violations.Any)
            throw errors.Invalid(violations);
        return await PutAsync(caller, wanted.ConnectionId, () => connections.PutAsync(tenant, wanted, ct), ct);
    }

    private Task<PutConnectionResponse> PutAsync(Caller caller, string connectionId, Func<Task<ConnectionPut>> put, CancellationToken ct) => acts.RecordAsync(
        caller,
        new Shown.OperatorAct { Kind = Shown.OperatorActKind.PutConnection, ConnectionId = connectionId },
        async _ =>
        {
            Check(await put());
            return new PutConnectionResponse { Connection = await ShowAsync(caller.Tenant, connectionId, ct) };
        },
        ct);

    private void Check(ConnectionPut put)
    {
        var violations = new Violations();
        if (put == ConnectionPut.TooMany)
            violations.Add("connection.connection_id", $"would be one more than the {Connections.Limit} that a tenant may have");
        if (put == ConnectionPut.OfOtherKind)
            violations.Add("connection.smtp", "must be set for a mailbox and not for a provider: this connection is of the other kind already");
        if (violations.Any)
            throw errors.Invalid(violations);
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
        if (await connections.FindMailboxAsync(tenant, connectionId, ct) is { } mailbox)
            return Show(mailbox);
        var connection = await connections.FindAsync(tenant, connectionId, ct) ?? throw errors.ConnectionNotFound(connectionId);
        return new Shown.Connection
        {
            ConnectionId = connectionId,
            BaseUrl = connection.Provider.BaseUrl.ToString().TrimEnd('/'),
            HasApiKey = connection.Provider.ApiKey.Length > 0,
        };
    }

    private static Shown.Connection Show(Email.Mailbox mailbox) => new()
    {
        ConnectionId = mailbox.ConnectionId,
        Smtp = new Shown.SmtpMailbox
        {
            Host = mailbox.Host,
            Port = mailbox.PortOrDefault,
            Security = (Shown.SmtpSecurity)mailbox.Security,
            User = mailbox.User,
            HasPassword = mailbox.Password is { Length: > 0 },
            FromAddress = mailbox.FromAddress,
            FromName = mailbox.FromName,
            Unsubscribe = mailbox.Unsubscribe,
        },
    };
}
