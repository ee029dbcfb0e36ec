using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.DataProtection;
using Pennypost.Dispatcher.Email;
using Pennypost.Dispatcher.Provider;
using Pennypost.Dispatcher.Stored;
using Pennypost.Store;
using Secret = Pennypost.Hosting.Secret;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>A tenant's way to a provider, with what its webhooks must know.</summary>
/// <param name="Provider">How to reach it.</param>
/// <param name="WebhookSecret">What its webhooks carry; null if none was set, and then none is let in.</param>
public sealed record Connection(ProviderConnection Provider, Secret? WebhookSecret);

/// <summary>What putting a connection came to.</summary>
public enum ConnectionPut
{
    /// <summary>Kept.</summary>
    Kept,

    /// <summary>There is one of this id, and it is of the other kind: a provider, or a mailbox.</summary>
    OfOtherKind,

    /// <summary>The tenant has as many as it may have.</summary>
    TooMany,
}

/// <summary>The tenants' connections. Secrets are written protected where a key ring is configured (<c>Dispatcher:KeyRingPath</c>), and never answered or logged.</summary>
public sealed class Connections
{
    /// <summary>Connections of one tenant: providers, and a mailbox for each of as many senders as one message is routed over.</summary>
    public const int Limit = 120;

    private const byte Plain = 0;
    private const byte Protected = 1;
    private static readonly HeadCodec<StoredConnections> Codec = HeadCodec.Message(StoredConnections.Parser);
    private readonly StateStore _store;
    private readonly IDataProtector? _protector;

    internal Connections(StateStore store, IDataProtector? protector) => (_store, _protector) = (store, protector);

    /// <summary>One connection with its secrets; null if the tenant has none of this id.</summary>
    public async Task<Connection?> FindAsync(string tenant, string connectionId, CancellationToken ct)
    {
        return await StoredAsync(tenant, connectionId, ct) is not { Mailbox: null } stored ? null : new Connection(
            new ProviderConnection(tenant, connectionId, new Uri(stored.BaseUrl), Open(stored.ApiKey) ?? new Secret("")),
            Open(stored.WebhookSecret));
    }

    /// <summary>One mailbox with its password; null if the tenant has none of this id.</summary>
    public async Task<Mailbox?> FindMailboxAsync(string tenant, string connectionId, CancellationToken ct) =>
        await StoredAsync(tenant, connectionId, ct) is not { Mailbox: { } stored } ? null : new Mailbox
        {
            Tenant = tenant,
            ConnectionId = connectionId,
            Host = stored.Host,
            Port = stored.Port,
            Security = (MailSecurity)stored.Security,
            User = stored.User,
            Password = Open(stored.Password),
            FromAddress = stored.FromAddress,
            FromName = stored.FromName,
            Unsubscribe = stored.Unsubscribe,
        };

    /// <summary>Creates or replaces one. A secret that is not given stays as it was.</summary>
    public Task<ConnectionPut> PutAsync(string tenant, string connectionId, Uri baseUrl, Secret? apiKey, Secret? webhookSecret, CancellationToken ct)
    {
        // Outside the decision: protecting is not pure.
        var (key, secret) = (Close(apiKey), Close(webhookSecret));
        return PutAsync(tenant, connectionId, isMailbox: false, stored =>
        {
            stored.BaseUrl = baseUrl.ToString();
            stored.ApiKey = key ?? stored.ApiKey;
            stored.WebhookSecret = secret ?? stored.WebhookSecret;
        }, ct);
    }

    /// <summary>Creates or replaces a mailbox. A password that is not given stays as it was.</summary>
    public Task<ConnectionPut> PutAsync(string tenant, Mailbox mailbox, CancellationToken ct)
    {
        var password = Close(mailbox.Password);
        return PutAsync(tenant, mailbox.ConnectionId, isMailbox: true, stored => stored.Mailbox = new StoredMailbox
        {
            Host = mailbox.Host,
            Port = mailbox.Port,
            Security = (int)mailbox.Security,
            User = mailbox.User,
            // A password is kept for its user at its server: whoever may change the server must not get it sent there.
            Password = password ?? (stored.Mailbox is { } before && (before.User, before.Host) == (mailbox.User, mailbox.Host) ? before.Password : ByteString.Empty),
            FromAddress = mailbox.FromAddress,
            FromName = mailbox.FromName,
            Unsubscribe = mailbox.Unsubscribe,
        }, ct);
    }

    private async Task<ConnectionPut> PutAsync(string tenant, string connectionId, bool isMailbox, Action<StoredConnection> change, CancellationToken ct)
    {
        var executed = await _store.ExecuteAsync<StoredConnections, ConnectionPut>(
            Partition(tenant),
            Codec,
            RecordKeys.None,
            view =>
            {
                var after = view.Head?.Clone() ?? new StoredConnections { Format = 1 };
                var stored = after.Connections.FirstOrDefault(kept => kept.ConnectionId == connectionId);
                if (stored is null)
                {
                    if (after.Connections.Count >= Limit)
                        return new Decision<StoredConnections, ConnectionPut>.Answer(ConnectionPut.TooMany);
                    after.Connections.Add(stored = new StoredConnection { ConnectionId = connectionId });
                }
                else if (stored.Mailbox is not null != isMailbox)
                {
                    return new Decision<StoredConnections, ConnectionPut>.Answer(ConnectionPut.OfOtherKind);
                }

                change(stored);
                return new Decision<StoredConnections, ConnectionPut>.Commit(after, ConnectionPut.Kept);
            },
            0,
            ct);
        return executed.Answer;
    }

    private async Task<StoredConnection?> StoredAsync(string tenant, string connectionId, CancellationToken ct) =>
        (await _store.ReadAsync(Partition(tenant), Codec, [], 0, ct)).Head?.Connections.FirstOrDefault(kept => kept.ConnectionId == connectionId);

    private ByteString? Close(Secret? secret)
    {
        if (secret is null)
            return null;
        var bytes = Encoding.UTF8.GetBytes(secret.Reveal());
        return _protector is null ? ByteString.CopyFrom([Plain, .. bytes]) : ByteString.CopyFrom([Protected, .. _protector.Protect(bytes)]);
    }

    private Secret? Open(ByteString bytes)
    {
        if (bytes.IsEmpty)
            return null;
        var text = bytes[0] == Plain ? bytes.ToByteArray()[1..]
            : _protector?.Unprotect(bytes.ToByteArray()[1..])
            ?? throw new InvalidOperationException("Connections were kept with a key ring; Dispatcher:KeyRingPath must name it.");
        return new Secret(Encoding.UTF8.GetString(text));
    }

    private static PartitionId Partition(string tenant) => new("settings", tenant, "_");
}
