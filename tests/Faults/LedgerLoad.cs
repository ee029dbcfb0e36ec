namespace Faults;

/// <summary>
/// Mixed load on the ledger: holds are placed, captured, released and refunded by many callers at once, each command again under its id until some instance answers. What was answered is the history that the
/// journal is held against.
/// </summary>
public sealed class LedgerLoad : IAsyncDisposable
{
    private const long Balance = 100_000;
    private readonly string[] _pools;
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _callers = [];
    private static int _loads;

    private LedgerLoad(LedgerCalls calls, string[] pools) => (Calls, _pools) = (calls, pools);

    public LedgerCalls Calls { get; }

    /// <summary>How many commands were acknowledged so far.</summary>
    public int Count => Calls.History.Answered;

    /// <summary>Whose names are its own.</summary>
    public IReadOnlyList<string> Pools => _pools;

    /// <summary>Opens the pools and lets the callers begin.</summary>
    public static async Task<LedgerLoad> StartAsync(Installation installation, int pools = 8, int callers = 16)
    {
        // Several loads may use one installation after another.
        var number = Interlocked.Increment(ref _loads);
        var load = new LedgerLoad(new LedgerCalls(installation), [.. Enumerable.Range(1, pools).Select(n => $"load{number}-{n}")]);
        foreach (var pool in load._pools)
            await load.Calls.OpenAsync(pool, Balance);
        for (var caller = 0; caller < callers; caller++)
        {
            var seed = caller;
            load._callers.Add(Task.Run(() => load.CallAsync(seed)));
        }

        return load;
    }

    /// <summary>Waits until so many more commands were acknowledged.</summary>
    public Task MoreAsync(int more, TimeSpan limit)
    {
        var from = Count;
        return Eventually.TrueAsync(() => Count >= from + more, limit, $"{more} more commands are acknowledged");
    }

    private async Task CallAsync(int caller)
    {
        var chance = new Random(caller);
        for (var number = 0; !_ending.IsCancellationRequested; number++)
        {
            var (pool, hold) = (_pools[chance.Next(_pools.Length)], $"h-{caller}-{number}");
            await UntilToldAsync(chance, pool, Asked.Place, hold);
            // 60 in 100 are captured, of which some are answered; the rest is given back.
            var sent = chance.Next(100) < 60;
            await UntilToldAsync(chance, pool, sent ? Asked.Capture : Asked.Release, hold);
            if (sent && chance.Next(100) < 10)
                await UntilToldAsync(chance, pool, Asked.Refund, hold);
        }
    }

    private Task<Told?> UntilToldAsync(Random chance, string pool, Asked asked, string hold) => Calls.AskUntilToldAsync(chance, pool, asked, hold, CancellationToken.None);

    /// <summary>Lets every caller finish what it began, and holds the journals against what was acknowledged.</summary>
    public async Task<IReadOnlyList<string>> CheckAsync(TimeSpan limit)
    {
        await _ending.CancelAsync();
        try
        {
            await Task.WhenAll(_callers).WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            return [$"not every command was answered within {limit.TotalSeconds:0} s after the end"];
        }

        var (violations, chance) = (new List<string>(), new Random(1));
        foreach (var pool in _pools)
            await UntilToldAsync(chance, pool, Asked.Read, "");
        var byPool = Calls.History.Calls.ToLookup(call => call.Pool);
        foreach (var pool in _pools)
        {
            var (entries, findings) = await Calls.ProveAsync(pool);
            violations.AddRange(findings);
            violations.AddRange(LedgerChecks.Find(pool, [.. byPool[pool]], entries));
            if (JournalOrder.Find(pool, SerialPool.With(Balance), byPool[pool], entries) is { } disorder)
                violations.Add(disorder);
        }

        return violations;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _ending.Dispose();
    }
}
