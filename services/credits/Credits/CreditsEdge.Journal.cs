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
        var (size, from) = Requests.Parse(request, violations);
        Check(violations);
        var partition = Partition(context, request.PoolId);
        if ((await book.ReadAsync(partition, 0, context.CancellationToken)).Pool is null) throw faults.PoolNotFound(request.PoolId);
        var page = await store.ReadJournalAsync(partition, from, size, context.CancellationToken);
        var response = new ListEntriesResponse { NextPageToken = page.NextNumber is { } next ? Wire.Number(next) : "" };
        foreach (var line in page.Entries)
            response.Entries.Add(EntryDocument.Read(line) is { } entry ? Wire.Entry(entry, line.Number) : Wire.RewindAccepted(line));
        return response;
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
