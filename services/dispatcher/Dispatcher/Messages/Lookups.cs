using Google.Protobuf;
using Pennypost.Dispatcher.Stored;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Messages;

/// <summary>One field of a message, as a keyed hash.</summary>
internal sealed record FieldDigest(string Field, byte[] Digest);

/// <summary>What claiming a message id came to.</summary>
internal abstract record ClaimedId
{
    private ClaimedId() { }

    /// <summary>The id stands for this content, now or since earlier.</summary>
    public sealed record Ours(bool Existed) : ClaimedId;

    /// <summary>The id stands for other content.</summary>
    public sealed record Reused(string Field) : ClaimedId;
}

/// <summary>
/// From a key to a prospect: a partition each, so that none grows. Message ids are a kind of their own, which the kernel lists; they are what ListMessages pages over.
/// </summary>
internal sealed class Lookups(StateStore store)
{
    private const string MessageKind = "message";
    private const string KeyKind = "lookup";

    private static readonly HeadCodec<StoredLookup> _codec = HeadCodec.Message(StoredLookup.Parser);

    /// <summary>Keeps that the id stands for this content, or says which field differs. Before the prospect's own commit: an id that points at nothing yet is completed by the same request sent again.</summary>
    public async Task<ClaimedId> ClaimAsync(string tenant, string messageId, string prospectId, IReadOnlyList<FieldDigest> fields, bool validateOnly, CancellationToken ct)
    {
        var executed = await store.ExecuteAsync<StoredLookup, ClaimedId>(Message(tenant, messageId), _codec, RecordKeys.None, view =>
        {
            if (view.Head is { } known)
                return new Decision<StoredLookup, ClaimedId>.Answer(Compare(known, fields));
            if (validateOnly)
                return new Decision<StoredLookup, ClaimedId>.Answer(new ClaimedId.Ours(false));
            var lookup = new StoredLookup { Format = 1, ProspectId = prospectId, CreateMs = view.Now.ToUnixTimeMilliseconds() };
            lookup.Fields.AddRange(fields.Select(field => new StoredFieldDigest { Field = field.Field, Digest = ByteString.CopyFrom(field.Digest) }));
            return new Decision<StoredLookup, ClaimedId>.Commit(lookup, new ClaimedId.Ours(false));
        }, 0, ct);
        return executed.Answer;
    }

    /// <summary>The prospect of a message; null if nobody knows the id.</summary>
    public async Task<string?> ProspectOfMessageAsync(string tenant, string messageId, CancellationToken ct) =>
        (await store.ReadAsync(Message(tenant, messageId), _codec, [], 0, ct)).Head?.ProspectId;

    /// <summary>The prospect behind a key; null if nobody knows it.</summary>
    public async Task<string?> ProspectOfAsync(string tenant, string key, CancellationToken ct) =>
        (await store.ReadAsync(new PartitionId(KeyKind, tenant, key), _codec, [], 0, ct)).Head is { ProspectId.Length: > 0 } known ? known.ProspectId : null;

    /// <summary>Whose an e-mail address is, and whether it is suppressed. The first prospect with it has it; with <paramref name="validateOnly"/> it is only looked at.</summary>
    public async Task<(string ProspectId, bool Suppressed)> ClaimEmailAsync(string tenant, string email, string prospectId, bool validateOnly, CancellationToken ct) =>
        (await store.ExecuteAsync<StoredLookup, (string, bool)>(new PartitionId(KeyKind, tenant, email), _codec, RecordKeys.None, view =>
        {
            var suppressed = view.Head is { SuppressMs: > 0 };
            if (view.Head is { ProspectId.Length: > 0 } known)
                return new Decision<StoredLookup, (string, bool)>.Answer((known.ProspectId, suppressed));
            if (validateOnly)
                return new Decision<StoredLookup, (string, bool)>.Answer((prospectId, suppressed));
            var lookup = new StoredLookup { Format = 1, ProspectId = prospectId, CreateMs = view.Now.ToUnixTimeMilliseconds(), SuppressMs = view.Head?.SuppressMs ?? 0 };
            return new Decision<StoredLookup, (string, bool)>.Commit(lookup, (prospectId, suppressed)) { Listed = false };
        }, 0, ct)).Answer;

