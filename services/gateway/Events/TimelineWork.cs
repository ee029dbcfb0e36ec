using Microsoft.Extensions.Options;
using Pennypost.Gateway.WebhooksOut;
using Pennypost.Store;

namespace Pennypost.Gateway.Events;

/// <summary>
/// Does what is due of timelines: delivers to webhooks, and trims. Work is claimed under a lease by any instance; what one left comes back when the lease ends.
/// </summary>
internal sealed class TimelineWork(StateStore store, Timelines timelines, WebhookWorker worker, IOptions<WebhookOptions> options, ILogger<TimelineWork> logger) : BackgroundService
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Dark = TimeSpan.FromMilliseconds(500);
    private readonly SemaphoreSlim places = new(options.Value.Workers, options.Value.Workers);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.AllowLoopback) logger.LoopbackAllowed();
        if (!options.Value.Deliver) return;
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await store.WaitForDueChangeAsync(await WorkAsync(stoppingToken), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                // It goes on whatever the store did: what is due is still there.
                logger.WorkFailed(exception.GetType().Name);
                await Task.Delay(Dark, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        // What is under way ends by itself: each post has its limit, and what was posted is kept.
        for (var place = 0; place < options.Value.Workers; place++) await places.WaitAsync(CancellationToken.None);
    }

    /// <summary>Begins what is due and there is a place for, and says how long there is nothing to do unless something changes.</summary>
    private async Task<TimeSpan> WorkAsync(CancellationToken ct)
    {
        if (await store.NextDueAsync(ct) is not { } next) return options.Value.Poll;
        var wait = next - await store.NowAsync(ct);
        if (wait > TimeSpan.Zero) return wait < Shortest ? Shortest : wait < options.Value.Poll ? wait : options.Value.Poll;
        await places.WaitAsync(ct);
        IReadOnlyList<DueClaim> claims = [];
        try
        {
            claims = await store.ClaimDueAsync(1 + places.CurrentCount, options.Value.Lease, ct);
        }
        finally
        {
            if (claims.Count == 0) places.Release();
        }
        for (var index = 0; index < claims.Count; index++)
        {
            if (index > 0) await places.WaitAsync(CancellationToken.None);
            _ = DoAsync(claims[index], ct);
        }
        return claims.Count > 0 ? TimeSpan.Zero : Shortest;
    }

    private async Task DoAsync(DueClaim claim, CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            if (claim.Key == Timelines.TrimKey) await timelines.TrimAsync(claim.Partition.Tenant, ct);
            else await worker.RunAsync(claim.Partition.Tenant, claim.Key[Timelines.WebhookKeyPrefix.Length..], ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The lease ends, and another instance goes on.
        }
        catch (Exception exception)
        {
            logger.WorkFailed(exception.GetType().Name);
        }
        finally
        {
            places.Release();
        }
    }

    public override void Dispose()
    {
        places.Dispose();
        base.Dispose();
    }
}
