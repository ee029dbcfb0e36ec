using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<ResolveMessageResponse> ResolveMessage(ResolveMessageRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("message_id", request.MessageId);
            violations.Range("attempt", request.Attempt, 1, 1_000);
            violations.Length("actor", request.Actor, 1, 200);
            violations.Length("why", request.Why, 0, 500);
        });
        var answer = await dispatcher.ResolveMessageAsync(
            new Dispatcher.V1.ResolveMessageRequest { MessageId = request.MessageId, Attempt = request.Attempt, Sent = request.Sent, Actor = request.Actor, Why = request.Why },
            OnBehalf.Of(context).ForPartition(request.MessageId));
        return new ResolveMessageResponse { Message = answer.Message };
    }
}
