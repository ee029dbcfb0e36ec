using Microsoft.Extensions.Options;
using Pennypost.Store;

namespace Pennypost.Credits;

/// <summary>
/// Brings idle pools up to date: renewals, expiries and time-outs are booked, and told, though nobody asks. A few pools at a time with pauses, so that the first of
/// the month is no storm; a pool that is asked for meanwhile has caught up by itself.
/// </summary>
internal sealed class PoolSweep(StateStore store, PoolBook book, IOptions<CreditsOptions> options, ILogger<PoolSweep> log) : BackgroundService
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var swept = await SweepAsync(stoppingToken);
                pause = FirstPause;
                if (swept == options.Value.SweepBatch)
                    await Task.Delay(options.Value.SweepPause, stoppingToken);
                else
                    await store.WaitForDueChangeAsync(await UntilNextAsync(stoppingToken), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // The sweep goes on whatever the store did: the due times are still there.
                log.SweepFailed(exception, pause.TotalSeconds);
                await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
        }
    }

    private async Task<int> SweepAsync(CancellationToken ct)
    {
        var claims = await store.ClaimDueAsync(options.Value.SweepBatch, Lease, ct);
        await Task.WhenAll(claims.Where(claim => claim.Partition.Kind == PoolBook.Kind).Select(claim => BringAsync(claim.Partition, ct)));
        if (claims.Count > 0) log.Swept(claims.Count);
        return claims.Count;
    }

    private async Task BringAsync(PartitionId partition, CancellationToken ct)
    {
        try
        {
            await book.LetTimePassAsync(partition, ct);
        }
        catch (StoreRewoundException)
        {
            // Closed until an operator opens it; its lease ends, and it is looked at again then.
            log.SweepSkipped(partition.Key);
        }
    }

    // Another process may have set an earlier time, or moved the clock: look again after a while in any case.
    private async Task<TimeSpan> UntilNextAsync(CancellationToken ct)
    {
        var longest = options.Value.SweepPoll;
        if (await store.NextDueAsync(ct) is not { } next) return longest;
        var wait = next - await store.NowAsync(ct);
        return wait < TimeSpan.FromMilliseconds(10) ? TimeSpan.FromMilliseconds(10) : wait < longest ? wait : longest;
    }
}
