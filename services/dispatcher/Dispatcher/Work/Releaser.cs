using System.Text;
using Microsoft.Extensions.Options;
using Pennypost.Store;
using Pennypost.Transport;

namespace Pennypost.Dispatcher.Work;

/// <summary>
/// From the due index to the work queue: a few per worker and no more, so that priority and turns among tenants, which the index keeps, still count. What is lost on the way comes back when its lease ends.
/// </summary>
internal sealed class Releaser(StateStore store, IWorkQueue queue, TimeProvider time, IOptions<DispatcherOptions> options, ILogger<Releaser> logger) : BackgroundService
{
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(5);

    /// <summary>Until it tries again when the store failed, or the broker cannot say how much waits.</summary>
    private static readonly TimeSpan _dark = TimeSpan.FromMilliseconds(500);

    private readonly DispatcherOptions _options = options.Value;

    /// <summary>The last look found something: there may be more, and asking when would only cost another look.</summary>
    private bool _more = true;

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
        var room = _options.Workers * _options.QueuedPerWorker - waiting;
        if (room <= 0)
            return _shortest;
        if (!_more && await WaitAsync(ct) is var wait && wait > TimeSpan.Zero)
            return wait;
        var claims = await store.ClaimDueAsync(Math.Min(room, 256), _options.WorkLease, ct);
        _more = claims.Count > 0;
        if (_more)
        {
            await queue.EnqueueAsync(
                [.. claims.Select(claim => new WorkItem(claim.Partition.Key + "/" + claim.Key, claim.Partition.Tenant, claim.Key, Encoding.ASCII.GetBytes(claim.Partition.Key)))], ct);
            return TimeSpan.Zero;
        }

        wait = await WaitAsync(ct);
        return wait < _shortest ? _shortest : wait;
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
