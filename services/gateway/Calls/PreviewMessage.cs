using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<PreviewMessageResponse> PreviewMessage(PreviewMessageRequest request, ServerCallContext context)
    {
        CheckUnread(context, violations => violations.Message("message", request.Message, idRequired: false));
        var answer = await dispatcher.PreviewAsync(new Dispatcher.V1.PreviewRequest { Message = ForDispatcher(request.Message) }, OnBehalf.Of(context).ForPartition(request.Message?.MessageId ?? ""));
        return new PreviewMessageResponse { Decision = answer.Decision, ProspectId = answer.ProspectId };
    }
}
