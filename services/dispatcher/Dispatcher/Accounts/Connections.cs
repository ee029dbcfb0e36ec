using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.DataProtection;
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

    /// <summary>The tenant has as many as it may have.</summary>
    TooMany,
}

/// <summary>The tenants' connections. Secrets are written protected where a key ring is configured (<c>Dispatcher:KeyRingPath</c>), and never answered or logged.</summary>
public sealed class Connections
{
    /// <summary>Connections of one tenant.</summary>
    public const int Limit = 20;

    private const byte Plain = 0;
    private const byte Protected = 1;
    private static readonly HeadCodec<StoredConnections> Codec = HeadCodec.Message(StoredConnections.Parser);
    private readonly StateStore _store;
    private readonly IDataProtector? _protector;

    internal Connections(StateStore store, IDataProtector? protector) => (_store, _protector) = (store, protector);

    /// <summary>One connection with its secrets; null if the tenant has none of this id.</summary>
    public async Task<Connection?> FindAsync(string tenant, string connectionId, CancellationToken ct)
    {
        var read = await _store.ReadAsync(Partition(tenant), Codec, [], 0, ct);
        return read.Head?.Connections.FirstOrDefault(kept => kept.ConnectionId == connectionId) is not { } stored ? null : new Connection(
            new ProviderConnection(connectionId, new Uri(stored.BaseUrl), Open(stored.ApiKey) ?? new Secret("")),
            Open(stored.WebhookSecret));
    }

    /// <summary>Creates or replaces one. A secret that is not given stays as it was.</summary>
    public async Task<ConnectionPut> PutAsync(string tenant, string connectionId, Uri baseUrl, Secret? apiKey, Secret? webhookSecret, CancellationToken ct)
    {
        // Outside the decision: protecting is not pure.
        var (key, secret) = (Close(apiKey), Close(webhookSecret));
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

                stored.BaseUrl = baseUrl.ToString();
                stored.ApiKey = key ?? stored.ApiKey;
                stored.WebhookSecret = secret ?? stored.WebhookSecret;
                return new Decision<StoredConnections, ConnectionPut>.Commit(after, ConnectionPut.Kept);
            },
            0,
            ct);
        return executed.Answer;
    }

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
