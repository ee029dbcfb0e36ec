using Pennypost.Dispatcher.Accounts;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Work;

/// <summary>Due entries of accounts and of demand: inboxes and balances to read, messages to wake.</summary>
internal sealed class AccountDueWork(string kind, AccountDueTimes dueTimes, InboxSync inbox) : IDueWork
{
    public string Kind => kind;

    public Task DoAsync(PartitionId partition, string key, CancellationToken ct) =>
        kind == AccountStorage.Kind && key == AccountBook.InboxDue
            ? inbox.LookAsync(partition.Tenant, partition.Id, ct)
            : dueTimes.HandleAsync(new DueClaim(partition, key, DateTimeOffset.UnixEpoch, 0, [], DateTimeOffset.UnixEpoch), ct);
}
