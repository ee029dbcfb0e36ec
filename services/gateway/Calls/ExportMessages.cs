using Grpc.Core;
using Pennypost.Gateway.Exports;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    private const int MessagesPerPage = 500;

    public override Task ExportMessages(ExportMessagesRequest request, IServerStreamWriter<ExportMessagesResponse> responseStream, ServerCallContext context)
    {
        CheckUnread(context, violations =>
        {
            violations.OptionalId("campaign_id", request.CampaignId);
            violations.OptionalId("account_id", request.AccountId);
            violations.OptionalId("resume_token", request.ResumeToken);
        });
        return Export.RunAsync(request.ResumeToken, Read, message => message.MessageId, (message, token) =>
            responseStream.WriteAsync(new ExportMessagesResponse { Message = message, ResumeToken = token }, context.CancellationToken));

        async Task<ExportPage<Message>> Read(string token)
        {
            // The call has counted as one already.
            if (token != request.ResumeToken) await quota.TakeAsync(context, 1, tells: false);
            // Each page has a deadline of its own, not the whole export's.
            var page = await dispatcher.ListMessagesAsync(new Dispatcher.V1.ListMessagesRequest
            {
                PageSize = MessagesPerPage,
                PageToken = token,
                State = request.State,
                CampaignId = request.CampaignId,
                Reason = request.Reason,
                AccountId = request.AccountId,
                Priority = request.Priority,
                DueBefore = request.DueBefore,
            }, OnBehalf.Of(context.Caller().Tenant, context.CancellationToken));
            return new ExportPage<Message>(page.Messages, page.NextPageToken);
        }
    }
}
