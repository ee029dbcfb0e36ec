using System.Text;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Pennypost.Store;
using Pennypost.Transport;

namespace Pennypost.Dispatcher.Work;

/// <summary>
/// From the due index to the work queue: a few per worker and no more, so that priority and turns among tenants, which the index keeps, still count. What has waited for long goes at a pace: when a million fall
/// due at one instant, what falls due after them is not held up by them. What is lost on the way comes back when its lease ends.
/// </summary>
internal sealed class Releaser(StateStore store, IWorkQueue queue, TimeProvider time, ReleaseMeter meter, IOptions<DispatcherOptions> options, ILogger<Releaser> logger) : BackgroundService
{
    private const int MostAtOnce = 256;
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(5);

    /// <summary>Until it tries again when the store failed, or the broker cannot say how much waits.</summary>
    private static readonly TimeSpan _dark = TimeSpan.FromMilliseconds(500);

    /// <summary>What has been due for longer is overdue.</summary>
    private static readonly TimeSpan _overdue = TimeSpan.FromSeconds(2);

    /// <summary>Between two helpings of the overdue.</summary>
    private static readonly TimeSpan _helping = TimeSpan.FromMilliseconds(20);

    /// <summary>How old what the gauges show may be.</summary>
    private static readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(1);

    private readonly DispatcherOptions _options = options.Value;
    private readonly TokenBucketRateLimiter _pace = new(new()
    {
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1.0 / options.Value.OverduePerSecond),
        // Twice what there is ever room for: as long as little is overdue, one look takes everything in its order.
        TokenLimit = 2 * options.Value.Workers * options.Value.QueuedPerWorker,
        QueueLimit = 0,
        AutoReplenishment = false,
    });

    /// <summary>The last look found something: there may be more, and asking when would only cost another look.</summary>
    private bool _more = true;

    /// <summary>When the gauges were last told.</summary>
    private long? _told;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_options.Work)
            return;
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await store.WaitForDueChangeAsync(await ReleaseAsync(stoppingToken), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // It goes on whatever the store did: what is due is still there.
                logger.ReleaseFailed(exception);
                await Task.Delay(_dark, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Releases what there is room for, and says how long there is nothing to do unless something changes.</summary>
    private async Task<TimeSpan> ReleaseAsync(CancellationToken ct)
    {
        if (await queue.CountWaitingAsync(ct) is not { } waiting)
            return _dark;
        await TellAsync(waiting, ct);
        var room = _options.Workers * _options.QueuedPerWorker - waiting;
        if (room <= 0)
            return _shortest;
        if (!_more && await WaitAsync(ct) is var wait && wait > TimeSpan.Zero)
            return wait;
        _pace.TryReplenish();
        var allowed = (int)_pace.GetStatistics()!.CurrentAvailablePermits;
        room = Math.Min(room, MostAtOnce);
        var released = await ReleaseAsync(room, allowed, ct);
        _more = released > 0 || allowed == 0;
        if (allowed < room)
            // Every change of the index would have it look again, for nothing.
            await Task.Delay(_helping, time, ct);
        if (_more)
            return TimeSpan.Zero;

        wait = await WaitAsync(ct);
        return wait < _shortest ? _shortest : wait;
    }

    /// <summary>For the gauges, if somebody reads them: a look at the head of the index, once a second at most.</summary>
    private async Task TellAsync(int waiting, CancellationToken ct)
    {
        if (!meter.IsRead || (_told is { } told && time.GetElapsedTime(told) < _lookEvery))
            return;
        _told = time.GetTimestamp();
        var overdue = await store.NextDueAsync(ct) is { } next ? await store.NowAsync(ct) - next : TimeSpan.Zero;
        meter.Looked(overdue > TimeSpan.Zero ? overdue : TimeSpan.Zero, waiting);
    }

    /// <summary>By priority and in turns, while what is overdue keeps within its pace; else first what is not. What one look claimed is on its way before the next look may fail.</summary>
    private async Task<int> ReleaseAsync(int room, int allowed, CancellationToken ct)
    {
        var released = 0;
        if (allowed < room)
            released += await EnqueueAsync(await store.ClaimDueAsync(room, _options.WorkLease, ct, _overdue), held: false, ct);
        if (Math.Min(allowed, room - released) is > 0 and var limit)
        {
            var any = await store.ClaimDueAsync(limit, _options.WorkLease, ct);
            using var counted = _pace.AttemptAcquire(any.Count);
            released += await EnqueueAsync(any, held: allowed < room, ct);
        }

        return released;
    }

    private async Task<int> EnqueueAsync(IReadOnlyList<DueClaim> claims, bool held, CancellationToken ct)
    {
        if (claims.Count > 0)
        {
            await queue.EnqueueAsync(
                [.. claims.Select(claim => new WorkItem(claim.Partition.Key + "/" + claim.Key, claim.Partition.Tenant, claim.Key, Encoding.ASCII.GetBytes(claim.Partition.Key)))], ct);
        }

        meter.Released(claims.Count, held);
        return claims.Count;
    }

    public override void Dispose()
    {
        _pace.Dispose();
        base.Dispose();
    }

    /// <summary>How long nothing is due, at most until the next look at what other instances left.</summary>
    private async Task<TimeSpan> WaitAsync(CancellationToken ct)
    {
        if (await store.NextDueAsync(ct) is not { } next)
            return _options.ReleasePoll;
        var wait = next - await store.NowAsync(ct);
        return wait < _options.ReleasePoll ? wait : _options.ReleasePoll;
    }
}
