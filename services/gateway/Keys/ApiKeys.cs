using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using Pennypost.Gateway.Stored;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;
using Pennypost.Store;

namespace Pennypost.Gateway.Keys;

/// <summary>
/// The API keys of every tenant, in the tenant's partition, as keyed hashes. What is cached is at most half a second old, so that a revoked key
/// is refused within a second on every instance.
/// </summary>
internal sealed class ApiKeys(StateStore store, IOptions<GatewayOptions> options, TimeProvider time)
{
    public const int MaxKeys = 200;
    private const int MaxCachedTenants = 10_000;
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(500);
    private static readonly HeadCodec<StoredTenant> Codec = HeadCodec.Message(StoredTenant.Parser);

    private readonly byte[] hashKey = Encoding.UTF8.GetBytes(options.Value.KeyHashSecret!.Reveal());
    private readonly ConcurrentDictionary<string, (long At, StoredTenant? Tenant)> cache = new(StringComparer.Ordinal);

    /// <summary>Whose key this is; null if it is nobody's, or revoked.</summary>
    public async ValueTask<Caller?> FindAsync(ApiKeyText key, CancellationToken cancellationToken)
    {
        var tenant = await TenantAsync(key.Tenant, cancellationToken);
        var hash = Hash(key);
        Caller? found = null;
        foreach (var stored in tenant?.Keys ?? [])
        {
            // All are compared, in constant time each: the time taken tells nothing about a hash.
            if (CryptographicOperations.FixedTimeEquals(stored.Hash.Span, hash) && stored.KeyId == key.KeyId && stored.RevokeTimeUnixMs == 0)
                found = new Caller(key.Tenant, CallerKind.ApiKey, key.KeyId, stored.Scopes.ToFrozenSet(StringComparer.Ordinal));
        }
        return found;
    }

    /// <summary>Keeps a key's hash. The same key again changes nothing.</summary>
    public async Task<KeyKept> KeepAsync(ApiKeyText key, string displayName, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        var hash = ByteString.CopyFrom(Hash(key));
        var kept = await store.ExecuteAsync<StoredTenant, KeyKept>(Partition(key.Tenant), Codec, RecordKeys.None, view =>
        {
            var tenant = view.Head ?? new StoredTenant { Version = 1 };
            if (tenant.Keys.FirstOrDefault(existing => existing.KeyId == key.KeyId) is { } known)
                return new Decision<StoredTenant, KeyKept>.Answer(new KeyKept.Kept(Public(known)));
            if (tenant.Keys.Count >= MaxKeys) return new Decision<StoredTenant, KeyKept>.Answer(new KeyKept.TooMany());
            var stored = new StoredKey { KeyId = key.KeyId, DisplayName = displayName, Scopes = { scopes }, Hash = hash, CreateTimeUnixMs = view.Now.ToUnixTimeMilliseconds() };
            return new Decision<StoredTenant, KeyKept>.Commit(new StoredTenant(tenant) { Keys = { stored } }, new KeyKept.Kept(Public(stored))) { Entries = [Entry("key.created", key.KeyId)] };
        }, 0, cancellationToken);
        cache.TryRemove(key.Tenant, out _);
        return kept.Answer;
    }

    /// <summary>Every key of the tenant, oldest first.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(string tenant, CancellationToken cancellationToken)
    {
        var read = await store.ReadAsync(Partition(tenant), Codec, [], 0, cancellationToken);
        return [.. (read.Head?.Keys ?? []).Select(Public)];
    }

    /// <summary>Revokes a key; null if the tenant has none of this id. Again changes nothing.</summary>
    public async Task<ApiKey?> RevokeAsync(string tenant, string keyId, CancellationToken cancellationToken)
    {
        var revoked = await store.ExecuteAsync<StoredTenant, ApiKey?>(Partition(tenant), Codec, RecordKeys.None, view =>
        {
            var index = (view.Head?.Keys ?? []).Select(key => key.KeyId).ToList().IndexOf(keyId);
            if (index < 0) return new Decision<StoredTenant, ApiKey?>.Answer(null);
            if (view.Head!.Keys[index].RevokeTimeUnixMs != 0) return new Decision<StoredTenant, ApiKey?>.Answer(Public(view.Head.Keys[index]));
            var head = view.Head.Clone();
            head.Keys[index].RevokeTimeUnixMs = view.Now.ToUnixTimeMilliseconds();
            return new Decision<StoredTenant, ApiKey?>.Commit(head, Public(head.Keys[index])) { Entries = [Entry("key.revoked", keyId)] };
        }, 0, cancellationToken);
        cache.TryRemove(tenant, out _);
        return revoked.Answer;
    }

    private async ValueTask<StoredTenant?> TenantAsync(string tenant, CancellationToken cancellationToken)
    {
        if (cache.TryGetValue(tenant, out var known) && time.GetElapsedTime(known.At) < Freshness) return known.Tenant;
        var at = time.GetTimestamp();
        var read = await store.ReadAsync(Partition(tenant), Codec, [], 0, cancellationToken);
        // Made-up tenants must not fill the memory.
        if (cache.Count >= MaxCachedTenants) cache.Clear();
        cache[tenant] = (at, read.Head);
        return read.Head;
    }

    private byte[] Hash(ApiKeyText key) => HMACSHA256.HashData(hashKey, Encoding.UTF8.GetBytes(key.Text.Reveal()));

    private static PartitionId Partition(string tenant) => new("tenant", tenant, "_");

    private static JournalEntry Entry(string type, string keyId) => new(type, new StoredKey { KeyId = keyId }.ToByteArray());

    private static ApiKey Public(StoredKey stored) => new()
    {
        KeyId = stored.KeyId,
        DisplayName = stored.DisplayName,
        Scopes = { stored.Scopes },
        CreateTime = At(stored.CreateTimeUnixMs),
        RevokeTime = stored.RevokeTimeUnixMs == 0 ? null : At(stored.RevokeTimeUnixMs),
    };

    private static Timestamp At(long unixMs) => Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(unixMs));
}

/// <summary>The answer to keeping a key.</summary>
internal abstract record KeyKept
{
    private KeyKept() { }

    /// <summary>It is kept, now or since earlier.</summary>
    public sealed record Kept(ApiKey Key) : KeyKept;

    /// <summary>The tenant has all the keys it may have.</summary>
    public sealed record TooMany : KeyKept;
}
