using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;

namespace Pennypost.Credits;

internal sealed partial class CreditsEdge
{
    private const int ExportPiece = 32 * 1024;

    public override async Task ExportJournal(ExportJournalRequest request, IServerStreamWriter<ExportJournalResponse> responseStream, ServerCallContext context)
    {
        var violations = new Violations();
        var lastNumber = Requests.Parse(request, violations);
        Check(violations);
        var (partition, ct) = (Partition(context, request.PoolId), context.CancellationToken);
        var journal = await history.OpenAsync(partition, 0, ct) ?? throw faults.PoolNotFound(request.PoolId);
        if (lastNumber < journal.FirstNumber) throw faults.JournalTrimmed(journal);
        using var export = new JournalExport(request.PoolId, journal.Start);
        await foreach (var batch in store.ReadChainAsync(partition, journal.Start, await store.JournalHeadAsync(partition, ct), ct))
        {
            export.Add(batch);
            if (export.Waiting >= ExportPiece) await responseStream.WriteAsync(new ExportJournalResponse { Ndjson = export.Take() }, ct);
            if (batch.Link.Number >= lastNumber) break;
        }

        export.End();
        await responseStream.WriteAsync(new ExportJournalResponse { Ndjson = export.Take() }, ct);
    }
}
