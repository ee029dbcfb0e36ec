using Google.Protobuf;
using Pennypost.Credits.Stored;
using Pennypost.Ledger;
using Pennypost.Store;

namespace Pennypost.Credits;

/// <summary>The rules that tenants put in place of the catalogue's: one partition per tenant.</summary>
internal sealed class PlanOverrides(StateStore store)
{
    public const string Kind = "plans";

    private static readonly HeadCodec<StoredPlanOverrides> Codec = HeadCodec.Mapped(StoredPlanOverrides.Parser, stored => stored, stored => stored);

    public async Task<IReadOnlyDictionary<string, TermsOverride>> OfAsync(string tenant, CancellationToken ct) =>
        Read((await store.ReadAsync(Partition(tenant), Codec, [], 0, ct)).Head);

    /// <summary>Replaces what the tenant had put in place of the plan's rules; null puts the catalogue's back.</summary>
    public async Task PutAsync(string tenant, string planId, TermsOverride? terms, CancellationToken ct) =>
        await store.ExecuteAsync<StoredPlanOverrides, bool>(
            Partition(tenant),
            Codec,
            RecordKeys.None,
            view =>
            {
                if (Read(view.Head).GetValueOrDefault(planId) == terms) return new Decision<StoredPlanOverrides, bool>.Answer(true);
                var next = view.Head?.Clone() ?? new StoredPlanOverrides();
                next.Overrides.Remove(planId);
                if (terms is not null) next.Overrides[planId] = TermsDocument.Write(terms);
                return new Decision<StoredPlanOverrides, bool>.Commit(next, true)
                {
                    Entries = [new JournalEntry("plans.overridden", new StoredPlanOverrides { Overrides = { [planId] = TermsDocument.Write(terms ?? new TermsOverride()) } }.ToByteArray())],
                };
            },
            0,
            ct);

    private static Dictionary<string, TermsOverride> Read(StoredPlanOverrides? stored) =>
        stored?.Overrides.ToDictionary(pair => pair.Key, pair => TermsDocument.Read(pair.Value), StringComparer.Ordinal) ?? [];

    private static PartitionId Partition(string tenant) => new(Kind, tenant, "all");
}
