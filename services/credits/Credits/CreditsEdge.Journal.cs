using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Ledger;
using Pennypost.Store;

namespace Pennypost.Credits;

internal sealed partial class CreditsEdge
{
    private const int MaxFindings = 20;

    public override async Task<ListEntriesResponse> ListEntries(ListEntriesRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        var (size, from, filter) = Requests.Parse(request, violations);
        Check(violations);
        var partition = Partition(context, request.PoolId);
        var pool = (await store.ReadAsync(partition, PoolDocument.Codec, [], 0, context.CancellationToken)).Head ?? throw faults.PoolNotFound(request.PoolId);
        var (entries, next) = await history.ListAsync(partition, pool, from, size, filter, context.CancellationToken);
        return new ListEntriesResponse { Entries = { entries }, NextPageToken = next is { } number ? Wire.Number(number) : "" };
    }

    public override async Task<VerifyJournalResponse> VerifyJournal(VerifyJournalRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        Requests.Parse(request, violations);
        Check(violations);
        var partition = Partition(context, request.PoolId);
        var response = new VerifyJournalResponse();
        // What the store holds is looked at first, past everything that this process remembers of it.
        var verification = await store.VerifyAsync(partition, context.CancellationToken);
        if (verification is JournalVerification.StateDamaged damaged)
        {
            Find($"state: {damaged.What}");
            return response;
        }

        var pool = (await store.ReadAsync(partition, PoolDocument.Codec, [], 0, context.CancellationToken)).Head ?? throw faults.PoolNotFound(request.PoolId);
        foreach (var violation in Conservation.Violations(pool)) Find(violation);
        switch (verification)
        {
            case JournalVerification.Intact intact:
                response.HeadHash = Convert.ToHexStringLower(intact.Hash.Span);
                response.Entries = await history.ProveAsync(partition, pool, Find, context.CancellationToken);
                break;
            case JournalVerification.Broken broken:
                // What cannot be trusted is not added up: it may not even be readable.
                Find($"entry {broken.Number}: {broken.What}");
                response.Entries = broken.Number - 1;
                break;
        }

        response.Valid = response.Findings.Count == 0;
        return response;

        void Find(string finding)
        {
            if (response.Findings.Count < MaxFindings) response.Findings.Add(finding);
        }
    }
}
