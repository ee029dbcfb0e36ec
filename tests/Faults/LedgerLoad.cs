using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Types.V1;

namespace Faults;

/// <summary>A command that was acknowledged.</summary>
/// <param name="Pool">On which pool.</param>
/// <param name="Hold">Of which hold.</param>
/// <param name="Kind">What it must have left in the journal.</param>
/// <param name="Available">What its answer said was available; null if it did not say.</param>
/// <param name="Begun">A count that only grows: when it was sent.</param>
/// <param name="Ended">The same: when its answer came.</param>
/// <param name="Version">The pool's version that its answer named.</param>
public sealed record Acknowledged(string Pool, string Hold, EntryKind Kind, long? Available, long Begun, long Ended, long Version);

/// <summary>
/// Mixed load on the ledger: holds are placed, captured, released and refunded by many callers at once, each command again under its id until some instance answers. What was answered is the history that the
/// journal is held against.
/// </summary>
public sealed class LedgerLoad : IAsyncDisposable
{
    private static readonly TimeSpan _callLimit = TimeSpan.FromSeconds(1.5);
    private readonly IReadOnlyList<CreditsService.CreditsServiceClient> _instances;
    private readonly string[] _pools;
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _callers = [];
    private readonly ConcurrentQueue<Acknowledged> _history = new();
    private static int _loads;
    private long _clock;

    private LedgerLoad(IReadOnlyList<CreditsService.CreditsServiceClient> instances, string[] pools) => (_instances, _pools) = (instances, pools);

    /// <summary>What was acknowledged so far.</summary>
    public int Count => _history.Count;

    /// <summary>Whose names are its own.</summary>
    public IReadOnlyList<string> Pools => _pools;

    /// <summary>Opens the pools and lets the callers begin.</summary>
    public static async Task<LedgerLoad> StartAsync(Installation installation, int pools = 8, int callers = 16)
    {
        // Several loads may use one installation after another.
        var number = Interlocked.Increment(ref _loads);
        var load = new LedgerLoad([.. Enumerable.Range(0, installation.Shape.CreditsInstances).Select(installation.CreditsOf)], [.. Enumerable.Range(1, pools).Select(n => $"load{number}-{n}")]);
        foreach (var pool in load._pools)
            await load._instances[0].CreatePoolAsync(new() { PoolId = pool, PlanId = "recruiter_corporate", OpeningBalance = 100_000, Renewal = new() { BillingAnchor = new() { Day = 15 } } }, Installation.As(), DateTime.UtcNow.AddSeconds(20));
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
            await PlaceAsync(chance, pool, hold);
            // 60 in 100 are captured, of which some are answered; the rest is given back.
            if (chance.Next(100) < 60)
            {
                await SettleAsync(chance, pool, hold, EntryKind.Captured);
                if (chance.Next(100) < 10)
                    await RefundAsync(chance, pool, hold);
            }
            else
            {
                await SettleAsync(chance, pool, hold, EntryKind.Released);
            }
        }
    }

    private Task PlaceAsync(Random chance, string pool, string hold) => UntilAnsweredAsync(chance, async instance =>
    {
        var begun = Interlocked.Increment(ref _clock);
        var answer = await instance.PlaceHoldAsync(new() { PoolId = pool, HoldId = hold, AccountId = "load" }, Installation.As(), DateTime.UtcNow + _callLimit);
        return new Acknowledged(pool, hold, EntryKind.Held, answer.Available, begun, Interlocked.Increment(ref _clock), answer.PoolVersion);
    });

    private Task SettleAsync(Random chance, string pool, string hold, EntryKind kind) => UntilAnsweredAsync(chance, async instance =>
    {
        var begun = Interlocked.Increment(ref _clock);
        var version = kind == EntryKind.Captured
            ? (await instance.CaptureHoldAsync(new() { PoolId = pool, HoldId = hold, SendTime = Timestamp.FromDateTime(DateTime.UtcNow.AddSeconds(-1)) }, Installation.As(), DateTime.UtcNow + _callLimit)).PoolVersion
            : (await instance.ReleaseHoldAsync(new() { PoolId = pool, HoldId = hold }, Installation.As(), DateTime.UtcNow + _callLimit)).PoolVersion;
        return new Acknowledged(pool, hold, kind, null, begun, Interlocked.Increment(ref _clock), version);
    });

    private Task RefundAsync(Random chance, string pool, string hold) => UntilAnsweredAsync(chance, async instance =>
    {
        var begun = Interlocked.Increment(ref _clock);
        var answer = await instance.RefundHoldAsync(
            new() { PoolId = pool, HoldId = hold, ReplyTime = Timestamp.FromDateTime(DateTime.UtcNow), Trigger = RefundTrigger.Reply }, Installation.As(), DateTime.UtcNow + _callLimit);
        return new Acknowledged(pool, hold, EntryKind.Refunded, null, begun, Interlocked.Increment(ref _clock), answer.PoolVersion);
    });

    /// <summary>The same command under the same id, to any instance, until one answers: that is what ids are for.</summary>
    private async Task UntilAnsweredAsync(Random chance, Func<CreditsService.CreditsServiceClient, Task<Acknowledged>> call)
    {
        while (true)
        {
            try
            {
                _history.Enqueue(await call(_instances[chance.Next(_instances.Count)]));
                return;
            }
            catch (RpcException unanswered) when (unanswered.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Aborted or StatusCode.ResourceExhausted or StatusCode.Internal or StatusCode.Cancelled)
            {
                await Task.Delay(20 + chance.Next(50));
            }
        }
    }

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

        var violations = new List<string>();
        foreach (var pool in _pools)
        {
            var entries = new List<Entry>();
            var page = "";
            do
            {
                var answer = await Installation.PatientlyAsync(async () => await _instances[0].ListEntriesAsync(new() { PoolId = pool, PageSize = 1_000, PageToken = page }, Installation.As(), DateTime.UtcNow.AddSeconds(10)));
                entries.AddRange(answer.Entries);
                page = answer.NextPageToken;
            }
            while (page.Length > 0);
            var proof = await Installation.PatientlyAsync(async () => await _instances[0].VerifyJournalAsync(new() { PoolId = pool }, Installation.As(), DateTime.UtcNow.AddSeconds(20)));
            violations.AddRange(proof.Findings.Select(finding => $"{pool}: {finding}"));
            violations.AddRange(LedgerChecks.Find(pool, [.. _history.Where(one => one.Pool == pool)], entries));
        }

        return violations;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _ending.Dispose();
    }
}
