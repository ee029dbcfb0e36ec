using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Caching.Memory;
using Pennypost.Dispatcher.Stored;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Pennypost.Store;
using Pennypost.Types.V1;

namespace Pennypost.Dispatcher.Policies;

/// <summary>What putting a policy came to.</summary>
internal abstract record PolicyPut
{
    private PolicyPut() { }

    /// <summary>Kept, now or before; or, when only validating, as it would be.</summary>
    public sealed record Kept(RoutingPolicy Policy) : PolicyPut;

    /// <summary>Somebody else changed it since.</summary>
    public sealed record LostRace : PolicyPut;

    /// <summary>The tenant has as many as it may have.</summary>
    public sealed record TooMany : PolicyPut;
}

/// <summary>Messages whose policy was changed while they waited: which policies, and from which page of messages on.</summary>
/// <param name="Names">The policies.</param>
/// <param name="PageToken">Empty for the first page.</param>
/// <param name="Revision">Of the tenant's policies when this was read.</param>
internal sealed record Rerouted(IReadOnlySet<string> Names, string PageToken, long Revision);

/// <summary>
/// A tenant's routing policies, in one partition: they are few, and one commit with what they set going. What they mean is the router's; here they are kept, named and counted.
/// </summary>
internal sealed class TenantPolicies(StateStore store) : IDisposable
{
    /// <summary>Policies of one tenant.</summary>
    public const int Limit = 100;

    /// <summary>The name of the policy for messages that name none.</summary>
    public const string Default = "default";

    /// <summary>The kind of partition that settings are.</summary>
    public const string Kind = "settings";

    /// <summary>Due while waiting messages have yet to be looked at again.</summary>
    public const string RerouteDue = "reroute";

    private const int ReroutePriority = 3;

    // Real time. Each message asks once or twice on its way.
    private static readonly TimeSpan _age = TimeSpan.FromSeconds(1);

    // After every instance has let go of what it had read.
    private static readonly TimeSpan _rerouteAfter = 2 * _age;

    private static readonly HeadCodec<StoredPolicies> _codec = HeadCodec.Message(StoredPolicies.Parser);
    private readonly MemoryCache _read = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    /// <summary>What a message is routed by that names this policy, or none; null for the installation's default.</summary>
    public async Task<RoutingPolicy?> OfAsync(string tenant, string name, CancellationToken ct)
    {
        if (!_read.TryGetValue(tenant, out IReadOnlyDictionary<string, RoutingPolicy>? known))
        {
            known = (await ListAsync(tenant, ct)).ToDictionary(policy => policy.Name, StringComparer.Ordinal);
            using var entry = _read.CreateEntry(tenant);
            entry.SetSize(1).SetAbsoluteExpiration(_age).SetValue(known);
        }

        // One that was put a moment ago, by this or another instance, is no less there for what was read before.
        return known!.GetValueOrDefault(NameOf(name)) ?? (name.Length > 0 ? await FindAsync(tenant, name, ct) : null);
    }

    /// <summary>Which policy it is that a message means.</summary>
    public static string NameOf(string named) => named.Length == 0 ? Default : named;

    /// <summary>A message that names a policy must name one that is kept. Policies are never deleted, so a replay is not refused what its first time was not.</summary>
    public async Task CheckNameAsync(string tenant, MessageSpec? message, Violations violations, CancellationToken ct)
    {
        if (message is { Policy.Length: > 0 } && Ids.IsId(message.Policy, Ids.MaxLength) && await OfAsync(tenant, message.Policy, ct) is null)
            violations.Add("message.policy", "must name a routing policy that the tenant keeps");
    }

    /// <summary>A policy as it stands; null if there is none of this name.</summary>
    public async Task<RoutingPolicy?> FindAsync(string tenant, string name, CancellationToken ct) =>
        (await ListAsync(tenant, ct)).FirstOrDefault(policy => policy.Name == name);

    /// <summary>All of them, by name.</summary>
    public async Task<IReadOnlyList<RoutingPolicy>> ListAsync(string tenant, CancellationToken ct) =>
        [.. Read((await store.ReadAsync(Partition(tenant), _codec, [], 0, ct)).Head).OrderBy(policy => policy.Name, StringComparer.Ordinal)];

