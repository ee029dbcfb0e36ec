using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<CancelMessageResponse> CancelMessage(CancelMessageRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("message_id", request.MessageId);
        });
        var answer = await dispatcher.CancelMessageAsync(new Dispatcher.V1.CancelMessageRequest { MessageId = request.MessageId }, OnBehalf.Of(context).ForPartition(request.MessageId));
        return new CancelMessageResponse { Message = answer.Message };
    }
}
