using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ReplayCommandsResponse> ReplayCommands(ReplayCommandsRequest request, ServerCallContext context)
    {
        Check(context);
        var answer = await dispatcher.ReplayErrorsAsync(new Dispatcher.V1.ReplayErrorsRequest
        {
            Queue = Dispatcher.V1.ErrorQueue.Commands,
            Limit = request.Limit,
            Actor = request.Actor,
            Why = request.Why,
        }, OnBehalf.Of(context));
        return new ReplayCommandsResponse { Replayed = answer.Replayed, Left = answer.Left };
    }
}
