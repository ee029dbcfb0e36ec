using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Pennypost.Store;

/// <summary>Where state is kept.</summary>
public enum StoreBackend
{
    /// <summary>Embedded: one file per service, or memory.</summary>
    Sqlite,

    /// <summary>Redis 7 or later, single, replicated or Cluster; <c>appendonly yes</c> with <c>appendfsync always</c> for money.</summary>
    Redis,
}

/// <summary>Configuration section <c>Store</c>.</summary>
public sealed class StoreOptions : IValidatableObject
{
    /// <summary>The section's name.</summary>
    public const string Section = "Store";

    /// <summary>SQLite unless told otherwise: nothing to install.</summary>
    public StoreBackend Backend { get; set; } = StoreBackend.Sqlite;

    /// <summary>SQLite: a folder (each service keeps <c>{name}.db</c> in it), a file, or <c>:memory:</c>.</summary>
    public string Path { get; set; } = ":memory:";

    /// <summary>Redis: as StackExchange.Redis reads it, such as <c>redis-1:6379,redis-2:6379,user=pennypost,password=...</c>.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Set in front of the service's name in keys, so that installations can share a Redis: <c>[A-Za-z0-9_-]{0,32}</c>.</summary>
    [RegularExpression("[A-Za-z0-9_-]{0,32}")]
    public string Prefix { get; set; } = "pennypost";

    /// <summary>Fixed when the store is created; opening it with another number is refused.</summary>
    [Range(1, 4096)]
    public int Shards { get; set; } = 16;

    /// <summary>The most commands that one commit of a shard holds.</summary>
    [Range(1, 10_000)]
    public int MaxBatch { get; set; } = 512;

    /// <summary>The most commands that wait for one shard; beyond it they are shed.</summary>
    [Range(1, 1_000_000)]
    public int MaxQueue { get; set; } = 8_192;

    /// <summary>How often a command is decided again after conflicts, unknown outcomes or a refused clock before it is given up; after the third time with pauses of up to 20 ms.</summary>
    [Range(1, 100)]
    public int MaxTries { get; set; } = 50;

    /// <summary>How long one call of the store may take. A commit that takes longer has an unknown outcome.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long the first connection may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A commit whose time is further than this from the store's is refused.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ClockTolerance { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>About how much memory heads and records may take in this process.</summary>
    [Range(1L << 20, 1L << 40)]
    public long CacheBytes { get; set; } = 256L << 20;

    /// <summary>How long a relay may be silent before another takes its shard over. Real time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan RelayLease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often an idle relay looks for entries that another process left; jittered by half.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan RelayPoll { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often whoever follows the journal looks for what another process appended, while anybody does. What this process appends is told at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan FollowPoll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The most journal batches (commits of one partition) that one publish holds.</summary>
    [Range(1, 10_000)]
    public int RelayBatch { get; set; } = 128;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Backend == StoreBackend.Redis && string.IsNullOrWhiteSpace(ConnectionString))
            yield return new ValidationResult("Store:ConnectionString is needed for the Redis backend, such as 'localhost:6379'.", [nameof(ConnectionString)]);
        if (Backend == StoreBackend.Sqlite && string.IsNullOrWhiteSpace(Path))
            yield return new ValidationResult("Store:Path is needed for the SQLite backend: a folder, a file, or ':memory:'.", [nameof(Path)]);
        if (!Enum.IsDefined(Backend))
            yield return new ValidationResult("Store:Backend must be Sqlite or Redis.", [nameof(Backend)]);
    }

    /// <summary>Throws with every violation at once.</summary>
    internal void Check()
    {
        var violations = new List<ValidationResult>();
        if (!Validator.TryValidateObject(this, new ValidationContext(this), violations, validateAllProperties: true))
            throw new OptionsValidationException(Section, typeof(StoreOptions), violations.Select(violation => violation.ErrorMessage!));
    }
}
