namespace Pennypost.Store;

/// <summary>The store could not do its part. None of these says that a command was refused by a rule: those are answers.</summary>
public abstract class StoreException : Exception
{
    private protected StoreException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}

/// <summary>The shard's queue is full: nothing was done. Hosts answer RESOURCE_EXHAUSTED; try again after a moment.</summary>
public sealed class StoreBusyException : StoreException
{
    internal StoreBusyException(int shard, int limit)
        : base($"Shard {shard} has {limit} commands waiting already; this one was not taken.", null)
    {
    }
}

/// <summary>The store cannot be reached, cannot write, or did not settle in time. Hosts answer UNAVAILABLE; the same ids may be sent again.</summary>
public sealed class StoreUnavailableException : StoreException
{
    internal StoreUnavailableException(string message, bool outcomeUnknown, Exception? inner)
        : base(message, inner) => OutcomeUnknown = outcomeUnknown;

    /// <summary>True when the commit was sent and nobody knows whether it arrived; false when nothing was done.</summary>
    public bool OutcomeUnknown { get; }
}

/// <summary>
/// The store holds an older state of the partition than was acknowledged: it was restored from a snapshot, or a failover lost writes. The partition stays closed
/// until an operator accepts what is there with <see cref="StateStore.AcceptRewindAsync"/>. Hosts answer FAILED_PRECONDITION with STORE_REWOUND.
/// </summary>
public sealed class StoreRewoundException : StoreException
{
    internal StoreRewoundException(PartitionId partition, long expectedVersion, long foundVersion)
        : base(
            $"{partition} is at version {foundVersion} in the store, but version {expectedVersion} was acknowledged: the store was set back. It stays closed until the rewind is accepted.",
            null) =>
        (Partition, ExpectedVersion, FoundVersion) = (partition, expectedVersion, foundVersion);

    /// <summary>The partition that went back.</summary>
    public PartitionId Partition { get; }

    /// <summary>The version that was acknowledged, here or by the peer that passed it on.</summary>
    public long ExpectedVersion { get; }

    /// <summary>The version that the store holds.</summary>
    public long FoundVersion { get; }
}

/// <summary>
/// What the store holds for a partition is not what was written: a bit turned over, or the end is missing. Nothing is decided on it; other partitions go on. It is to be restored from a replica or a backup.
/// Hosts answer INTERNAL.
/// </summary>
public sealed class StoreDamagedException : StoreException
{
    internal StoreDamagedException(PartitionId partition, string what)
        : base($"What is stored of {partition} is damaged: {what}. It stays closed until it is restored.", null) => Partition = partition;

    /// <summary>The partition that cannot be read.</summary>
    public PartitionId Partition { get; }
}

/// <summary>The writer's clock and the store's stayed more than the tolerance apart: nothing was done. Hosts answer UNAVAILABLE.</summary>
public sealed class StoreClockException : StoreException
{
    internal StoreClockException(TimeSpan skew)
        : base($"This process and the store disagree about the time by {skew.TotalSeconds:0.0} s, after asking again: nothing was committed.", null) => Skew = skew;

    /// <summary>Writer minus store.</summary>
    public TimeSpan Skew { get; }
}

/// <summary>The store cannot be opened as configured: another number of shards, or bytes of a newer version.</summary>
public sealed class StoreMismatchException : StoreException
{
    internal StoreMismatchException(string message)
        : base(message, null)
    {
    }
}
