using System.Security.Cryptography;
using Google.Protobuf;
using Pennypost.Credits.Stored;
using Pennypost.Ledger;
using Pennypost.Store;

namespace Pennypost.Credits;

/// <summary>Where a pool's journal was trimmed: what the entries that went had made.</summary>
internal sealed class Checkpoint
{
    /// <summary>The record's key in the pool's partition.</summary>
    public const string Key = "checkpoint";

    /// <summary>What the line of a trim is called in the journal.</summary>
    public const string LineType = "audit.journal_trimmed";

    // As they were written: a later version of this service must not make others of them.
    private readonly byte[] bytes;
    private readonly byte[] hash;

    private Checkpoint(byte[] bytes)
    {
        (this.bytes, hash) = (bytes, SHA256.HashData(bytes));
        var stored = StoredCheckpoint.Parser.ParseFrom(bytes);
        (Pool, Link, ExportHash) = (PoolDocument.Read(stored.Pool), new JournalLink(stored.Sequence, stored.Hash.Memory), stored.ExportSha256.ToByteArray());
    }

    /// <summary>The pool at that place.</summary>
    public Pool Pool { get; }

    /// <summary>The last entry that went, and the chain's hash there.</summary>
    public JournalLink Link { get; }

    /// <summary>SHA-256 of the export that shows what went.</summary>
    public byte[] ExportHash { get; }

    public static Checkpoint Of(Pool pool, JournalLink link, byte[] exportHash) => new(new StoredCheckpoint
    {
        Pool = PoolDocument.Write(pool),
        Sequence = link.Number,
        Hash = ByteString.CopyFrom(link.Hash.Span),
        ExportSha256 = ByteString.CopyFrom(exportHash),
    }.ToByteArray());

    /// <summary>The checkpoint that a record holds; null when the record is not what was written.</summary>
    public static Checkpoint? Read(byte[] record) =>
        record.Length > SHA256.HashSizeInBytes && SHA256.HashData(record.AsSpan(SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(record.AsSpan(0, SHA256.HashSizeInBytes))
            ? new Checkpoint(record[SHA256.HashSizeInBytes..])
            : null;

    /// <summary>The record.</summary>
    public byte[] Write() => [.. hash, .. bytes];

    /// <summary>The line that tells of it, so that it is chained to what follows.</summary>
    public JournalEntry Line(string actor) => new(LineType, new StoredTrim
    {
        Sequence = Link.Number,
        ExportSha256 = ByteString.CopyFrom(ExportHash),
        CheckpointSha256 = ByteString.CopyFrom(hash),
        Actor = actor,
    }.ToByteArray());

    /// <summary>Whether this is the line that told of it.</summary>
    public bool IsToldBy(JournaledEntry line)
    {
        if (line.Type != LineType) return false;
        try
        {
            return StoredTrim.Parser.ParseFrom(line.Payload.Span).CheckpointSha256.Span.SequenceEqual(hash);
        }
        catch (InvalidProtocolBufferException)
        {
            // Damaged: the chain of hashes says so too.
            return false;
        }
    }
}

/// <summary>A pool, and where its journal begins.</summary>
/// <param name="Partition">The pool's.</param>
/// <param name="Pool">As it is stored.</param>
/// <param name="Version">Of that.</param>
/// <param name="Checkpoint">Where the journal was trimmed last; null while it begins at its first entry.</param>
internal sealed record PoolJournal(PartitionId Partition, Pool Pool, long Version, Checkpoint? Checkpoint)
{
    /// <summary>The place before the first kept entry.</summary>
    public JournalLink Start => Checkpoint?.Link ?? JournalLink.Start;

    public long FirstNumber => Start.Number + 1;

    /// <summary>How many of the pool's own lines are kept.</summary>
    public long KeptLines => Pool.Lines - (Checkpoint?.Pool.Lines ?? 0);

    /// <summary>A replay that goes on with the first kept entry.</summary>
    public Replay Replay() => Checkpoint is { } checkpoint ? new Replay(checkpoint.Pool) : new Replay();
}
