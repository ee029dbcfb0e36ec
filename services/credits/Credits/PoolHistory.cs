using System.Runtime.CompilerServices;
using Google.Protobuf;
using Pennypost.Ledger;
using Pennypost.Store;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Credits;

/// <summary>A pool's journal, read as the ledger's lines: what it was at a moment, and whether it adds up to what it is.</summary>
internal sealed class PoolHistory(StateStore store)
{
    private const int PageSize = 500;

    /// <summary>Entries that one call of a filtered list looks at, so that its time stays bounded however few it finds.</summary>
    internal const int MostLookedAt = 10_000;

    /// <summary>By how much an entry's due time can be later than its commit's: twice what the clocks of two writers may differ from the store's.</summary>
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(2);

    /// <summary>The pool as its lines up to and including the moment make it.</summary>
    /// <param name="partition">The pool's.</param>
    /// <param name="pool">The pool as it is stored.</param>
    /// <param name="moment">Not after now.</param>
    /// <param name="ct">Ends the reading.</param>
    public async Task<Past> AtAsync(PartitionId partition, Pool pool, DateTimeOffset moment, CancellationToken ct)
    {
        if (moment < pool.OpenedAt) return new Past.NotYetOpen(pool.OpenedAt);
        var replay = new Replay();
        try
        {
            // More may have been appended since the pool was read: its own lines are as many as it counts.
            var head = await store.JournalHeadAsync(partition, ct);
            await foreach (var journaled in store.ReadChainAsync(partition, JournalLink.Start, head, ct).SelectMany(batch => batch.Entries.ToAsyncEnumerable()))
            {
                if (replay.Lines == pool.Lines) break;
                if (EntryDocument.Read(journaled) is not { } line) continue;
                if (line.DueAt > moment) break;
                if (replay.Add(line) is { } wrong) return new Past.Damaged(journaled.Number, wrong);
            }
        }
        catch (JournalBrokenException broken)
        {
            return new Past.Damaged(broken.Number, broken.What);
        }

        return replay.At(moment) is { } then ? new Past.Known(then) : new Past.Damaged(1, "there is no line that opens the pool");
    }

    /// <summary>Adds all lines of the pool up, and tells what is wrong with them. Answers how many entries were read.</summary>
    public async Task<long> ProveAsync(PartitionId partition, Pool pool, Action<string> find, CancellationToken ct)
    {
        var replay = new Replay();
        long entries = 0;
        try
        {
            await foreach (var (journaled, line) in LinesAsync(partition, 1, pool.Lines, ct))
            {
                entries++;
                if (line is not null && replay.Add(line) is { } wrong) find($"entry {journaled.Number}: {wrong}");
            }
        }
        catch (UnreadableException unreadable)
        {
            find($"entry {unreadable.From}: {unreadable.Message}");
        }

        foreach (var difference in replay.Differences(pool)) find(difference);
        return entries;
    }

    /// <summary>
    /// The wanted entries from a number on, and where to go on; null at the end. A page may hold fewer than asked for, or none, though there is more: a call looks at so many entries and then says where it got to.
    /// </summary>
    public async Task<(List<Shown.Entry> Entries, long? Next)> ListAsync(PartitionId partition, Pool pool, long from, int size, EntryFilter filter, CancellationToken ct)
    {
        if (from == 1 && filter.From is { } since) from = await FirstBookedAsync(partition, pool.Lines, since - ClockSlack, ct);
        var (entries, lookedAt) = (new List<Shown.Entry>(), 0);
        for (long? next = from; next is { } number;)
        {
            var page = await store.ReadJournalAsync(partition, number, Math.Max(size, PageSize), ct);
            foreach (var journaled in page.Entries)
            {
                if (entries.Count == size || ++lookedAt > MostLookedAt) return (entries, journaled.Number);
                var entry = Wire.Entry(journaled);
                // The ledger's lines stand in the order of their times; the store's own are not held to it.
                if (EntryDocument.IsLedgers(journaled) && entry.EntryTime.ToDateTimeOffset() >= filter.Until) return (entries, null);
                if (filter.Takes(entry)) entries.Add(entry);
            }

            next = page.NextNumber;
        }

        return (entries, null);
    }

    /// <summary>The first entry that was booked at this time or later, or one of the last: found by halving, since commits stand in the order of their times.</summary>
    private async Task<long> FirstBookedAsync(PartitionId partition, long lines, DateTimeOffset since, CancellationToken ct)
    {
        var (low, high) = (1L, Math.Max(1, lines));
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var page = await store.ReadJournalAsync(partition, middle, 1, ct);
            if (page.Entries.Count > 0 && page.Entries[0].Time < since) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>The journal from an entry on, up to the last of so many ledger lines: more may be appended while it is read. Lines of the store's own have no ledger line.</summary>
    private async IAsyncEnumerable<(JournaledEntry Journaled, Entry? Line)> LinesAsync(
        PartitionId partition, long from, long lines, [EnumeratorCancellation] CancellationToken ct)
    {
        long? next = from;
        while (next is { } number && lines > 0)
        {
            var page = await ReadAsync(partition, number, ct);
            foreach (var (journaled, line) in page.Lines)
            {
                if (lines == 0) yield break;
                if (line is not null) lines--;
                yield return (journaled, line);
            }

            next = page.Next;
        }
    }

    private async Task<(List<(JournaledEntry, Entry?)> Lines, long? Next)> ReadAsync(PartitionId partition, long from, CancellationToken ct)
    {
        try
        {
            var page = await store.ReadJournalAsync(partition, from, PageSize, ct);
            return ([.. page.Entries.Select(journaled => (journaled, EntryDocument.Read(journaled)))], page.NextNumber);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidDataException)
        {
            throw new UnreadableException(from, exception);
        }
    }

    private sealed class UnreadableException(long from, Exception inner) : Exception("cannot be read, or one of those behind it", inner)
    {
        public long From => from;
    }
}

/// <summary>What a pool was at a moment.</summary>
internal abstract record Past
{
    private Past() { }

    /// <summary>This.</summary>
    public sealed record Known(Pool Pool) : Past;

    /// <summary>Nothing yet.</summary>
    public sealed record NotYetOpen(DateTimeOffset OpenedAt) : Past;

    /// <summary>Nobody can say: the journal is not what was written.</summary>
    public sealed record Damaged(long Number, string What) : Past;
}
