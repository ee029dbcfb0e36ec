namespace Pennypost.Store;

/// <summary>
/// What a command wants, after it looked at its partition: a closed family. A decision is a value; nothing has happened until the store confirmed it.
/// </summary>
/// <typeparam name="THead">The partition's head: an immutable document.</typeparam>
/// <typeparam name="TAnswer">What the caller is told.</typeparam>
public abstract record Decision<THead, TAnswer>
    where THead : class
{
    private Decision() { }

    /// <summary>Nothing changes. The answer is given once the store confirmed that what was looked at is still current.</summary>
    public sealed record Answer(TAnswer Value) : Decision<THead, TAnswer>;

    /// <summary>All of it happens, or nothing. The answer is given once the store confirmed it.</summary>
    public sealed record Commit(THead Head, TAnswer Value) : Decision<THead, TAnswer>
    {
        /// <summary>Records written or deleted. At most 1,000 in one commit.</summary>
        public IReadOnlyList<RecordChange> Records { get; init; } = [];

        /// <summary>Appended to the partition's journal, in this order; published by the relay. At most 1,000 in one commit. No personal data: it is never erased.</summary>
        public IReadOnlyList<JournalEntry> Entries { get; init; } = [];

        /// <summary>Due times set or removed. At most 1,000 in one commit.</summary>
        public IReadOnlyList<DueChange> Due { get; init; } = [];

        /// <summary>Whether <see cref="StateStore.ListAsync"/> shows the partition. Looked at when the partition is first written; false saves an index entry each for the millions.</summary>
        public bool Listed { get; init; } = true;
    }

    /// <summary>The decision rests on records that were not asked for: load these and decide again. At most 4 times for one command.</summary>
    public sealed record NeedRecords(IReadOnlyList<string> Keys) : Decision<THead, TAnswer>;
}

/// <summary>One keyed record of a partition, written or deleted. Keys: <c>[A-Za-z0-9_.:/@=+-]{1,200}</c>.</summary>
public abstract record RecordChange
{
    private RecordChange(string key) => Key = key;

    /// <summary>The record's key inside its partition.</summary>
    public string Key { get; }

    /// <summary>Writes the record, whether or not there was one. At most 1 MiB.</summary>
    public sealed record Put(string RecordKey, byte[] Value) : RecordChange(RecordKey);

    /// <summary>Deletes the record, if there is one.</summary>
    public sealed record Delete(string RecordKey) : RecordChange(RecordKey);
}

/// <summary>One line of a partition's journal.</summary>
/// <param name="Type">What happened, such as <c>hold.placed</c>; 1 to 100 characters.</param>
/// <param name="Payload">A versioned message of the owner; at most 64 KiB.</param>
public sealed record JournalEntry(string Type, byte[] Payload)
{
    /// <summary>Whether somebody waits for it on the other side of the relay. One that nobody waits for wakes no relay: it is passed on with the next that does, or at the relay's next look.</summary>
    public bool IsNews { get; init; } = true;
}

/// <summary>A change to the partition's entries in the due index. Keys as for records; they name what is due inside the partition.</summary>
public abstract record DueChange
{
    private DueChange(string key) => Key = key;

    /// <summary>The entry's key inside its partition.</summary>
    public string Key { get; }

    /// <summary>
    /// Sets the entry, replacing an earlier one and ending its lease.
    /// </summary>
    /// <param name="DueKey">The entry's key inside its partition.</param>
    /// <param name="At">When it becomes claimable, on the installation's clock; rounded up to milliseconds.</param>
    /// <param name="Priority">0 (first) to 7 (last): among the due entries of a shard a lower number is claimed first.</param>
    /// <param name="Payload">Handed back with the claim; at most 1 KiB.</param>
    public sealed record Set(string DueKey, DateTimeOffset At, int Priority, byte[] Payload) : DueChange(DueKey);

    /// <summary>Removes the entry, if there is one.</summary>
    public sealed record Remove(string DueKey) : DueChange(DueKey);
}
