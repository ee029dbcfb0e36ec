using System.Security.Cryptography;
using Google.Protobuf;
using Pennypost.Store.Stored;

namespace Pennypost.Store;

/// <summary>One line of the journal as it was committed.</summary>
/// <param name="Partition">Whose it is.</param>
/// <param name="Number">1, 2, 3, ... within the partition, without gaps.</param>
/// <param name="Shard">Its shard.</param>
/// <param name="Sequence">Its commit's place in the shard's journal: rises, and is shared by the entries of one commit.</param>
/// <param name="Time">The time that the commit was decided with, UTC.</param>
/// <param name="Type">What happened.</param>
/// <param name="Payload">A versioned message of the owner.</param>
public sealed record JournaledEntry(PartitionId Partition, long Number, int Shard, long Sequence, DateTimeOffset Time, string Type, ReadOnlyMemory<byte> Payload);

/// <summary>Some of a partition's journal.</summary>
/// <param name="Entries">In order of their numbers.</param>
/// <param name="NextNumber">Where the next page begins; null when this was the last.</param>
public sealed record JournalPage(IReadOnlyList<JournaledEntry> Entries, long? NextNumber);

/// <summary>Some of a shard's journal: all its partitions, in the order of their commits.</summary>
/// <param name="Entries">Whole commits.</param>
/// <param name="NextSequence">The cursor for the next page.</param>
/// <param name="More">False when this page reached the end.</param>
public sealed record ShardJournalPage(IReadOnlyList<JournaledEntry> Entries, long NextSequence, bool More);

/// <summary>What recomputing a partition's chain of hashes found.</summary>
public abstract record JournalVerification
{
    private JournalVerification() { }

    /// <summary>Every entry is the one that was committed, and none is missing.</summary>
    /// <param name="Entries">How many.</param>
    /// <param name="Hash">The last link: keep it elsewhere, and nobody can rewrite history unseen.</param>
    public sealed record Intact(long Entries, ReadOnlyMemory<byte> Hash) : JournalVerification;

    /// <summary>The journal was changed from this entry on.</summary>
    /// <param name="Number">Number of the first entry that cannot be trusted.</param>
    /// <param name="What">What is wrong, in a sentence.</param>
    public sealed record Broken(long Number, string What) : JournalVerification;

    /// <summary>The partition's state, which says how the journal ends, was changed.</summary>
    /// <param name="What">What is wrong, in a sentence.</param>
    public sealed record StateDamaged(string What) : JournalVerification;
}

/// <summary>How journal batches are chained, packed and read.</summary>
internal static class Journal
{
    public const int HashLength = 32;

    /// <summary>
    /// Packs a batch: hash(previous hash, body), then the body.
    /// </summary>
    public static byte[] Pack(PartitionId partition, ReadOnlyMemory<byte> previousHash, long firstNumber, long timeMs, List<JournalEntry> entries)
    {
        var batch = new StoredJournalBatch { Partition = partition.Key, FirstNumber = firstNumber, TimeUnixMs = timeMs };
        batch.Entries.Capacity = entries.Count;
        foreach (var entry in entries)
            batch.Entries.Add(new StoredJournalEntry { Type = entry.Type, Payload = UnsafeByteOperations.UnsafeWrap(entry.Payload) });
        var bytes = new byte[HashLength + batch.CalculateSize()];
        batch.WriteTo(bytes.AsSpan(HashLength));
        // The previous hash stands where the new one will: one contiguous span to hash, no copy. Before the first entry it is 32 zeros.
        previousHash.Span.CopyTo(bytes);
        Span<byte> hash = stackalloc byte[HashLength];
        SHA256.HashData(bytes, hash);
        hash.CopyTo(bytes);
        return bytes;
    }

    public static ReadOnlyMemory<byte> HashOf(byte[] packed) => packed.AsMemory(0, HashLength);

    public static StoredJournalBatch Body(byte[] packed) => StoredJournalBatch.Parser.ParseFrom(packed, HashLength, packed.Length - HashLength);

    public static bool BelongsTo(byte[] packed, PartitionId partition)
    {
        try
        {
            return packed.Length > HashLength && Body(packed).Partition == partition.Key;
        }
        catch (InvalidProtocolBufferException)
        {
            // Damaged beyond reading: whose it was shows as a gap in the numbers.
            return false;
        }
    }

    public static void Unpack(StoredBatch stored, int shard, List<JournaledEntry> into)
    {
        var body = Body(stored.Bytes);
        var partition = PartitionId.Parse(body.Partition);
        var time = DateTimeOffset.FromUnixTimeMilliseconds(body.TimeUnixMs);
        for (var index = 0; index < body.Entries.Count; index++)
            into.Add(new JournaledEntry(partition, body.FirstNumber + index, shard, stored.Sequence, time, body.Entries[index].Type, body.Entries[index].Payload.Memory));
    }

    /// <summary>One step of verification: null when the batch follows on, else what is wrong.</summary>
    public static string? Check(PartitionId partition, byte[] packed, ReadOnlySpan<byte> previousHash, long expectedNumber, out long nextNumber)
    {
        nextNumber = expectedNumber;
        if (packed.Length <= HashLength)
            return "the batch is cut short";
        var linked = packed.ToArray();
        previousHash.CopyTo(linked);
        if (!SHA256.HashData(linked).AsSpan().SequenceEqual(packed.AsSpan(0, HashLength)))
            return "the hash does not match the entries and the hash before them";
        var body = Body(packed);
        if (body.Partition != partition.Key)
            return $"the batch belongs to {body.Partition}";
        if (body.FirstNumber != expectedNumber)
            return $"the entries are numbered from {body.FirstNumber}, not from {expectedNumber}";
        nextNumber = expectedNumber + body.Entries.Count;
        return null;
    }
}
