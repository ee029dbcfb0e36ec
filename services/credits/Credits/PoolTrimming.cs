using System.Security.Cryptography;
using Pennypost.Ledger;
using Pennypost.Store;

namespace Pennypost.Credits;

/// <summary>
/// Lets go of the oldest entries of a pool's journal, once somebody has shown that they have them elsewhere: with the checksum of the export, which is computed again from what is stored. The pool as these
/// entries made it is kept in their place, in a commit with the line that tells of it; only then they go, and the same call again goes on where it was interrupted.
/// </summary>
internal sealed class PoolTrimming(StateStore store, PoolHistory history)
{
    public async Task<Trim> TrimAsync(PartitionId partition, long upTo, byte[] exportHash, string actor, CancellationToken ct)
    {
        if (await history.OpenAsync(partition, 0, ct) is not { } journal) return new Trim.NoSuchPool();
        var checkpoint = journal.Checkpoint;
        if (checkpoint is null || checkpoint.Link.Number != upTo || !checkpoint.ExportHash.AsSpan().SequenceEqual(exportHash))
        {
            if (upTo < journal.FirstNumber) return new Trim.Gone(journal);
            switch (await store.VerifyAsync(partition, ct))
            {
                case JournalVerification.Broken broken: throw new JournalBrokenException(partition, broken.Number, broken.What);
                case JournalVerification.StateDamaged damaged: throw new JournalBrokenException(partition, 1, damaged.What);
            }

            checkpoint = await ReadAsync(journal, upTo, exportHash, ct);
            if (checkpoint is null) return new Trim.NotExported();
            if (!await store.IsRelayedAsync(partition, upTo, ct)) return new Trim.NotRelayed();
            await KeepAsync(partition, checkpoint, actor, ct);
        }

        return await store.TrimJournalAsync(partition, upTo, ct) == TrimOutcome.NotRelayed ? new Trim.NotRelayed() : new Trim.Done(checkpoint);
    }

    /// <summary>The pool as the entries up to this one make it; null when their export has another checksum, or no export can end there.</summary>
    private async Task<Checkpoint?> ReadAsync(PoolJournal journal, long upTo, byte[] exportHash, CancellationToken ct)
    {
        var replay = journal.Replay();
        using var export = new JournalExport(journal.Pool.Id, journal.Start);
        await foreach (var batch in store.ReadChainAsync(journal.Partition, journal.Start, await store.JournalHeadAsync(journal.Partition, ct), ct))
        {
            export.Add(batch);
            export.Drop();
            foreach (var journaled in batch.Entries)
                if (EntryDocument.Read(journaled) is { } line && replay.Add(line) is { } wrong) throw new JournalBrokenException(journal.Partition, journaled.Number, wrong);
            if (batch.Link.Number >= upTo) break;
        }

        return export.Last.Number == upTo && CryptographicOperations.FixedTimeEquals(export.Checksum(), exportHash) && replay.Pool is { } pool
            ? Checkpoint.Of(pool, export.Last, exportHash)
            : null;
    }

    private async Task KeepAsync(PartitionId partition, Checkpoint checkpoint, string actor, CancellationToken ct) => await store.ExecuteAsync<Pool, bool>(
        partition,
        PoolDocument.Codec,
        RecordKeys.Of(Checkpoint.Key),
        view =>
        {
            // Somebody else may have been faster, with the same or with more.
            if (view.Record(Checkpoint.Key) is { } record && Checkpoint.Read(record) is { } kept && kept.Link.Number >= checkpoint.Link.Number) return new Decision<Pool, bool>.Answer(false);
            return new Decision<Pool, bool>.Commit(view.Head!, true) { Records = [new RecordChange.Put(Checkpoint.Key, checkpoint.Write())], Entries = [checkpoint.Line(actor)] };
        },
        0,
        ct);
}

/// <summary>How a trim ended.</summary>
internal abstract record Trim
{
    private Trim() { }

    /// <summary>The journal begins behind this.</summary>
    public sealed record Done(Checkpoint Checkpoint) : Trim;

    /// <summary>There is no such pool.</summary>
    public sealed record NoSuchPool : Trim;

    /// <summary>It was trimmed further, or there with another checksum, before.</summary>
    public sealed record Gone(PoolJournal Journal) : Trim;

    /// <summary>The checksum is not that of an export that ends there.</summary>
    public sealed record NotExported : Trim;

    /// <summary>Not all of it was published yet.</summary>
    public sealed record NotRelayed : Trim;
}
