using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Pennypost.Credits.V1;
using Pennypost.Store;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Credits;

/// <summary>The open watches of this instance. Each reads the journal at its reader's pace; an instance that has none does nothing for them.</summary>
internal sealed class PoolWatches(StateStore store, IOptions<CreditsOptions> options, TimeProvider time)
{
    private int open;

    public int Limit => options.Value.MaxWatches;

    /// <summary>Tells until the reader leaves. False when too many watch already.</summary>
    /// <param name="tenant">Whose pools.</param>
    /// <param name="poolIds">Which of them; empty for all.</param>
    /// <param name="from">Where to go on; null for now.</param>
    /// <param name="write">Returns when the reader is ready for more.</param>
    /// <param name="ct">The reader left.</param>
    public async Task<bool> TellAsync(string tenant, IReadOnlyCollection<string> poolIds, WatchPosition? from, Func<WatchPoolsResponse, Task> write, CancellationToken ct)
    {
        try
        {
            if (Interlocked.Increment(ref open) > Limit) return false;
            await FollowAsync(tenant, poolIds.ToFrozenSet(StringComparer.Ordinal), from, write, ct);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    }

    private async Task FollowAsync(string tenant, FrozenSet<string> poolIds, WatchPosition? from, Func<WatchPoolsResponse, Task> write, CancellationToken ct)
    {
        var pools = poolIds.Count == 0 ? null : poolIds.Select(id => PoolBook.Partition(tenant, id)).ToList();
        // What was told in part is told to its end before anything else, so that one part is all that a position has to say.
        using var follower = await store.FollowAsync(from?.Sequences, pools, IsWatched, from is { Told: > 0 } ? from.Shard : null, ct);
        var position = from ?? new WatchPosition([.. follower.Positions], 0, 0);
        await write(new WatchPoolsResponse { ResumeToken = position.ToToken() });
        var written = time.GetTimestamp();
        while (true)
        {
            var left = options.Value.WatchHeartbeat - time.GetElapsedTime(written);
            if (left > TimeSpan.Zero && await follower.NextAsync(left, ct) is { } page)
            {
                if (position.Told > 0 && page.Entries[0].Shard != position.Shard) throw new JournalPositionException(position.Shard, position.Sequences[position.Shard]);
                foreach (var (line, then) in After(position, page))
                {
                    position = then;
                    if (!IsWatched(line.Partition)) continue;
                    await write(new WatchPoolsResponse { Event = Told(line), ResumeToken = position.ToToken() });
                    written = time.GetTimestamp();
                }

                continue;
            }

            await write(new WatchPoolsResponse { ResumeToken = position.ToToken() });
            written = time.GetTimestamp();
        }

        bool IsWatched(PartitionId partition) =>
            partition.Kind == PoolBook.Kind && partition.Tenant == tenant && (poolIds.Count == 0 || poolIds.Contains(partition.Id));
    }

    /// <summary>The entries of a page that were not told yet, each with the position after it.</summary>
    internal static IEnumerable<(JournaledEntry Line, WatchPosition Then)> After(WatchPosition position, ShardJournalPage page)
    {
        for (var at = 0; at < page.Entries.Count;)
        {
            var (first, count) = (page.Entries[at], 1);
            while (at + count < page.Entries.Count && page.Entries[at + count].Sequence == first.Sequence) count++;
            var sequences = position.Sequences.ToArray();
            sequences[first.Shard] = first.Sequence;
            var whole = new WatchPosition(sequences, 0, 0);
            for (var index = position.Told; index < count; index++)
                yield return (page.Entries[at + index], index + 1 < count ? position with { Shard = first.Shard, Told = index + 1 } : whole);
            position = whole;
            at += count;
        }
    }

    private static Shown.PoolEvent Told(JournaledEntry line) =>
        new() { PoolId = line.Partition.Id, Entry = Wire.Entry(line), Exhausted = EntryDocument.Read(line) is { } entry && PoolEvents.Exhausts(entry) };
}