    /// <summary>
    /// Creates or replaces one. Again as it is, nothing is changed and no version counted. A change sets going that the messages that wait by it are looked at again (F81).
    /// </summary>
    public async Task<PolicyPut> PutAsync(string tenant, RoutingPolicy wanted, bool validateOnly, CancellationToken ct)
    {
        var executed = await store.ExecuteAsync<StoredPolicies, PolicyPut>(Partition(tenant), _codec, RecordKeys.None, view =>
        {
            var policies = Read(view.Head).ToList();
            var known = policies.Find(policy => policy.Name == wanted.Name);
            if (wanted.Etag.Length > 0 && wanted.Etag != known?.Etag)
                return new Decision<StoredPolicies, PolicyPut>.Answer(new PolicyPut.LostRace());
            if (known is not null && Content(known).Equals(Content(wanted)))
                return new Decision<StoredPolicies, PolicyPut>.Answer(new PolicyPut.Kept(known));
            if (known is null && policies.Count >= Limit)
                return new Decision<StoredPolicies, PolicyPut>.Answer(new PolicyPut.TooMany());

            var kept = Content(wanted);
            (kept.Version, kept.UpdateTime) = ((known?.Version ?? 0) + 1, Timestamp.FromDateTimeOffset(view.Now));
            var after = new StoredPolicies { Format = 1, Revision = (view.Head?.Revision ?? 0) + 1 };
            after.Policies.AddRange(policies.Where(policy => policy != known).Append(kept).Select(policy => new StoredPolicy { Policy = policy.ToByteString() }));
            after.Changed.AddRange((view.Head?.Changed.AsEnumerable() ?? []).Append(kept.Name).Distinct(StringComparer.Ordinal));
            var answer = new PolicyPut.Kept(WithEtag(kept.Clone()));
            return validateOnly
                ? new Decision<StoredPolicies, PolicyPut>.Answer(answer)
                : new Decision<StoredPolicies, PolicyPut>.Commit(after, answer)
                {
                    Due = [new DueChange.Set(RerouteDue, view.Now + _rerouteAfter, ReroutePriority, [])],
                    Listed = false,
                };
        }, 0, ct);
        _read.Remove(tenant);
        return executed.Answer;
    }

    /// <summary>Whose messages have yet to be looked at again; null if nobody's.</summary>
    public async Task<Rerouted?> ReroutedAsync(string tenant, CancellationToken ct) =>
        (await store.ReadAsync(Partition(tenant), _codec, [], 0, ct)).Head is { Changed.Count: > 0 } head
            ? new Rerouted(head.Changed.ToHashSet(StringComparer.Ordinal), head.PageToken, head.Revision)
            : null;

    /// <summary>A page of messages was looked at. A policy changed meanwhile has them all looked at from the start.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="page">The page.</param>
    /// <param name="nextPageToken">Empty at the end.</param>
    /// <param name="after">How long until the next.</param>
    /// <param name="ct">Ends the waiting.</param>
    public Task ReroutedPageAsync(string tenant, Rerouted? page, string nextPageToken, TimeSpan after, CancellationToken ct) =>
        store.ExecuteAsync<StoredPolicies, bool>(Partition(tenant), _codec, RecordKeys.None, view =>
        {
            if (view.Head is null || (page is not null && (view.Head.Revision, view.Head.PageToken) != (page.Revision, page.PageToken)))
                return new Decision<StoredPolicies, bool>.Answer(false);
            var head = view.Head.Clone();
            head.PageToken = nextPageToken;
            if (nextPageToken.Length == 0)
                head.Changed.Clear();
            return new Decision<StoredPolicies, bool>.Commit(head, true)
            {
                Due = [nextPageToken.Length == 0 ? new DueChange.Remove(RerouteDue) : new DueChange.Set(RerouteDue, view.Now + after, ReroutePriority, [])],
                Listed = false,
            };
        }, 0, ct);

    /// <summary>The partition of a tenant's policies.</summary>
    public static PartitionId Partition(string tenant) => new(Kind, tenant, "policies");

    private static IEnumerable<RoutingPolicy> Read(StoredPolicies? head) =>
        head is null ? [] : head.Policies.Select(stored => WithEtag(RoutingPolicy.Parser.ParseFrom(stored.Policy)));

    private static RoutingPolicy WithEtag(RoutingPolicy policy)
    {
        policy.Etag = policy.Version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return policy;
    }

    /// <summary>What its tenant says, without what is counted here.</summary>
    private static RoutingPolicy Content(RoutingPolicy policy) => new(policy) { Version = 0, Etag = "", UpdateTime = null };

    public void Dispose() => _read.Dispose();
}
