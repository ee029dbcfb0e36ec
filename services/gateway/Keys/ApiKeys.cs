using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Pennypost.Gateway.Stored;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;
using Pennypost.Store;

namespace Pennypost.Gateway.Keys;

/// <summary>The API keys of every tenant, in the tenant's partition, as keyed hashes.</summary>
internal sealed class ApiKeys(TenantBook tenants, KeyUses uses, IOptions<GatewayOptions> options)
{
    public const int MaxKeys = 200;

    private readonly byte[] hashKey = Encoding.UTF8.GetBytes(options.Value.KeyHashSecret!.Reveal());

    /// <summary>Whose key this is; null if it is nobody's, was revoked, or has expired.</summary>
    public async ValueTask<Caller?> FindAsync(ApiKeyText key, CancellationToken cancellationToken)
    {
        var tenant = await tenants.FindAsync(key.Tenant, cancellationToken);
        var (hash, now) = (Hash(key), tenant.Now.ToUnixTimeMilliseconds());
        Caller? found = null;
        foreach (var stored in tenant.Stored?.Keys ?? [])
        {
            // All are compared, in constant time each: the time taken tells nothing about a hash.
            var isCurrent = CryptographicOperations.FixedTimeEquals(stored.Hash.Span, hash);
            var isPrevious = CryptographicOperations.FixedTimeEquals(stored.PreviousHash.Span, hash) && now < stored.PreviousUntilUnixMs;
            if ((isCurrent || isPrevious) && stored.KeyId == key.KeyId && stored.IsValid(now))
                found = new Caller(key.Tenant, CallerKind.ApiKey, key.KeyId, stored.Scopes.ToFrozenSet(StringComparer.Ordinal));
        }
        if (found is not null) uses.Note(found, now);
        return found;
    }

    /// <summary>The caller's own key, without when it was last used.</summary>
    public async ValueTask<ApiKey?> OwnAsync(Caller caller, CancellationToken cancellationToken)
    {
        var tenant = await tenants.FindAsync(caller.Tenant, cancellationToken);
        return tenant.Stored?.Keys.FirstOrDefault(key => key.KeyId == caller.KeyId)?.Shown(tenant.Now);
    }

    /// <summary>Keeps a key's hash. The same key again changes nothing. A tenant of this id is there afterwards.</summary>
    public Task<KeyKept> KeepAsync(ApiKeyText key, string displayName, IReadOnlyList<string> scopes, CancellationToken cancellationToken, DateTimeOffset? expireTime = null, long callsPerDay = 0)
    {
        var hash = ByteString.CopyFrom(Hash(key));
        return tenants.DecideAsync<KeyKept>(key.Tenant, view =>
        {
            var tenant = view.Head ?? new StoredTenant { Version = 1, CreateTimeUnixMs = view.Now.ToUnixTimeMilliseconds() };
            if (tenant.Keys.FirstOrDefault(existing => existing.KeyId == key.KeyId) is { } known)
                return new Decision<StoredTenant, KeyKept>.Answer(new KeyKept.Kept(known.Shown(view.Now)));
            if (tenant.Keys.Count >= MaxKeys) return new Decision<StoredTenant, KeyKept>.Answer(new KeyKept.TooMany());
            if (expireTime <= view.Now) return new Decision<StoredTenant, KeyKept>.Answer(new KeyKept.ExpiresInThePast());
            var stored = new StoredKey
            {
                KeyId = key.KeyId,
                DisplayName = displayName,
                Scopes = { scopes },
                Hash = hash,
                CreateTimeUnixMs = view.Now.ToUnixTimeMilliseconds(),
                ExpireTimeUnixMs = expireTime?.ToUnixTimeMilliseconds() ?? 0,
                CallsPerDay = callsPerDay,
            };
            return new Decision<StoredTenant, KeyKept>.Commit(new StoredTenant(tenant) { Keys = { stored } }, new KeyKept.Kept(stored.Shown(view.Now)));
        }, cancellationToken);
    }

