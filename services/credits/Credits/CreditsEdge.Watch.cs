using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;

namespace Pennypost.Credits;

internal sealed partial class CreditsEdge
{
    public override async Task WatchPools(WatchPoolsRequest request, IServerStreamWriter<WatchPoolsResponse> responseStream, ServerCallContext context)
    {
        var violations = new Violations();
        var from = Requests.Parse(request, store.Shards, violations);
        Check(violations);
        // A reader that does not read keeps the write from ending: nothing more is read for it meanwhile.
        var ct = context.CancellationToken;
        if (!await watches.TellAsync(context.Caller().Tenant, request.PoolIds, from, answer => responseStream.WriteAsync(answer, ct), ct))
            throw faults.TooManyWatches(watches.Limit);
    }
}
