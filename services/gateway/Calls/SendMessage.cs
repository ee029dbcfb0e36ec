using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task<SendMessageResponse> SendMessage(SendMessageRequest request, ServerCallContext context)
    {
        CheckUnread(context, violations => violations.Message("message", request.Message));
        var answer = await dispatcher.AcceptAsync(
            new Dispatcher.V1.AcceptRequest { Message = ForDispatcher(request.Message), ValidateOnly = request.ValidateOnly }, OnBehalf.Of(context).ForPartition(request.Message?.MessageId ?? ""));
        return new SendMessageResponse { Message = answer.Message, Existed = answer.Existed };
    }

    private static Dispatcher.V1.MessageSpec? ForDispatcher(MessageSpec? spec) => spec is null ? null : new()
    {
        MessageId = spec.MessageId,
        Prospect = spec.Prospect,
        Content = spec.Content,
        AccountIds = { spec.AccountIds },
        Priority = spec.Priority,
        NotBefore = spec.NotBefore,
        ExpireTime = spec.ExpireTime,
        CampaignId = spec.CampaignId,
        Policy = spec.Policy,
        Segment = spec.Segment,
        Variant = spec.Variant,
        StopWithCompany = spec.StopWithCompany,
    };
}
