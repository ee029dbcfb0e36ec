using Grpc.Core;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task WatchMessage(WatchMessageRequest request, IServerStreamWriter<WatchMessageResponse> responseStream, ServerCallContext context)
    {
        Check(context, violations =>
        {
            violations.Id("message_id", request.MessageId);
            violations.Length("resume_token", request.ResumeToken, 0, 512);
        });
        using var watch = dispatcher.WatchMessage(new Dispatcher.V1.WatchMessageRequest
        {
            MessageId = request.MessageId,
            ResumeToken = request.ResumeToken,
            FollowReplies = request.FollowReplies,
        }, OnBehalf.Of(context).ForPartition(request.MessageId));
        await foreach (var item in watch.ResponseStream.ReadAllAsync(context.CancellationToken))
            await responseStream.WriteAsync(new WatchMessageResponse { Event = item.Event, ResumeToken = item.ResumeToken }, context.CancellationToken);
    }
}
