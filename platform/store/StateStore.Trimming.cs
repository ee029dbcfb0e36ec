namespace Pennypost.Store;

/// <summary>How a trim ended.</summary>
public enum TrimOutcome
{
    /// <summary>The journal begins after the number asked for.</summary>
    Trimmed,

    /// <summary>Some of it was not relayed yet: it stays, from there on.</summary>
    NotRelayed,
}

/// <summary>Letting go of the oldest entries of a partition's journal. What remains is chained to them as before: the link where it begins is kept.</summary>
public sealed partial class StateStore
{
    private const int TrimPage = 500;

    /// <summary>Where the partition's journal begins: the last entry that was let go of, or <see cref="JournalLink.Start"/>.</summary>
    public async Task<JournalLink> JournalStartAsync(PartitionId partition, CancellationToken ct)
    {
        await OpenAsync(ct);
        return (await Guard(_backend.TrimmedAsync(partition.ShardOf(_options.Shards), partition))).Link;
    }

    /// <summary>Whether every entry up to this one was published by the relay.</summary>
    public async Task<bool> IsRelayedAsync(PartitionId partition, long number, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        await OpenAsync(ct);
        var shard = partition.ShardOf(_options.Shards);
        var cursor = await Guard(_backend.RelayCursorAsync(shard));
        var batches = await Guard(_backend.JournalAsync(shard, partition, number, 1));
        return batches.Count > 0 && batches[0].Sequence <= cursor;
    }

    /// <summary>
    /// Lets go of the partition's entries up to and including a number, which must be the last of a commit, some hundred commits at a time from the oldest on: wherever it is interrupted, what remains is whole,
    /// and the same call again goes on. The chain is checked on the way. Only entries of this partition go, and only what was relayed.
    /// </summary>
    /// <param name="partition">Whose journal.</param>
    /// <param name="upTo">The last entry that goes.</param>
    /// <param name="ct">Ends it between two steps.</param>
    /// <exception cref="JournalBrokenException">What would go is not what was written.</exception>
    /// <exception cref="ArgumentException">The number is not the last of a commit.</exception>
    public async Task<TrimOutcome> TrimJournalAsync(PartitionId partition, long upTo, CancellationToken ct)
    {
        await OpenAsync(ct);
        var shard = partition.ShardOf(_options.Shards);
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            var start = await Guard(_backend.TrimmedAsync(shard, partition));
            if (start.Link.Number >= upTo)
                return TrimOutcome.Trimmed;
            var (next, sequences, wrong) = (start, new List<long>(), default(string));
            foreach (var batch in (await Guard(_backend.JournalAsync(shard, partition, start.Link.Number + 1, TrimPage))).Take(TrimPage))
            {
                if (next.Link.Number == upTo)
                    break;
                wrong = Journal.Check(partition, batch.Bytes, next.Link.Hash.Span, next.Link.Number + 1, out var following);
                if (wrong is not null)
                    break;
                if (following - 1 > upTo)
                    throw new ArgumentException($"Entry {upTo} is not the last of its commit.", nameof(upTo));
                next = new JournalTrim(new JournalLink(following - 1, Journal.HashOf(batch.Bytes)), batch.Sequence);
                sequences.Add(batch.Sequence);
            }

            if (wrong is null && sequences.Count > 0)
            {
                if (await Guard(_backend.TrimAsync(shard, partition, start, next, sequences)) == TrimReply.NotRelayed)
                    return TrimOutcome.NotRelayed;
                continue;
            }

            // Where somebody else was faster, it is looked at again.
            if (await BrokenOrTrimmedAsync(partition, next.Link.Number + 1, wrong ?? "it is not there", ct) is JournalBrokenException broken)
                throw broken;
        }
    }

    /// <summary>Whether one of the partitions that matter let go of something behind this place of the shard's journal.</summary>
    internal async Task<bool> WasTrimmedBehindAsync(int shard, long sequence, Predicate<PartitionId> matters)
    {
        for (var offset = 0; ; offset += TrimPage)
        {
            var keys = await Guard(_backend.TrimmedBehindAsync(shard, sequence, offset, TrimPage));
            if (keys.Any(key => matters(PartitionId.Parse(key))))
                return true;
            if (keys.Count < TrimPage)
                return false;
        }
    }
}
