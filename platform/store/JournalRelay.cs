using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pennypost.Store;

/// <summary>Where the relay publishes the journal to: the host turns entries into events.</summary>
public interface IJournalSink
{
    /// <summary>
    /// Publishes entries of one shard, in order, and returns once all of them are safe elsewhere. The same entries come again when it throws, or when the process dies before the cursor moved:
    /// (partition, number) identifies one. Batches of different shards may be published at the same time.
    /// </summary>
    Task PublishAsync(IReadOnlyList<JournaledEntry> entries, CancellationToken ct);
}

/// <summary>
/// The journal as outbox: one leased relay per shard hands what was committed to the sink, in order, at least once. A doorbell in this process, and a slow look for what other processes left.
/// The lease is held only while something is published, so that whoever commits next also relays next.
/// </summary>
public sealed class JournalRelay(StateStore store, IJournalSink sink, ILogger<JournalRelay> logger) : BackgroundService
{
    /// <summary>Under load a shard is looked at this often and not after every commit: one call then publishes what many left. The first entry after a quiet time does not wait.</summary>
    private static readonly TimeSpan _gathering = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(10);

    /// <summary>Tells this relay from every other, of this process too.</summary>
    private readonly string _owner = Guid.NewGuid().ToString("N");

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host's start does not wait for what was left over.
        await Task.Yield();
        await Task.WhenAll(Enumerable.Range(0, store.Shards).Select(shard => RelayAsync(shard, stoppingToken)).Append(PollAsync(stoppingToken)));
    }

    /// <summary>Has all shards looked at now and then, together: sixteen timers wake an idle process sixteen times as often.</summary>
    private async Task PollAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            // Jittered, so that idle processes do not look at the same moment.
            await Task.Delay(store.Options.RelayPoll * (0.5 + Random.Shared.NextDouble()), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            for (var shard = 0; shard < store.Shards; shard++)
                store.JournalBell(shard).Ring();
        }
    }

    private async Task RelayAsync(int shard, CancellationToken ct)
    {
        var pause = _firstPause;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await store.OpenAsync(ct);
                if (await DrainAsync(shard, ct))
                {
                    pause = _firstPause;
                    // After the lease was given back, not before: else a busy process would have the shard for good, and every other look at it in vain.
                    await Task.Delay(_gathering, ct);
                    await store.JournalBell(shard).WaitAsync(Timeout.InfiniteTimeSpan, ct);
                }
                else
                {
                    // Another one is at it, but what this process committed may have come too late for that one's look.
                    await Task.Delay(pause, ct);
                    pause = Longer(pause);
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // A relay goes on whatever the sink or the store did: the entries are still there.
                logger.Failed(exception, store.Name, shard, pause.TotalSeconds);
                await Task.Delay(pause, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = Longer(pause);
            }
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, _longestPause.Ticks));

    /// <summary>Publishes what was there when it looked. False when another relay has the shard.</summary>
    private async Task<bool> DrainAsync(int shard, CancellationToken ct)
    {
        long? published = null;
        while (true)
        {
            var turn = await store.Storage.TakeRelayAsync(shard, _owner, store.Options.RelayLease, published, store.Options.RelayBatch);
            if (turn is null)
                return false;
            if (turn.Batches.Count == 0)
                return true;
            ct.ThrowIfCancellationRequested();
            var entries = new List<JournaledEntry>();
            foreach (var batch in turn.Batches)
                Journal.Unpack(batch, shard, entries);
            await sink.PublishAsync(entries, ct);
            store.Metrics.Relayed(shard, entries.Count);
            published = turn.Batches[^1].Sequence;
            // To read on until nothing is left would be, under load, to read after every commit. What came meanwhile rang the bell.
            if (turn.Batches.Count < store.Options.RelayBatch)
                return await store.Storage.TakeRelayAsync(shard, _owner, store.Options.RelayLease, published, limit: 0) is not null;
        }
    }
}
