using System.Collections.Concurrent;
using Pennypost.Gateway.Stored;
using Pennypost.Store;

namespace Pennypost.Gateway.Keys;

/// <summary>
/// What every call looks at: a tenant's keys and what it may call, kept for half a second. A key that is revoked, or a tenant that is suspended, is refused
/// within a second on every instance.
/// </summary>
internal sealed class TenantBook(StateStore store, TimeProvider time)
{
    private const int MaxCached = 10_000;
    private const string Kind = "tenant";

    // Tenants are the installation's: listed together, each a partition of its own.
    private const string Installation = "_";
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, (long At, KnownTenant Tenant)> cache = new(StringComparer.Ordinal);

    public static readonly HeadCodec<StoredTenant> Codec = HeadCodec.Message(StoredTenant.Parser);

    public static PartitionId Partition(string tenantId) => new(Kind, Installation, tenantId);

    /// <summary>As it was at most half a second ago.</summary>
    public async ValueTask<KnownTenant> FindAsync(string tenantId, CancellationToken cancellationToken)
    {
        if (cache.TryGetValue(tenantId, out var known) && time.GetElapsedTime(known.At) is var age && age < Freshness)
            return known.Tenant with { Now = known.Tenant.Now + age };
        var at = time.GetTimestamp();
        var read = await store.ReadAsync(Partition(tenantId), Codec, [], 0, cancellationToken);
        // Made-up tenants must not fill the memory.
        if (cache.Count >= MaxCached) cache.Clear();
        var found = new KnownTenant(read.Head, read.Now);
        cache[tenantId] = (at, found);
        return found;
    }

    /// <summary>Decides on a tenant. This instance knows of it at once.</summary>
    public async Task<TAnswer> DecideAsync<TAnswer>(string tenantId, Func<PartitionView<StoredTenant>, Decision<StoredTenant, TAnswer>> decide, CancellationToken cancellationToken)
    {
        var executed = await store.ExecuteAsync(Partition(tenantId), Codec, RecordKeys.None, decide, 0, cancellationToken);
        cache.TryRemove(tenantId, out _);
        return executed.Answer;
    }

    /// <summary>A page of all of them, by id.</summary>
    public async Task<(IReadOnlyList<(string TenantId, StoredTenant Tenant)> Tenants, string Next)> ListAsync(int pageSize, string pageToken, CancellationToken cancellationToken)
    {
        var page = await store.ListAsync(Kind, Installation, pageSize, pageToken.Length == 0 ? null : pageToken, cancellationToken);
        var found = await Task.WhenAll(page.Partitions.Select(async partition => (partition.Id, Tenant: (await store.ReadAsync(partition, Codec, [], 0, cancellationToken)).Head)));
        return ([.. found.Where(one => one.Tenant is not null).Select(one => (one.Id, one.Tenant!))], page.NextPageToken ?? "");
    }
}

/// <summary>A tenant as an instance knows it.</summary>
/// <param name="Stored">Null if there is none.</param>
/// <param name="Now">The installation's time.</param>
internal sealed record KnownTenant(StoredTenant? Stored, DateTimeOffset Now)
{
    public bool IsSuspended => Stored is { SuspendTimeUnixMs: not 0 };
}
