using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Store;

namespace Pennypost.Credits;

/// <summary>
/// Commands on holds in bulk. What is read is handed to the store at once, in its order; a lane per shard waits for the answers in that order, and one writer sends what is ready. So much is on its
/// way at a time and no more: a command's place is free again when the transport has taken its answer.
/// </summary>
internal sealed class TransactStream(
    HoldCalls calls, StateStore store, FaultDomain faults, ExceptionAnswers exceptions, IOptions<CreditsOptions> options, IOptions<HostingOptions> hosting, IHostApplicationLifetime lifetime, ILogger<TransactStream> log)
{
    /// <summary>The most commands of one message, and the most answers.</summary>
    public const int MaxCommands = 1_024;

    // A client that does not read must not hold up a restart for long.
    private static readonly TimeSpan LastAnswersLimit = TimeSpan.FromSeconds(5);

    /// <summary>Serves one stream to its end.</summary>
    public async Task ServeAsync(string tenant, IAsyncStreamReader<TransactRequest> requests, IServerStreamWriter<TransactResponse> responses, ServerCallContext context)
    {
        // Not in the middle of the first commands: they would lose their order.
        await store.OpenAsync(context.CancellationToken);
        using var room = new SemaphoreSlim(options.Value.TransactWindow);
        using var writable = new CancellationTokenSource();
        using var readable = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        await using var ending = context.CancellationToken.UnsafeRegister(_ => writable.CancelAfter(lifetime.ApplicationStopping.IsCancellationRequested ? LastAnswersLimit : TimeSpan.Zero), null);
        var lanes = new TransactLanes(calls, store, faults, exceptions, tenant, context.Method);
        var writing = WriteAsync(lanes.Answers, responses, room, readable, writable.Token);
        Exception? end = null;
        try
        {
            await ReadAsync(requests, lanes, room, readable.Token);
        }
        catch (Exception exception)
        {
            end = exception;
        }

        try
        {
            // Also after a message that ends the stream, and when the host stops: what was begun is answered. A caller who left cancelled the writing.
            await lanes.CompleteAsync().WaitAsync(writable.Token);
        }
        finally
        {
            // Whatever is still under way is decided without us.
            lanes.Close();
            await writing;
        }

        log.StreamEnded(lanes.Commands);
        if (end is OperationCanceledException && lifetime.ApplicationStopping.IsCancellationRequested) throw faults.Unavailable("this instance, which is stopping,");
        if (end is not null) ExceptionDispatchInfo.Throw(end);
    }

    private async Task ReadAsync(IAsyncStreamReader<TransactRequest> requests, TransactLanes lanes, SemaphoreSlim room, CancellationToken ct)
    {
        while (await requests.MoveNext(ct))
        {
            var violations = new Violations();
            violations.Items("commands", requests.Current.Commands.Count, 0, MaxCommands);
            if (violations.Any) throw faults.Invalid(violations);
            foreach (var command in requests.Current.Commands)
            {
                await room.WaitAsync(ct);
                await lanes.BeginAsync(command);
            }
        }
    }

    private async Task WriteAsync(ChannelReader<TransactAnswer> answers, IServerStreamWriter<TransactResponse> responses, SemaphoreSlim room, CancellationTokenSource readable, CancellationToken ct)
    {
        try
        {
            var maxBytes = hosting.Value.MaxSendMessageBytes / 2;
            while (await answers.WaitToReadAsync(ct))
            {
                var response = new TransactResponse();
                for (var bytes = 0; response.Answers.Count < MaxCommands && bytes < maxBytes && answers.TryRead(out var answer); bytes += answer.CalculateSize()) response.Answers.Add(answer);
                await responses.WriteAsync(response, ct);
                room.Release(response.Answers.Count);
            }
        }
        catch
        {
            // Nobody takes answers any longer.
            await readable.CancelAsync();
            throw;
        }
    }
}
