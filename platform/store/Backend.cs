using System.Security.Cryptography;

namespace Pennypost.Store;

/// <summary>
/// What an adapter does: read, and commit one shard's batch as a whole, with the fences checked inside. It knows nothing of heads, rules or callers.
/// Every call is bounded in time; one that fails throws <see cref="BackendException"/>.
/// </summary>
internal interface IStoreBackend : IAsyncDisposable
{
    /// <summary>Creates the store or checks that it is the one that is asked for.</summary>
    Task OpenAsync(int shards, CancellationToken ct);

    /// <summary>Each partition as of one moment.</summary>
    Task<LoadReply> LoadAsync(int shard, IReadOnlyList<PartitionLoad> loads);

    /// <summary>Partition by partition all or nothing; either the clock is refused for all of them or each has an outcome of its own.</summary>
    Task<CommitReply> CommitAsync(int shard, ShardCommit commit);

    Task<ClockReading> ReadClockAsync(int shard);

    /// <summary>Raises the shard's offset to at least this.</summary>
    Task<ClockReading> RaiseOffsetAsync(int shard, long offsetMs);

    /// <summary>Ids of listed partitions after <paramref name="after"/>, in order.</summary>
    Task<IReadOnlyList<string>> ListAsync(int shard, string kind, string tenant, string after, int limit);

    Task<RecordPage> RecordsAsync(int shard, PartitionId partition, string prefix, int limit, string? pageToken);

    /// <summary>The batches that hold the partition's entries from <paramref name="fromNumber"/> on: at least one if there is any, at most about <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<StoredBatch>> JournalAsync(int shard, PartitionId partition, long fromNumber, int limit);

    /// <summary>The shard's batches after a sequence number, in order.</summary>
    Task<IReadOnlyList<StoredBatch>> ShardJournalAsync(int shard, long afterSequence, int limit);

    /// <summary>Where the partition's journal begins; <see cref="JournalTrim.None"/> when nothing was let go of.</summary>
    Task<JournalTrim> TrimmedAsync(int shard, PartitionId partition);

    /// <summary>Lets go of these batches of the partition, which are its oldest, if they were relayed and the journal begins where it is thought to.</summary>
    Task<TrimReply> TrimAsync(int shard, PartitionId partition, JournalTrim from, JournalTrim to, IReadOnlyList<long> sequences);

    /// <summary>Keys of partitions whose last batch that went has a later sequence than this, in no particular order.</summary>
    Task<IReadOnlyList<string>> TrimmedBehindAsync(int shard, long sequence, int offset, int limit);

    /// <summary>The last sequence that the shard's relay published.</summary>
    Task<long> RelayCursorAsync(int shard);

    /// <summary>The sequence of the shard's last batch; 0 when there was none yet.</summary>
    Task<long> JournalEndAsync(int shard);

    /// <summary>By priority, within it each tenant the same, beginning with another one at each turn; within these the earliest first. With a limit to how long they were due, only those.</summary>
    Task<IReadOnlyList<DueClaim>> ClaimDueAsync(int shard, int limit, TimeSpan lease, int turn, TimeSpan? dueFor);

    /// <summary>When the shard's next entry becomes claimable, on the installation's clock; never too late, perhaps too early.</summary>
    Task<long?> NextDueAsync(int shard);

    /// <summary>
    /// Takes or keeps the shard's relay lease, moving the cursor first; null when another owner has it. With a limit of 0 nothing is read and the lease is given back.
    /// </summary>
    Task<RelayTurn?> TakeRelayAsync(int shard, string owner, TimeSpan lease, long? advanceTo, int limit);
}

/// <summary>A call of the store that failed.</summary>
internal sealed class BackendException(string message, bool outcomeUnknown, Exception? inner) : Exception(message, inner)
{
    /// <summary>False only when the store itself said no before it wrote anything.</summary>
    public bool OutcomeUnknown { get; } = outcomeUnknown;
}

/// <summary>
/// The version together with a random stamp of the commit that made it. A store that was set back and has since grown to the same version differs in the stamp.
/// </summary>
internal readonly record struct Fence(long Version, ulong Stamp)
{
    public static readonly Fence None;
}

