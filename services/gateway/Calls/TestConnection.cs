using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<TestConnectionResponse> TestConnection(TestConnectionRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await dispatcher.TestConnectionAsync(new Dispatcher.V1.TestConnectionRequest { ConnectionId = request.ConnectionId }, OnBehalf.Of(context));
        return new TestConnectionResponse { Test = answer.Test };
    }
}
