using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.Stored;
using Pennypost.Store;

namespace Pennypost.Dispatcher.Messages;

/// <summary>
/// Whose messages stop when somebody at their company replies: a partition per company, named by a keyed hash, with a record per prospect. A reply is kept there with a due time, so that it reaches everybody
/// whoever dies meanwhile.
/// </summary>
internal sealed class Companies(StateStore store, Prospects prospects)
{
    public const string Kind = "company";
    private const string ReplyDue = "reply";
    private const string Member = "p/";
    private const int PageSize = 500;

    private static readonly HeadCodec<StoredCompany> _codec = HeadCodec.Message(StoredCompany.Parser);

    /// <summary>From now on the company's replies reach this prospect.</summary>
    public Task JoinAsync(string tenant, string company, string prospectId, CancellationToken ct)
    {
        var key = Member + prospectId;
        return store.ExecuteAsync<StoredCompany, bool>(Partition(tenant, company), _codec, RecordKeys.Of(key), view => view.Record(key) is not null
            ? new Decision<StoredCompany, bool>.Answer(false)
            : new Decision<StoredCompany, bool>.Commit(view.Head ?? new StoredCompany { Format = 1 }, true) { Records = [new RecordChange.Put(key, [1])], Listed = false }, 0, ct);
    }

    /// <summary>The company's replies reach this prospect no longer.</summary>
    public Task LeaveAsync(string tenant, string company, string prospectId, CancellationToken ct)
    {
        var key = Member + prospectId;
        return store.ExecuteAsync<StoredCompany, bool>(Partition(tenant, company), _codec, RecordKeys.Of(key), view => view.Head is null || view.Record(key) is null
            ? new Decision<StoredCompany, bool>.Answer(false)
            : new Decision<StoredCompany, bool>.Commit(view.Head, true) { Records = [new RecordChange.Delete(key)], Listed = false }, 0, ct);
    }

    /// <summary>Somebody of the company replied. Nothing is kept where nobody's messages stop with it, nor of a reply that is not later than the last.</summary>
    public Task RepliedAsync(string tenant, string company, string prospectId, DateTimeOffset time, CancellationToken ct) =>
        store.ExecuteAsync<StoredCompany, bool>(Partition(tenant, company), _codec, RecordKeys.None, view => view.Head is not { } known || known.ReplyMs >= time.ToUnixTimeMilliseconds()
            ? new Decision<StoredCompany, bool>.Answer(false)
            : new Decision<StoredCompany, bool>.Commit(new StoredCompany { Format = 1, ReplyMs = time.ToUnixTimeMilliseconds(), RepliedProspectId = prospectId }, true)
            {
                Due = [new DueChange.Set(ReplyDue, view.Now, 1, [])],
                Listed = false,
            }, 0, ct);

    /// <summary>Takes the company's last reply to everybody it concerns. Safe to repeat.</summary>
    public async Task TellAsync(string tenant, string company, CancellationToken ct)
    {
        var partition = Partition(tenant, company);
        if ((await store.ReadAsync(partition, _codec, [], 0, ct)).Head is not { ReplyMs: > 0 } reply)
            return;
        var happened = new CompanyReply(company, DateTimeOffset.FromUnixTimeMilliseconds(reply.ReplyMs));
        string? pageToken = null;
        do
        {
            var page = await store.RecordsAsync(partition, Member, PageSize, pageToken, ct);
            foreach (var prospectId in page.Records.Select(record => record.Key[Member.Length..]).Where(id => id != reply.RepliedProspectId))
                await prospects.HearAsync(tenant, prospectId, null, prospect => prospect.OpenMessages, (prospect, messages, _, now) => Replying.OfCompany(prospect, messages.Values, happened, now), ct);
            pageToken = page.NextPageToken;
        }
        while (pageToken is not null);

        // A later reply has set its own due time, and tells everybody again.
        await store.ExecuteAsync<StoredCompany, bool>(partition, _codec, RecordKeys.None, view => view.Head is not { } now || now.ReplyMs != reply.ReplyMs
            ? new Decision<StoredCompany, bool>.Answer(false)
            : new Decision<StoredCompany, bool>.Commit(now, true) { Due = [new DueChange.Remove(ReplyDue)], Listed = false }, 0, ct);
    }

    private static PartitionId Partition(string tenant, string company) => new(Kind, tenant, company);
}
