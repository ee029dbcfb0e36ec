using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<GetConnectionResponse> GetConnection(GetConnectionRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("connection_id", request.ConnectionId);
        });
        var answer = await dispatcher.GetConnectionAsync(new Dispatcher.V1.GetConnectionRequest { ConnectionId = request.ConnectionId }, OnBehalf.Of(context));
        return new GetConnectionResponse { Connection = WithoutSecrets(answer.Connection) };
    }
}
