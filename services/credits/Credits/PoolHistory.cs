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

    /// <summary>A pool and where its journal begins; null if there is no such pool.</summary>
    /// <exception cref="JournalBrokenException">What was kept where the journal was trimmed is not what was written.</exception>
    public async Task<PoolJournal?> OpenAsync(PartitionId partition, long minVersion, CancellationToken ct)
    {
        var read = await store.ReadAsync(partition, PoolDocument.Codec, [Checkpoint.Key], minVersion, ct);
        if (read.Head is not { } pool) return null;
        if (!read.Records.TryGetValue(Checkpoint.Key, out var record)) return new PoolJournal(partition, pool, read.Version, null);
        return new PoolJournal(partition, pool, read.Version, Checkpoint.Read(record) ?? throw new JournalBrokenException(partition, 1, "the checkpoint in front of the first kept entry was changed"));
    }

    /// <summary>The pool as its lines up to and including the moment make it.</summary>
    /// <param name="journal">The pool's.</param>
    /// <param name="moment">Not after now.</param>
    /// <param name="ct">Ends the reading.</param>
    public async Task<Past> AtAsync(PoolJournal journal, DateTimeOffset moment, CancellationToken ct)
    {
        var (partition, pool) = (journal.Partition, journal.Pool);
        if (moment < pool.OpenedAt) return new Past.NotYetOpen(pool.OpenedAt);
        if (moment < journal.Checkpoint?.Pool.AsOf) return new Past.Trimmed();
        var replay = journal.Replay();
        // More may have been appended since the pool was read: its own lines are as many as it counts.
        var head = await store.JournalHeadAsync(partition, ct);
        await foreach (var journaled in store.ReadChainAsync(partition, journal.Start, head, ct).SelectMany(batch => batch.Entries.ToAsyncEnumerable()))
        {
            if (replay.Lines == pool.Lines) break;
            if (EntryDocument.Read(journaled) is not { } line) continue;
            if (line.DueAt > moment) break;
            if (replay.Add(line) is { } wrong) throw new JournalBrokenException(partition, journaled.Number, wrong);
        }

        return new Past.Known(replay.At(moment) ?? throw new JournalBrokenException(partition, 1, "there is no line that opens the pool"));
    }

    /// <summary>Adds all kept lines of the pool up, and tells what is wrong with them. Answers how many entries were read.</summary>
    public async Task<long> ProveAsync(PoolJournal journal, Action<string> find, CancellationToken ct)
    {
        var replay = journal.Replay();
        long entries = 0;
        var told = journal.Checkpoint is null;
        try
        {
            // As long as a trim is under way, there is more than the checkpoint needs: it must lead there.
            if (await store.JournalStartAsync(journal.Partition, ct) is var start && start.Number <= journal.Start.Number)
                await foreach (var _ in store.ReadChainAsync(journal.Partition, start, journal.Start, ct)) { }
            await foreach (var (journaled, line) in LinesAsync(journal.Partition, journal.FirstNumber, ct))
            {
                told = told || journal.Checkpoint!.IsToldBy(journaled);
                if (replay.Lines == journal.Pool.Lines && (line is not null || told)) break;
                entries++;
                if (line is not null && replay.Add(line) is { } wrong) find($"entry {journaled.Number}: {wrong}");
            }
        }
        catch (UnreadableException unreadable)
        {
            find($"entry {unreadable.From}: {unreadable.Message}");
        }
        catch (JournalBrokenException broken)
        {
            find($"entry {broken.Number}: {broken.What}");
        }

        if (!told) find("no entry tells of the checkpoint in front of the first kept one");
        foreach (var difference in replay.Differences(journal.Pool)) find(difference);
        return entries;
    }

    /// <summary>
    /// The wanted entries from a number on, and where to go on; null at the end. A page may hold fewer than asked for, or none, though there is more: a call looks at so many entries and then says where it got to.
    /// </summary>
    public async Task<(List<Shown.Entry> Entries, long? Next)> ListAsync(PoolJournal journal, long? place, int size, EntryFilter filter, CancellationToken ct)
    {
        var partition = journal.Partition;
        var from = place ?? (filter.From is { } since ? await FirstBookedAsync(journal, since - ClockSlack, ct) : journal.FirstNumber);
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
    private async Task<long> FirstBookedAsync(PoolJournal journal, DateTimeOffset since, CancellationToken ct)
    {
        var (low, high) = (journal.FirstNumber, journal.FirstNumber + journal.KeptLines);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var page = await store.ReadJournalAsync(journal.Partition, middle, 1, ct);
            if (page.Entries.Count > 0 && page.Entries[0].Time < since) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>The journal from an entry on. Lines that are not the ledger's have no ledger line.</summary>
    private async IAsyncEnumerable<(JournaledEntry Journaled, Entry? Line)> LinesAsync(PartitionId partition, long from, [EnumeratorCancellation] CancellationToken ct)
    {
        for (long? next = from; next is { } number;)
        {
            var page = await ReadAsync(partition, number, ct);
            foreach (var line in page.Lines) yield return line;
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

    /// <summary>The entries that would say were let go of.</summary>
    public sealed record Trimmed : Past;
}
