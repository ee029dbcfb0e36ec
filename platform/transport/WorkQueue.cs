namespace Pennypost.Transport;

/// <summary>A piece of work that is ready now. Lost work comes back through the due index of its owner.</summary>
/// <param name="WorkId">Unique per piece of work.</param>
/// <param name="Tenant">Whose.</param>
/// <param name="Kind">What is to be done.</param>
/// <param name="Payload">For the handler.</param>
public sealed record WorkItem(string WorkId, string Tenant, string Kind, ReadOnlyMemory<byte> Payload);

/// <summary>Ready work from whoever releases it to any one worker.</summary>
public interface IWorkQueue
{
    /// <summary>Completes when the queue took the items; throws if that fails or takes too long, and the caller puts them there again.</summary>
    Task EnqueueAsync(IReadOnlyList<WorkItem> items, CancellationToken cancellationToken);

    /// <summary>Hands work to the handler, at most <paramref name="concurrency"/> at once. Work whose handler throws goes to the queue's errors.</summary>
    IAsyncDisposable Consume(int concurrency, Func<WorkItem, CancellationToken, Task> handler);

    /// <summary>Items that no worker has taken yet, of all who release; null if that cannot be told now.</summary>
    ValueTask<int?> CountWaitingAsync(CancellationToken cancellationToken);
}
