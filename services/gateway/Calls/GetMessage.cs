using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<GetMessageResponse> GetMessage(GetMessageRequest request, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("message_id", request.MessageId);
        });
        var answer = await dispatcher.GetMessageAsync(new Dispatcher.V1.GetMessageRequest { MessageId = request.MessageId }, OnBehalf.Of(context).ForPartition(request.MessageId));
        return new GetMessageResponse { Message = answer.Message };
    }
}
