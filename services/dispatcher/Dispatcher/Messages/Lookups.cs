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
        (await store.ReadAsync(new PartitionId(KeyKind, tenant, key), _codec, [], 0, ct)).Head?.ProspectId;

    /// <summary>Keeps where a key leads. The first one stays: a thread or a member id never changes hands.</summary>
    public Task KeepAsync(string tenant, string key, string prospectId, CancellationToken ct) =>
        store.ExecuteAsync<StoredLookup, bool>(new PartitionId(KeyKind, tenant, key), _codec, RecordKeys.None, view => view.Head is not null
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
