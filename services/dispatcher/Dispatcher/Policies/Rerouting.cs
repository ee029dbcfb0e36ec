using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Messages;
using Pennypost.Dispatcher.Work;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Policies;

/// <summary>
/// F81: a policy was changed, so the messages that wait by it for a reason of the routing are looked at again, a page at a time and one after the other, and what the policy now says decides: they go, they wait for
/// the policy's next opening, or they end. Where it stopped is kept with the policies, so that whoever picks it up goes on from there; twice over it changes nothing.
/// </summary>
internal sealed class Rerouting(TenantPolicies policies, MessageLists lists, Prospects prospects, StateStore store) : IDueWork
{
    private const int PageSize = 100;

    /// <summary>From one message to the next: fifty a second, so that a hundred thousand do not come down on the accounts at once.</summary>
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(20);

    public string Kind => TenantPolicies.Kind;

    public async Task DoAsync(PartitionId partition, string key, CancellationToken ct)
    {
        if (key != TenantPolicies.RerouteDue || !partition.Equals(TenantPolicies.Partition(partition.Tenant)))
            return;
        var tenant = partition.Tenant;
        if (await policies.ReroutedAsync(tenant, ct) is not { } rerouted)
        {
            await policies.ReroutedPageAsync(tenant, null, "", TimeSpan.Zero, ct);
            return;
        }

        var (page, next) = await lists.PageAsync(tenant, PageSize, rerouted.PageToken, ct);
        var (at, woken) = (await store.NowAsync(ct), 0);
        foreach (var kept in page.Where(kept => kept.Message.State == MessageState.Waiting && RefusalEffects.IsOfRouting(kept.Message.Reason) && rerouted.Names.Contains(TenantPolicies.NameOf(kept.Message.Policy))))
            woken += await prospects.WakeAsync(tenant, kept.ProspectId, kept.Message.Id, at + (_pace * woken), ct) ? 1 : 0;
        await policies.ReroutedPageAsync(tenant, rerouted, next, _pace * woken, ct);
    }
}
