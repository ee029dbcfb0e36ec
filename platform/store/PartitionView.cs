namespace Pennypost.Store;

/// <summary>What a command sees of its partition when it decides. Pure input: it does not change while it is looked at.</summary>
public sealed class PartitionView<THead>
    where THead : class
{
    private readonly Turn _turn;
    private readonly RecordKeys _keys;

    internal PartitionView(Turn turn, RecordKeys keys, THead? head, DateTimeOffset now)
    {
        _turn = turn;
        _keys = keys;
        Head = head;
        Now = now;
    }

    /// <summary>The partition that is decided for.</summary>
    public PartitionId Partition => _turn.Partition;

    /// <summary>The head, or null when the partition has never been written.</summary>
    public THead? Head { get; }

    /// <summary>The version that was last committed; 0 when the partition has never been written. Commands decided together share the next one.</summary>
    public long Version => _turn.BaseVersion;

    /// <summary>The installation's time, UTC, in whole milliseconds; never runs backwards for one writer.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>The record's bytes, or null when there is none.</summary>
    /// <exception cref="InvalidOperationException">The record was not asked for: name it in <see cref="RecordKeys"/> or answer <see cref="Decision{THead,TAnswer}.NeedRecords"/> first.</exception>
    public byte[]? Record(string key) =>
        _turn.TryRecord(key, _keys, out var value)
            ? value
            : throw new InvalidOperationException($"Record '{key}' of {Partition} was not loaded: ask for it in RecordKeys, or answer NeedRecords.");

    /// <summary>Whether <see cref="Record"/> may be asked for this key now.</summary>
    public bool IsLoaded(string key) => _turn.TryRecord(key, _keys, out _);
}

/// <summary>The records that a command wants to see, said before it decides so that one read brings them all.</summary>
/// <param name="Load">Read from the store unless they are known already.</param>
/// <param name="ProbablyNew">
/// Ids that are seldom there yet, such as that of a new hold: decided as if absent without reading them first, and checked in the same commit. When one is there after all, or when the
/// decision changes nothing, it is read and the command decides again. It means the same as <paramref name="Load"/> and saves a round trip.
/// </param>
public sealed record RecordKeys(IReadOnlyList<string> Load, IReadOnlyList<string> ProbablyNew)
{
    /// <summary>No records.</summary>
    public static RecordKeys None { get; } = new([], []);

    /// <summary>These, read before the command decides.</summary>
    public static RecordKeys Of(params string[] keys) => new(keys, []);

    /// <summary>This id, expected not to be there yet.</summary>
    public static RecordKeys New(params string[] keys) => new([], keys);
}

/// <summary>An answer, and the version of the partition that it holds for.</summary>
/// <param name="Answer">What the decision said.</param>
/// <param name="Version">Pass it on as <c>minVersion</c>: a store that was set back behind it is noticed and not believed.</param>
/// <param name="Now">The time that it was decided with.</param>
public readonly record struct Executed<TAnswer>(TAnswer Answer, long Version, DateTimeOffset Now);

/// <summary>A partition as the store holds it.</summary>
/// <param name="Head">Null when it has never been written.</param>
/// <param name="Version">0 when it has never been written.</param>
/// <param name="Now">The installation's time.</param>
/// <param name="Records">Those asked for; a key without a record has no entry.</param>
public sealed record PartitionRead<THead>(THead? Head, long Version, DateTimeOffset Now, IReadOnlyDictionary<string, byte[]> Records)
    where THead : class;

/// <summary>Some of a partition's records. They come in no particular order; a record that is written while pages are read may come twice or not at all.</summary>
/// <param name="Records">Key and value; about as many as asked for.</param>
/// <param name="NextPageToken">Null on the last page.</param>
public sealed record RecordPage(IReadOnlyList<KeyValuePair<string, byte[]>> Records, string? NextPageToken);

/// <summary>Some of a tenant's partitions of one kind, by id.</summary>
/// <param name="Partitions">Ordered by id.</param>
/// <param name="NextPageToken">Null on the last page.</param>
public sealed record PartitionPage(IReadOnlyList<PartitionId> Partitions, string? NextPageToken);

/// <summary>An entry of the due index that is ours until the lease ends.</summary>
/// <param name="Partition">Whose it is.</param>
/// <param name="Key">Its key inside the partition.</param>
/// <param name="DueTime">When it became due, on the installation's clock.</param>
/// <param name="Priority">0 (first) to 7 (last).</param>
/// <param name="Payload">As it was set.</param>
/// <param name="LeaseUntil">Real time, without the installation's offset. Afterwards it may be claimed again. It goes only when the partition's next commit replaces or removes it.</param>
public sealed record DueClaim(PartitionId Partition, string Key, DateTimeOffset DueTime, int Priority, byte[] Payload, DateTimeOffset LeaseUntil);
