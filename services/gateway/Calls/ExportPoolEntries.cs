using System.Globalization;
using Grpc.Core;
using Pennypost.Gateway.Exports;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    private const int EntriesPerPage = 1_000;

    public override Task ExportPoolEntries(ExportPoolEntriesRequest request, IServerStreamWriter<ExportPoolEntriesResponse> responseStream, ServerCallContext context)
    {
        CheckUnread(context, violations =>
        {
            violations.Id("pool_id", request.PoolId);
            violations.OptionalId("hold_id", request.HoldId, Ids.MaxHoldLength);
            violations.OptionalId("cause_id", request.CauseId, Ids.MaxHoldLength);
            violations.OptionalId("resume_token", request.ResumeToken);
        });
        return Export.RunAsync(request.ResumeToken, Read, entry => (entry.Sequence + 1).ToString(CultureInfo.InvariantCulture), (entry, token) =>
            responseStream.WriteAsync(new ExportPoolEntriesResponse { Entry = entry, ResumeToken = token }, context.CancellationToken));

        async Task<ExportPage<Entry>> Read(string token)
        {
            // The call has counted as one already.
            if (token != request.ResumeToken) await quota.TakeAsync(context, 1, tells: false);
            // Each page has a deadline of its own, not the whole export's.
            var page = await credits.ListEntriesAsync(new Credits.V1.ListEntriesRequest
            {
                PoolId = request.PoolId,
                PageSize = EntriesPerPage,
                PageToken = token,
                Kinds = { request.Kinds },
                HoldId = request.HoldId,
                CauseId = request.CauseId,
                FromTime = request.FromTime,
                UntilTime = request.UntilTime,
            }, OnBehalf.Of(context.Caller().Tenant, context.CancellationToken).ForPartition(request.PoolId));
            return new ExportPage<Entry>(page.Entries, page.NextPageToken);
        }
    }
}
