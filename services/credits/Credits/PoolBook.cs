using Pennypost.Hosting;
using Pennypost.Ledger;
using Pennypost.Store;

namespace Pennypost.Credits;

/// <summary>What the ledger decided, as the store confirmed it.</summary>
/// <param name="Answer">What to tell the caller.</param>
/// <param name="Pool">The pool after it; null when there is none.</param>
/// <param name="Version">The pool's version.</param>
internal readonly record struct Booked(Answer Answer, Pool? Pool, long Version);

/// <summary>How a command is to be decided.</summary>
/// <param name="MinVersion">Fail rather than decide on anything older; 0 for any.</param>
/// <param name="OnlyTried">Say what would come of it, and change nothing.</param>
internal readonly record struct Asked(long MinVersion, bool OnlyTried);

/// <summary>The one shell around the ledger: loads the pool and the record of the command's id, lets the ledger decide, commits all of it at once.</summary>
internal sealed class PoolBook(StateStore store, CrashPoint crash)
{
    public const string Kind = "pool";

    // One due time per pool: the next renewal, expiry or time-out.
    private const string DueKey = "time";

    // Renewals can wait a little; nobody's answer does.
    private const int DuePriority = 4;

    public static PartitionId Partition(string tenant, string poolId) => new(Kind, tenant, poolId);

    /// <summary>Decides a command whose id is probably new: the id is checked in the commit itself, without being read first.</summary>
    public Task<Booked> DecideNewAsync(PartitionId partition, string key, Func<DateTimeOffset, Command> command, Asked asked, CancellationToken ct) =>
        // A command that is only tried commits nothing, and so nothing would check its id.
        DecideAsync(partition, asked.OnlyTried ? RecordKeys.Of(key) : RecordKeys.New(key), key, command, asked, ct);

    /// <summary>Decides a command whose id is probably known.</summary>
    public Task<Booked> DecideKnownAsync(PartitionId partition, string key, Func<DateTimeOffset, Command> command, Asked asked, CancellationToken ct) =>
        DecideAsync(partition, RecordKeys.Of(key), key, command, asked, ct);

    /// <summary>Decides a command on the pool as a whole.</summary>
    public Task<Booked> DecideAsync(PartitionId partition, Func<DateTimeOffset, Command> command, Asked asked, CancellationToken ct) =>
        DecideAsync(partition, RecordKeys.None, null, command, asked, ct);

    /// <summary>The pool as of now, which is not written: the next decision finds the same.</summary>
    public async Task<(Pool? Pool, long Version)> ReadAsync(PartitionId partition, long minVersion, CancellationToken ct)
    {
        var read = await store.ReadAsync(partition, PoolDocument.Codec, [], minVersion, ct);
        return (read.Head is { } head ? LedgerRules.At(head, read.Now).Pool : null, read.Version);
    }

    /// <summary>A pool as of now, and one hold of it.</summary>
    public async Task<(Pool? Pool, Kept.Hold? Hold)> ReadHoldAsync(PartitionId partition, string holdId, CancellationToken ct)
    {
        var key = KeptDocument.HoldKey(holdId);
        var read = await store.ReadAsync(partition, PoolDocument.Codec, [key], 0, ct);
        if (read.Head is null) return (null, null);
        var pool = LedgerRules.At(read.Head, read.Now).Pool!;
        return (pool, (KeptDocument.Read(key, read.Records.GetValueOrDefault(key)) as Kept.Hold)?.At(pool.AsOf));
    }

    /// <summary>A pool as of now, and a page of its holds, ids that were refused among them; null when there is no such pool.</summary>
    /// <exception cref="ArgumentException">The token is of no page of this list.</exception>
    public async Task<(Pool Pool, IReadOnlyList<Kept.Hold> Holds, string? NextPageToken)?> ListHoldsAsync(PartitionId partition, int pageSize, string? pageToken, CancellationToken ct)
    {
        if ((await ReadAsync(partition, 0, ct)).Pool is not { } pool) return null;
        var page = await store.RecordsAsync(partition, KeptDocument.HoldKey(""), pageSize, pageToken, ct);
        return (pool, [.. page.Records.Select(record => (Kept.Hold)KeptDocument.Read(record.Key, record.Value)!).Select(hold => hold.At(pool.AsOf))], page.NextPageToken);
    }

    /// <summary>Books what has fallen due, and puts the pool's next due time in place of the one that brought us here.</summary>
    public async Task LetTimePassAsync(PartitionId partition, CancellationToken ct) =>
        await store.ExecuteAsync<Pool, bool>(
            partition,
            PoolDocument.Codec,
            RecordKeys.None,
            view =>
            {
                if (view.Head is null) return new Decision<Pool, bool>.Answer(false);
                var decision = LedgerRules.At(view.Head, view.Now);
                return new Decision<Pool, bool>.Commit(decision.Pool!, true) { Entries = Lines(decision), Due = [Due(decision.Pool!.NextDueAt)] };
            },
            0,
            ct);

    private async Task<Booked> DecideAsync(PartitionId partition, RecordKeys keys, string? key, Func<DateTimeOffset, Command> command, Asked asked, CancellationToken ct)
    {
        crash.Reach(CrashPoints.BeforeCommit);
        var executed = await store.ExecuteAsync<Pool, (Answer Answer, Pool? Pool)>(
            partition,
            PoolDocument.Codec,
            keys,
            view =>
            {
                var kept = key is null ? null : KeptDocument.Read(key, view.Record(key));
                var decision = LedgerRules.Decide(view.Head, kept, command(view.Now));
                var answer = (decision.Answer, decision.Pool);
                if (asked.OnlyTried || decision.Pool is not { } pool || (decision.Entries.IsEmpty && decision.Kept is null))
                    return new Decision<Pool, (Answer, Pool?)>.Answer(answer);
                return new Decision<Pool, (Answer, Pool?)>.Commit(pool, answer)
                {
                    Records = decision.Kept is { } changed ? [new RecordChange.Put(key!, KeptDocument.Write(changed))] : [],
                    Entries = Lines(decision),
                    Due = pool.NextDueAt == view.Head?.NextDueAt ? [] : [Due(pool.NextDueAt)],
                };
            },
            asked.MinVersion,
            ct);
        crash.Reach(CrashPoints.AfterCommit);
        return new Booked(executed.Answer.Answer, executed.Answer.Pool, executed.Version);
    }

    private static JournalEntry[] Lines(Decision decision)
    {
        var lines = new JournalEntry[decision.Entries.Length];
        for (var i = 0; i < lines.Length; i++) lines[i] = EntryDocument.Write(decision.Entries[i]);
        return lines;
    }

    private static DueChange Due(DateTimeOffset? at) => at is { } due ? new DueChange.Set(DueKey, due, DuePriority, []) : new DueChange.Remove(DueKey);
}
