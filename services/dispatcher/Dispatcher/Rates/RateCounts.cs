using Microsoft.Extensions.Caching.Memory;
using Pennypost.Delivery;
using Pennypost.Delivery.Rates;
using Pennypost.Dispatcher.Messages;
using Pennypost.Store;
using ReplyCounts = Pennypost.Types.V1.ReplyCounts;

namespace Pennypost.Dispatcher.Rates;

/// <summary>
/// What each tenant's messages came to, counted from their own journal behind the relay: nothing on a message's way waits for it, and one commit takes all that a batch of the relay has of a tenant. How far the journal is
/// counted is kept with the counts, so that what is handed out again is not counted again.
/// </summary>
internal sealed class RateCounts(StateStore store, ILogger<RateCounts> logger) : IDisposable
{
    /// <summary>How far back the reply rate goes that an InMail's expected net cost rests on: long enough for tenants who send few, short enough to follow what changes.</summary>
    private const int RepliesDays = 180;

    // Real time. Each message asks once or twice on its way, and a mature day changes seldom.
    private static readonly TimeSpan _age = TimeSpan.FromSeconds(30);

    private readonly MemoryCache _replies = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    /// <summary>Counts what these entries of one shard's journal tell, once, however often they come. False if there is nothing in them to count.</summary>
    public async Task<bool> CountAsync(IReadOnlyList<JournaledEntry> entries, CancellationToken ct)
    {
        var steps = entries.Select(entry => (entry.Partition.Tenant, Step: MessageStorage.Counted(entry))).Where(counted => counted.Step is not null).ToList();
        // As many tenants at once as the batch has commits at most.
        await Task.WhenAll(steps.GroupBy(counted => counted.Tenant, counted => counted.Step!, StringComparer.Ordinal).Select(tenant => CountAsync(tenant.Key, [.. tenant], ct)));
        return steps.Count > 0;
    }

    /// <summary>The counts of some days.</summary>
    public async Task<(CountWindow Window, CountSums Sums)> SumAsync(string tenant, Func<DateTimeOffset, CountWindow> windowAt, int mostCells, CancellationToken ct)
    {
        var read = await store.ReadAsync(RateStorage.Partition(tenant), RateStorage.Codec, [], 0, ct);
        var window = windowAt(read.Now);
        var days = (read.Head ?? CountsHead.None).Days.Where(day => day >= window.First && day < window.Until).ToList();
        var records = days.Count == 0
            ? new Dictionary<string, byte[]>()
            : (await store.ReadAsync(RateStorage.Partition(tenant), RateStorage.Codec, [.. days.Select(RateStorage.DayKey)], 0, ct)).Records;
        return (window, CountSums.Of(window, days.Select(day => KeyValuePair.Create(day, RateStorage.Day(records.GetValueOrDefault(RateStorage.DayKey(day))))), mostCells));
    }

    /// <summary>How often the tenant's InMails are answered, for Route; null while none had the time.</summary>
    public async Task<ReplyCounts?> RepliesAsync(string tenant, CancellationToken ct)
    {
        if (_replies.TryGetValue(tenant, out ReplyCounts? known))
            return known;
        known = await InmailRepliesAsync(tenant, ct);
        using var entry = _replies.CreateEntry(tenant);
        entry.SetSize(1).SetAbsoluteExpiration(_age).SetValue(known);
        return known;
    }

    private async Task<ReplyCounts?> InmailRepliesAsync(string tenant, CancellationToken ct)
    {
        try
        {
            var (_, sums) = await SumAsync(tenant, now => CountWindow.Of(now - CountWindow.UsualMaturity - TimeSpan.FromDays(RepliesDays), null, CountWindow.UsualMaturity, now), int.MaxValue, ct);
            var inmails = sums.Cells.Where(cell => cell.Cell.Channel == Channel.Inmail).ToList();
            var sent = inmails.Sum(cell => cell.Tally.Sent);
            return sent == 0 ? null : new ReplyCounts { Sent = sent, Replied = inmails.Sum(cell => cell.Tally.Replied) };
        }
        catch (StoreRewoundException rewound)
        {
            // Counts are no reason to hold messages up: the router has its prior.
            logger.CountsSetBack(tenant, rewound.ExpectedVersion, rewound.FoundVersion);
            return null;
        }
    }

    private async Task CountAsync(string tenant, IReadOnlyList<CountedStep> steps, CancellationToken ct)
    {
        try
        {
            await store.ExecuteAsync<CountsHead, bool>(RateStorage.Partition(tenant), RateStorage.Codec, RecordKeys.None, view =>
            {
                var head = view.Head ?? CountsHead.None;
                var fresh = Counting.Fresh(head, steps);
                if (fresh.Count == 0)
                    return new Decision<CountsHead, bool>.Answer(false);
                var days = Counting.Touches(fresh, view.Now).ToDictionary(day => day, RateStorage.DayKey);
                var missing = days.Values.Where(key => !view.IsLoaded(key)).ToList();
                if (missing.Count > 0)
                    return new Decision<CountsHead, bool>.NeedRecords(missing);
                var change = Counting.Decide(head, days.ToDictionary(day => day.Key, day => RateStorage.Day(view.Record(day.Value))), fresh, view.Now);
                return new Decision<CountsHead, bool>.Commit(change.Head, true)
                {
                    Records =
                    [
                        .. change.Days.Select(day => new RecordChange.Put(RateStorage.DayKey(day.Key), RateStorage.Bytes(day.Value))),
                        .. change.Dropped.Select(day => new RecordChange.Delete(RateStorage.DayKey(day))),
                    ],
                    Listed = false,
                };
            }, 0, ct);
        }
        catch (StoreRewoundException rewound)
        {
            // Nobody's events are held up by it. What was set back is not exact any more, and says so.
            logger.CountsSetBack(tenant, rewound.ExpectedVersion, rewound.FoundVersion);
        }
    }

    public void Dispose() => _replies.Dispose();
}
