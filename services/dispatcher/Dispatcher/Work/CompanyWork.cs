using Pennypost.Dispatcher.Messages;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Work;

/// <summary>Due entries of companies: a reply that has yet to reach the colleagues.</summary>
internal sealed class CompanyWork(Companies companies) : IDueWork
{
    public string Kind => Companies.Kind;

    public Task DoAsync(PartitionId partition, string key, CancellationToken ct) => companies.TellAsync(partition.Tenant, partition.Id, ct);
}
