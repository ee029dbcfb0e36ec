using System.Diagnostics;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Ledger;
using Pennypost.Store;

namespace Pennypost.Credits;

internal sealed partial class CreditsEdge
{
    private const int MaxFindings = 20;
    private const int MaxTries = 3;

    public override async Task<ListEntriesResponse> ListEntries(ListEntriesRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        var (size, place, filter) = Requests.Parse(request, violations);
        Check(violations);
        var journal = await history.OpenAsync(Partition(context, request.PoolId), 0, context.CancellationToken) ?? throw faults.PoolNotFound(request.PoolId);
        if (place < journal.FirstNumber) throw faults.JournalTrimmed(journal);
        var (entries, next) = await history.ListAsync(journal, place, size, filter, context.CancellationToken);
        return new ListEntriesResponse { Entries = { entries }, NextPageToken = next is { } number ? Wire.Number(number) : "", FirstSequence = journal.FirstNumber };
    }

    public override async Task<VerifyJournalResponse> VerifyJournal(VerifyJournalRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        Requests.Parse(request, violations);
        Check(violations);
        var (partition, ct) = (Partition(context, request.PoolId), context.CancellationToken);
        for (var tries = 1; ; tries++)
        {
            // What the store holds is looked at first, past everything that this process remembers of it.
            var verification = await store.VerifyAsync(partition, ct);
            if (verification is JournalVerification.StateDamaged damaged) return new VerifyJournalResponse { Findings = { $"state: {damaged.What}" } };
            PoolJournal journal;
            try
            {
                journal = await history.OpenAsync(partition, 0, ct) ?? throw faults.PoolNotFound(request.PoolId);
            }
            catch (JournalBrokenException broken)
            {
                return new VerifyJournalResponse { Findings = { broken.What } };
            }

            var response = await ProveAsync(journal, verification, ct);
            // What was trimmed while it was read is not missing.
            if (response.Valid || tries == MaxTries || (await history.OpenAsync(partition, 0, ct))!.Start.IsSame(journal.Start)) return response;
        }
    }

    private async Task<VerifyJournalResponse> ProveAsync(PoolJournal journal, JournalVerification verification, CancellationToken ct)
    {
        var response = new VerifyJournalResponse();
        foreach (var violation in Conservation.Violations(journal.Pool)) Find(violation);
        switch (verification)
        {
            case JournalVerification.Intact intact:
                response.HeadHash = Convert.ToHexStringLower(intact.Hash.Span);
                response.Entries = await history.ProveAsync(journal, Find, ct);
                break;
            case JournalVerification.Broken broken:
                // What cannot be trusted is not added up: it may not even be readable.
                Find($"entry {broken.Number}: {broken.What}");
                response.Entries = Math.Max(0, broken.Number - journal.FirstNumber);
                break;
        }

        response.Valid = response.Findings.Count == 0;
        return response;

        void Find(string finding)
        {
            if (response.Findings.Count < MaxFindings) response.Findings.Add(finding);
        }
    }

    public override async Task<TrimJournalResponse> TrimJournal(TrimJournalRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        var (lastNumber, exportHash) = Requests.Parse(request, violations);
        Check(violations);
        return await trimming.TrimAsync(Partition(context, request.PoolId), lastNumber, exportHash, request.Actor, context.CancellationToken) switch
        {
            Trim.Done { Checkpoint: var checkpoint } => new TrimJournalResponse { FirstSequence = checkpoint.Link.Number + 1, FirstTime = Wire.Time(checkpoint.Pool.AsOf) },
            Trim.NoSuchPool => throw faults.PoolNotFound(request.PoolId),
            Trim.Gone gone => throw faults.JournalTrimmed(gone.Journal),
            Trim.NotExported => throw faults.TrimRefused(request.PoolId, "not_exported", "The checksum is not that of an export that ends there."),
            Trim.NotRelayed => throw faults.TrimRefused(request.PoolId, "not_relayed", "Not all of it was published as events yet."),
            _ => throw new UnreachableException(),
        };
    }
}
