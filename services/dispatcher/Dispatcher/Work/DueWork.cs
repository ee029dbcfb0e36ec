using Pennypost.Store;

namespace Pennypost.Dispatcher.Work;

/// <summary>Deals with due entries of one kind of partition. An entry goes only when the partition's next commit sets or removes it; until then it comes back.</summary>
internal interface IDueWork
{
    /// <summary>The kind of partition.</summary>
    string Kind { get; }

    Task DoAsync(PartitionId partition, string key, CancellationToken ct);
}