/// <summary>A writer's stamps: from a random start they count on, so that no two writers meet and none costs a system call.</summary>
internal sealed class Stamps
{
    private ulong _last = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    public ulong Next() => ++_last;
}

/// <param name="RealMs">The store's own clock, milliseconds since 1970.</param>
/// <param name="OffsetMs">How far the installation's clock is ahead of it.</param>
internal readonly record struct ClockReading(long RealMs, long OffsetMs)
{
    public long NowMs => RealMs + OffsetMs;
}

/// <param name="Partition">Which.</param>
/// <param name="Known">The fence whose state is known already: the state is left out of the reply when it is still the same. Null: send it.</param>
/// <param name="Records">Keys to read.</param>
internal sealed record PartitionLoad(PartitionId Partition, Fence? Known, IReadOnlyList<string> Records);

/// <param name="State">Null when it is still the known one.</param>
/// <param name="Records">In the order asked; null where there is none.</param>
internal sealed record LoadedPartition(StoredState? State, IReadOnlyList<byte[]?> Records);

internal sealed record LoadReply(ClockReading Clock, IReadOnlyList<LoadedPartition> Partitions);

/// <summary>Everything that one shard commits at once.</summary>
/// <param name="NowMs">The time that it was decided with.</param>
/// <param name="ToleranceMs">How far that may be from the store's.</param>
internal sealed record ShardCommit(long NowMs, long ToleranceMs, IReadOnlyList<PartitionCommit> Partitions);

/// <summary>One partition's part of a shard's commit. Without <see cref="Write"/> only the fence is checked.</summary>
internal sealed record PartitionCommit(PartitionId Partition, Fence Expected, PartitionWrite? Write);

internal sealed class PartitionWrite
{
    public required StoredState Next { get; init; }
    public required bool List { get; init; }
    public required IReadOnlyCollection<string> Absent { get; init; }
    public required IReadOnlyDictionary<string, byte[]?> Records { get; init; }
    public required IReadOnlyCollection<DueChange> Due { get; init; }

    /// <summary>Null when nothing is appended.</summary>
    public required byte[]? Journal { get; init; }

    public required long FirstNumber { get; init; }
}

internal abstract record CommitReply(ClockReading Clock)
{
    /// <summary>The time was too far off; nothing was done.</summary>
    public sealed record ClockRefused(ClockReading Clock) : CommitReply(Clock);

    /// <summary>One outcome per partition, in order.</summary>
    public sealed record Done(ClockReading Clock, IReadOnlyList<PartitionOutcome> Outcomes) : CommitReply(Clock);
}

internal abstract record PartitionOutcome
{
    private PartitionOutcome() { }

    /// <param name="Sequence">Of its journal batch in the shard; 0 when it has none.</param>
    public sealed record Committed(long Sequence) : PartitionOutcome;

    /// <summary>The fence does not match: this is what is there.</summary>
    public sealed record Conflict(StoredState State) : PartitionOutcome;

    /// <summary>The fence matches, but records that were taken as absent are there.</summary>
    public sealed record Exists(IReadOnlyList<KeyValuePair<string, byte[]>> Records) : PartitionOutcome;
}

/// <param name="Sequence">Its place in the shard's journal.</param>
/// <param name="Bytes">Hash and body.</param>
internal sealed record StoredBatch(long Sequence, byte[] Bytes);

/// <param name="Link">The last entry that was let go of.</param>
/// <param name="Sequence">Of its batch; 0 when there is none.</param>
internal sealed record JournalTrim(JournalLink Link, long Sequence)
{
    public static JournalTrim None { get; } = new(JournalLink.Start, 0);
}

internal enum TrimReply
{
    Done,
    NotRelayed,

    /// <summary>The journal begins elsewhere: somebody else trims it too.</summary>
    Moved,
}

/// <param name="Cursor">The last sequence that was published.</param>
/// <param name="Batches">What comes after it. The lease is kept only while there are any.</param>
internal sealed record RelayTurn(long Cursor, IReadOnlyList<StoredBatch> Batches);