    /// <summary>Puts an e-mail address on the suppression list or takes it off, known or not. Answers whose it is; empty for nobody's.</summary>
    public async Task<string> SuppressEmailAsync(string tenant, string email, bool unsuppress, CancellationToken ct) =>
        (await store.ExecuteAsync<StoredLookup, string>(new PartitionId(KeyKind, tenant, email), _codec, RecordKeys.None, view =>
        {
            var known = view.Head ?? new StoredLookup { Format = 1, CreateMs = view.Now.ToUnixTimeMilliseconds() };
            if (known.SuppressMs == 0 == unsuppress)
                return new Decision<StoredLookup, string>.Answer(known.ProspectId);
            var lookup = known.Clone();
            lookup.SuppressMs = unsuppress ? 0 : view.Now.ToUnixTimeMilliseconds();
            return new Decision<StoredLookup, string>.Commit(lookup, lookup.ProspectId) { Listed = false };
        }, 0, ct)).Answer;

    /// <summary>Lets go of where a key leads, if it leads to this prospect. Whether an address is suppressed stays.</summary>
    public Task ForgetAsync(string tenant, string key, string prospectId, CancellationToken ct) =>
        store.ExecuteAsync<StoredLookup, bool>(new PartitionId(KeyKind, tenant, key), _codec, RecordKeys.None, view => view.Head is { } known && known.ProspectId == prospectId
            ? new Decision<StoredLookup, bool>.Commit(new StoredLookup { Format = 1, SuppressMs = known.SuppressMs }, true) { Listed = false }
            : new Decision<StoredLookup, bool>.Answer(false), 0, ct);

    /// <summary>Lets go of what the id keeps of the message's texts and of what was said of the person. The id stays taken, for this prospect; a field that is gone cannot differ.</summary>
    public Task ForgetContentAsync(string tenant, string messageId, CancellationToken ct) =>
        store.ExecuteAsync<StoredLookup, bool>(Message(tenant, messageId), _codec, RecordKeys.None, view =>
        {
            if (view.Head is not { } known || !known.Fields.Any(field => ParsedMessage.IsPersonal(field.Field)))
                return new Decision<StoredLookup, bool>.Answer(false);
            var lookup = new StoredLookup { Format = 1, ProspectId = known.ProspectId, CreateMs = known.CreateMs };
            lookup.Fields.AddRange(known.Fields.Where(field => !ParsedMessage.IsPersonal(field.Field)));
            return new Decision<StoredLookup, bool>.Commit(lookup, true);
        }, 0, ct);

    /// <summary>Keeps where a key leads. The first one stays: a thread or a member id never changes hands.</summary>
    public Task KeepAsync(string tenant, string key, string prospectId, CancellationToken ct) =>
        store.ExecuteAsync<StoredLookup, bool>(new PartitionId(KeyKind, tenant, key), _codec, RecordKeys.None, view => view.Head is { ProspectId.Length: > 0 }
            ? new Decision<StoredLookup, bool>.Answer(false)
            : new Decision<StoredLookup, bool>.Commit(new StoredLookup { Format = 1, ProspectId = prospectId, CreateMs = view.Now.ToUnixTimeMilliseconds() }, true) { Listed = false }, 0, ct);

    /// <summary>A page of the tenant's message ids, in order.</summary>
    public async Task<(IReadOnlyList<string> MessageIds, string? NextPageToken)> ListAsync(string tenant, int pageSize, string? pageToken, CancellationToken ct)
    {
        var page = await store.ListAsync(MessageKind, tenant, pageSize, pageToken, ct);
        return ([.. page.Partitions.Select(partition => partition.Id)], page.NextPageToken);
    }

    private static PartitionId Message(string tenant, string messageId) => new(MessageKind, tenant, messageId);

    private static ClaimedId Compare(StoredLookup known, IReadOnlyList<FieldDigest> fields)
    {
        var before = known.Fields.ToDictionary(field => field.Field, field => field.Digest, StringComparer.Ordinal);
        // A field that this version added and that version did not know cannot differ.
        var differs = fields.FirstOrDefault(field => before.TryGetValue(field.Field, out var digest) && !digest.Span.SequenceEqual(field.Digest));
        return differs is null ? new ClaimedId.Ours(true) : new ClaimedId.Reused(differs.Field);
    }
}
