using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Pennypost.Store;

/// <summary>
/// Names one partition: the unit that has one owner, one version and one journal. Everything inside a partition commits together; nothing commits across two.
/// </summary>
/// <remarks>
/// Ids are checked here once, so that nothing that reaches a key name can hold a separator (<c>:</c>, <c>|</c>), a Redis hash tag (<c>{}</c>), a pattern or a line break.
/// </remarks>
public sealed class PartitionId : IEquatable<PartitionId>
{
    private static readonly SearchValues<char> _kindCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");
    private static readonly SearchValues<char> _idCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>The longest kind, in characters.</summary>
    public const int MaxKindLength = 32;

    /// <summary>The longest tenant, in characters.</summary>
    public const int MaxTenantLength = 64;

    /// <summary>The longest id, in characters: an id of the API (64, hold ids 96) or a keyed hash, with a prefix.</summary>
    public const int MaxIdLength = 128;

    /// <param name="kind">What it is, such as <c>pool</c>: <c>[a-z0-9_]{1,32}</c>.</param>
    /// <param name="tenant">Whose it is: <c>[A-Za-z0-9_-]{1,64}</c>; <c>_</c> for what belongs to the installation.</param>
    /// <param name="id">Which one: <c>[A-Za-z0-9_-]{1,128}</c>; <c>_</c> where a tenant has only one of the kind.</param>
    /// <exception cref="ArgumentException">A part does not have its form; the text names every part that is wrong.</exception>
    public PartitionId(string kind, string tenant, string id)
    {
        if (Violations(kind, tenant, id) is { } violations)
            throw new ArgumentException(violations);
        (Kind, Tenant, Id) = (kind, tenant, id);
        Key = $"{kind}:{tenant}:{id}";
    }

    private PartitionId(string kind, string tenant, string id, string key) => (Kind, Tenant, Id, Key) = (kind, tenant, id, key);

    /// <summary>What it is, such as <c>pool</c>.</summary>
    public string Kind { get; }

    /// <summary>Whose it is.</summary>
    public string Tenant { get; }

    /// <summary>Which one of the tenant's.</summary>
    public string Id { get; }

    /// <summary><c>kind:tenant:id</c>, the same in keys, journals and logs.</summary>
    public string Key { get; }

    /// <summary>Reads a <see cref="Key"/> back; false when it is none.</summary>
    public static bool TryParse(string? key, [NotNullWhen(true)] out PartitionId? partition)
    {
        partition = null;
        var parts = key?.Split(':');
        if (parts is not [var kind, var tenant, var id] || Violations(kind, tenant, id) is not null)
            return false;
        partition = new PartitionId(kind, tenant, id, key!);
        return true;
    }

    internal static PartitionId Parse(string key) =>
        TryParse(key, out var partition) ? partition : throw new InvalidDataException($"The store holds a partition key that is none: '{key}'.");

    /// <summary>The shard it lives on. Stored data rests on this: it never changes.</summary>
    internal int ShardOf(int shards)
    {
        // FNV-1a spreads, the finaliser of MurmurHash3 mixes: neighbouring ids land on different shards.
        var hash = 14695981039346656037UL;
        foreach (var character in Key)
            hash = (hash ^ character) * 1099511628211UL;
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return (int)((hash ^ (hash >> 33)) % (ulong)shards);
    }

    private static string? Violations(string kind, string tenant, string id)
    {
        var kindWrong = !Fits(kind, MaxKindLength, _kindCharacters);
        var tenantWrong = !Fits(tenant, MaxTenantLength, _idCharacters);
        var idWrong = !Fits(id, MaxIdLength, _idCharacters);
        if (!kindWrong && !tenantWrong && !idWrong)
            return null;
        var violations = new List<string>(3);
        if (kindWrong)
            violations.Add($"kind must match [a-z0-9_]{{1,{MaxKindLength}}}");
        if (tenantWrong)
            violations.Add($"tenant must match [A-Za-z0-9_-]{{1,{MaxTenantLength}}}");
        if (idWrong)
            violations.Add($"id must match [A-Za-z0-9_-]{{1,{MaxIdLength}}}");
        return string.Join("; ", violations);
    }

    private static bool Fits(string? text, int maxLength, SearchValues<char> allowed) =>
        text is { Length: > 0 } && text.Length <= maxLength && !text.AsSpan().ContainsAnyExcept(allowed);

    /// <inheritdoc/>
    public bool Equals(PartitionId? other) => other is not null && other.Key == Key;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PartitionId);

    /// <inheritdoc/>
    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Key;
}