    /// <summary>Every key of the tenant, oldest first; null if there is no such tenant.</summary>
    public async Task<IReadOnlyList<ApiKey>?> ListAsync(string tenantId, CancellationToken cancellationToken)
    {
        var (read, used) = (await tenants.FindAsync(tenantId, cancellationToken), await uses.ReadAsync(tenantId, cancellationToken));
        return read.Stored is null ? null : [.. read.Stored.Keys.Select(key => key.Shown(read.Now, used.GetValueOrDefault(key.KeyId)))];
    }

    /// <summary>One key; null if the tenant has none of this id.</summary>
    public async Task<ApiKey?> FindAsync(string tenantId, string keyId, CancellationToken cancellationToken) =>
        (await ListAsync(tenantId, cancellationToken))?.FirstOrDefault(key => key.KeyId == keyId);

    /// <summary>Puts a new text in the place of a key's, and keeps the old one valid for a while.</summary>
    public Task<KeyRotated> RotateAsync(ApiKeyText text, TimeSpan overlap, CancellationToken cancellationToken)
    {
        var hash = ByteString.CopyFrom(Hash(text));
        return tenants.DecideAsync<KeyRotated>(text.Tenant, view =>
        {
            var head = view.Head?.Clone();
            var now = view.Now.ToUnixTimeMilliseconds();
            if (head?.Keys.FirstOrDefault(key => key.KeyId == text.KeyId) is not { } stored) return new Decision<StoredTenant, KeyRotated>.Answer(new KeyRotated.NotFound());
            // Decided again after it was committed.
            if (stored.Hash == hash) return new Decision<StoredTenant, KeyRotated>.Answer(new KeyRotated.Rotated(stored.Shown(view.Now)));
            if (!stored.IsValid(now)) return new Decision<StoredTenant, KeyRotated>.Answer(new KeyRotated.NotValid());
            (stored.PreviousHash, stored.PreviousUntilUnixMs) = overlap > TimeSpan.Zero ? (stored.Hash, now + (long)overlap.TotalMilliseconds) : (ByteString.Empty, 0);
            (stored.Hash, stored.RotateTimeUnixMs) = (hash, now);
            return new Decision<StoredTenant, KeyRotated>.Commit(head, new KeyRotated.Rotated(stored.Shown(view.Now)));
        }, cancellationToken);
    }

    /// <summary>Revokes a key; null if the tenant has none of this id. Again changes nothing.</summary>
    public Task<ApiKey?> RevokeAsync(string tenantId, string keyId, CancellationToken cancellationToken) =>
        tenants.DecideAsync<ApiKey?>(tenantId, view =>
        {
            var head = view.Head?.Clone();
            if (head?.Keys.FirstOrDefault(key => key.KeyId == keyId) is not { } stored) return new Decision<StoredTenant, ApiKey?>.Answer(null);
            if (stored.RevokeTimeUnixMs != 0) return new Decision<StoredTenant, ApiKey?>.Answer(stored.Shown(view.Now));
            stored.RevokeTimeUnixMs = view.Now.ToUnixTimeMilliseconds();
            return new Decision<StoredTenant, ApiKey?>.Commit(head, stored.Shown(view.Now));
        }, cancellationToken);

    private byte[] Hash(ApiKeyText key) => HMACSHA256.HashData(hashKey, Encoding.UTF8.GetBytes(key.Text.Reveal()));
}

/// <summary>The answer to keeping a key.</summary>
internal abstract record KeyKept
{
    private KeyKept() { }

    /// <summary>It is kept, now or since earlier.</summary>
    public sealed record Kept(ApiKey Key) : KeyKept;

    /// <summary>The tenant has all the keys it may have.</summary>
    public sealed record TooMany : KeyKept;

    /// <summary>It would never be valid.</summary>
    public sealed record ExpiresInThePast : KeyKept;
}

/// <summary>The answer to giving a key a new text.</summary>
internal abstract record KeyRotated
{
    private KeyRotated() { }

    /// <summary>The new text is valid.</summary>
    public sealed record Rotated(ApiKey Key) : KeyRotated;

    /// <summary>The tenant has no key of this id.</summary>
    public sealed record NotFound : KeyRotated;

    /// <summary>It was revoked, or has expired.</summary>
    public sealed record NotValid : KeyRotated;
}
