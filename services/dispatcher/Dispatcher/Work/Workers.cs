using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Options;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Transport;

namespace Pennypost.Dispatcher.Work;

/// <summary>Takes released work from the queue, so many at once. Work that fails is not tried again here: it comes back through the due index.</summary>
internal sealed class Workers(IWorkQueue queue, IEnumerable<IDueWork> kinds, IOptions<DispatcherOptions> options, CrashPoint crash, ILogger<Workers> logger) : IHostedService
{
    private readonly Dictionary<string, IDueWork> _kinds = kinds.ToDictionary(kind => kind.Kind, StringComparer.Ordinal);

    /// <summary>What is under way here: an entry that was released again meanwhile is left to whoever has it.</summary>
    private readonly ConcurrentDictionary<string, byte> _underWay = new(StringComparer.Ordinal);

    private IAsyncDisposable? _consuming;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Work)
            _consuming = queue.Consume(options.Value.Workers, DoAsync);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_consuming is not null)
            await _consuming.DisposeAsync();
    }

    private async Task DoAsync(WorkItem item, CancellationToken ct)
    {
        if (!PartitionId.TryParse(Encoding.ASCII.GetString(item.Payload.Span), out var partition) || !_kinds.TryGetValue(partition.Kind, out var kind) || !_underWay.TryAdd(item.WorkId, 0))
            return;
        try
        {
            await kind.DoAsync(partition, item.Kind, ct);
            crash.Reach(CrashPoints.BeforeAcknowledge);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            // Its due entry is still there, or the attempt's recovery is: nothing is lost by going on.
            logger.DueWorkFailed(exception, partition.Key, item.Kind);
        }
        finally
        {
            _underWay.TryRemove(item.WorkId, out _);
        }
    }
}
