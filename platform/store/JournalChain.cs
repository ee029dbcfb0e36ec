namespace Pennypost.Store;

/// <summary>A link of a partition's chain of hashes: the end of one commit.</summary>
/// <param name="Number">Of the commit's last entry; 0 before the first.</param>
/// <param name="Hash">32 bytes; zeros before the first.</param>
public sealed record JournalLink(long Number, ReadOnlyMemory<byte> Hash)
{
    /// <summary>Before the first entry.</summary>
    public static JournalLink Start { get; } = new(0, new byte[Journal.HashLength]);

    /// <summary>Whether both say the same place and the same history.</summary>
    public bool IsSame(JournalLink other) => Number == other.Number && Hash.Span.SequenceEqual(other.Hash.Span);
}

/// <summary>What one commit appended to a partition's journal, as it is chained.</summary>
/// <param name="Entries">In order; at least one.</param>
/// <param name="Body">The bytes that are hashed behind the hash before: a <c>StoredJournalBatch</c> (Stored/journal.proto).</param>
/// <param name="Link">The place after it.</param>
public sealed record JournalBatch(IReadOnlyList<JournaledEntry> Entries, ReadOnlyMemory<byte> Body, JournalLink Link);

/// <summary>A partition's journal is not what was written.</summary>
public sealed class JournalBrokenException : StoreException
{
    /// <param name="partition">Whose journal.</param>
    /// <param name="number">The first entry that cannot be trusted.</param>
    /// <param name="what">What is wrong.</param>
    public JournalBrokenException(PartitionId partition, long number, string what)
        : base($"{partition}: the journal is broken from entry {number} on: {what}.", null) => (Partition, Number, What) = (partition, number, what);

    /// <summary>Whose journal.</summary>
    public PartitionId Partition { get; }

    /// <summary>The first entry that cannot be trusted.</summary>
    public long Number { get; }

    /// <summary>What is wrong.</summary>
    public string What { get; }
}

/// <summary>Entries that were asked for were let go of (<see cref="StateStore.TrimJournalAsync"/>).</summary>
public sealed class JournalTrimmedException : StoreException
{
    internal JournalTrimmedException(PartitionId partition, long firstNumber)
        : base($"{partition}: the journal was trimmed and begins at entry {firstNumber}.", null) => (Partition, FirstNumber) = (partition, firstNumber);

    /// <summary>Whose journal.</summary>
    public PartitionId Partition { get; }

    /// <summary>The first entry that is kept.</summary>
    public long FirstNumber { get; }
}
