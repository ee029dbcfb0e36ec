using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Stored;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Messages;

/// <summary>An entry of the list.</summary>
/// <param name="ProspectId">The prospect; empty if nobody is known under the address.</param>
/// <param name="IsAddress">Whether it is for an e-mail address.</param>
/// <param name="Since">When it was put there.</param>
internal sealed record SuppressionEntry(string ProspectId, bool IsAddress, DateTimeOffset Since);

/// <summary>
/// The suppression list. What holds stands with the prospect and with the address; the list is beside it, so that it can be read. It names first what is then done, and last what was undone: what holds is always
/// on it.
/// </summary>
internal sealed class Suppressions(StateStore store, Prospects prospects, Lookups lookups)
{
    private const string Kind = "suppression";

    private static readonly HeadCodec<StoredSuppression> _codec = HeadCodec.Message(StoredSuppression.Parser);

    /// <summary>A prospect, with every address that is known to be theirs. Returns when it holds.</summary>
    public async Task SuppressAsync(string tenant, string prospectId, bool unsuppress, CancellationToken ct)
    {
        var known = await prospects.FindAsync(tenant, prospectId, ct);
        foreach (var email in known.Emails.Union(known.Erasure?.Emails ?? []))
            await AddressAsync(tenant, email, unsuppress, ct);
        if (!unsuppress)
            await NoteAsync(tenant, prospectId, unsuppress, ct);
        await prospects.HearAsync(
            tenant,
            prospectId,
            null,
            prospect => prospect.OpenMessages,
            (prospect, messages, _, now) => Ending.Suppress(prospect, messages.Values, unsuppress, now),
            ct);
        if (unsuppress)
            await NoteAsync(tenant, prospectId, unsuppress, ct);
    }

    /// <summary>An e-mail address, and the prospect whose it is. Answers the prospect; empty if nobody's it is.</summary>
    public async Task<string> SuppressEmailAsync(string tenant, string email, bool unsuppress, CancellationToken ct)
    {
        var prospectId = await AddressAsync(tenant, email, unsuppress, ct);
        if (prospectId.Length > 0)
            await SuppressAsync(tenant, prospectId, unsuppress, ct);
        return prospectId;
    }

    /// <summary>A page of the list, by id.</summary>
    public async Task<(IReadOnlyList<SuppressionEntry> Entries, string? NextPageToken)> ListAsync(string tenant, int pageSize, string? pageToken, CancellationToken ct)
    {
        var page = await store.ListAsync(Kind, tenant, pageSize, pageToken, ct);
        var found = await Task.WhenAll(page.Partitions.Select(partition => EntryAsync(partition, ct)));
        return ([.. found.OfType<SuppressionEntry>()], page.NextPageToken);
    }

    /// <summary>Null for one that was taken off.</summary>
    private async Task<SuppressionEntry?> EntryAsync(PartitionId partition, CancellationToken ct)
    {
        if ((await store.ReadAsync(partition, _codec, [], 0, ct)).Head is not { SuppressMs: > 0 } entry)
            return null;
        var isAddress = Identifiers.IsEmail(partition.Id);
        var prospectId = isAddress ? await lookups.ProspectOfAsync(partition.Tenant, partition.Id, ct) ?? "" : partition.Id;
        return new SuppressionEntry(prospectId, isAddress, DateTimeOffset.FromUnixTimeMilliseconds(entry.SuppressMs));
    }

    private async Task<string> AddressAsync(string tenant, string email, bool unsuppress, CancellationToken ct)
    {
        if (!unsuppress)
            await NoteAsync(tenant, email, unsuppress, ct);
        var prospectId = await lookups.SuppressEmailAsync(tenant, email, unsuppress, ct);
        if (unsuppress)
            await NoteAsync(tenant, email, unsuppress, ct);
        return prospectId;
    }

    private Task<Executed<bool>> NoteAsync(string tenant, string id, bool unsuppress, CancellationToken ct) =>
        store.ExecuteAsync<StoredSuppression, bool>(new PartitionId(Kind, tenant, id), _codec, RecordKeys.None, view => (view.Head?.SuppressMs ?? 0) == 0 == unsuppress
            ? new Decision<StoredSuppression, bool>.Answer(false)
            : new Decision<StoredSuppression, bool>.Commit(new StoredSuppression { Format = 1, SuppressMs = unsuppress ? 0 : view.Now.ToUnixTimeMilliseconds() }, true), 0, ct);
}
