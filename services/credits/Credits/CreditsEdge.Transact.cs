using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;

namespace Pennypost.Credits;

internal sealed partial class CreditsEdge
{
    public override Task Transact(IAsyncStreamReader<TransactRequest> requestStream, IServerStreamWriter<TransactResponse> responseStream, ServerCallContext context) =>
        streams.ServeAsync(context.Caller().Tenant, requestStream, responseStream, context);
}
