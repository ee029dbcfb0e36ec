using Pennypost.Dispatcher.Stored;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Accounts;

/// <summary>Which tenant a provider account belongs to: one per installation, whoever names it first.</summary>
internal sealed class AccountOwners(StateStore store)
{
    private static readonly HeadCodec<StoredOwner> Codec = HeadCodec.Message(StoredOwner.Parser);

    /// <summary>Claims it; false if another tenant has it. Safe to repeat.</summary>
    public async Task<bool> ClaimAsync(string tenant, string accountId, CancellationToken ct)
    {
        var executed = await store.ExecuteAsync<StoredOwner, bool>(
            new PartitionId("account_owner", "_", accountId),
            Codec,
            RecordKeys.None,
            view => view.Head is { } owner
                ? new Decision<StoredOwner, bool>.Answer(owner.Tenant == tenant)
                : new Decision<StoredOwner, bool>.Commit(new StoredOwner { Tenant = tenant }, true) { Listed = false },
            0,
            ct);
        return executed.Answer;
    }
}
