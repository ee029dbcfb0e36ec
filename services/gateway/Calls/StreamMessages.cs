using System.Threading.Channels;
using Grpc.Core;
using Pennypost.Gateway.Rest;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway;

internal sealed partial class PublicApi
{
    public override async Task StreamMessages(IAsyncStreamReader<StreamMessagesRequest> requestStream, IServerStreamWriter<StreamMessagesResponse> responseStream, ServerCallContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        // Those that are under way or wait to be told, in the order in which they came.
        var handing = Channel.CreateBounded<Task<Handed>>(new BoundedChannelOptions(options.Value.BatchConcurrency) { SingleReader = true, SingleWriter = true });
        var reading = HandOverAsync(requestStream, handing.Writer, context, ending.Token);
        try
        {
            // What ends the reading comes last: all that was handed over before is answered.
            await foreach (var handed in handing.Reader.ReadAllAsync(context.CancellationToken))
                await responseStream.WriteAsync(new StreamMessagesResponse { Result = (await handed).Result }, context.CancellationToken);
        }
        finally
        {
            await ending.CancelAsync();
            await reading;
        }
    }

    /// <summary>Reads requests and hands each over, until there are no more; waits while as many as may are under way. Never throws: the channel ends with what ended it.</summary>
    private async Task HandOverAsync(IAsyncStreamReader<StreamMessagesRequest> requests, ChannelWriter<Task<Handed>> handing, ServerCallContext context, CancellationToken cancellationToken)
    {
        using var places = new SemaphoreSlim(options.Value.BatchConcurrency);
        var latest = new Dictionary<string, Task<Handed>>(StringComparer.Ordinal);
        Exception? ended = null;
        try
        {
            // Each message has a deadline of its own, not the whole stream's.
            var each = OnBehalf.Of(context.Caller().Tenant, cancellationToken);
            for (var isFirst = true; await requests.MoveNext(cancellationToken); isFirst = false)
            {
                // The call has counted as one already, and has told where the tenant stands.
                if (!isFirst) await quota.TakeAsync(context, 1, tells: false);
                var (request, id) = (requests.Current, requests.Current.Message?.MessageId ?? "");
                // The second of one id finds what the first left.
                if (latest.TryGetValue(id, out var earlier)) await ((Task)earlier).WaitAsync(cancellationToken);
                await places.WaitAsync(cancellationToken);
                var handed = KeepAsync(request, Unread(context, request), each, places);
                latest[id] = handed;
                if (latest.Count > 2 * options.Value.BatchConcurrency)
                    foreach (var (over, task) in latest)
                        if (task.IsCompleted) latest.Remove(over);
                await handing.WriteAsync(handed, cancellationToken);
            }
        }
        catch (Exception exception)
        {
            ended = exception;
        }
        handing.Complete(ended);
        // None outlives its call.
        foreach (var task in latest.Values) await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<Handed> KeepAsync(StreamMessagesRequest request, Handed? refused, CallOptions call, SemaphoreSlim places)
    {
        try
        {
            return refused ?? await AcceptOneAsync(request.Message, request.ValidateOnly, call);
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>The refusal of a request that REST could not read; null for one that was read whole.</summary>
    private static Handed? Unread(ServerCallContext context, StreamMessagesRequest request)
    {
        try
        {
            CheckUnread(context, violations =>
            {
                if (!RequestLines.IsBroken(context)) violations.Message("message", request.Message);
            });
            return null;
        }
        catch (RpcException unread)
        {
            return Refused(request.Message?.MessageId ?? "", RpcFault.From(unread));
        }
    }
}
