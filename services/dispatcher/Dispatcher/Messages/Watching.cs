using Grpc.Core;
using Pennypost.Delivery.Messages;
using Pennypost.Dispatcher.V1;

namespace Pennypost.Dispatcher.Messages;

/// <summary>Streams a message's events, gapless: woken by what this process commits, and by a slow look for what others do.</summary>
internal sealed class Watching(Lookups lookups, Prospects prospects, Doorbells doorbells, TimeProvider time)
{
    private static readonly TimeSpan _slowLook = TimeSpan.FromSeconds(2);

    /// <summary>False if there is no such message.</summary>
    public async Task<bool> WatchAsync(string tenant, string messageId, long after, bool followReplies, IServerStreamWriter<WatchMessageResponse> stream, CancellationToken ct)
    {
        if (await lookups.ProspectOfMessageAsync(tenant, messageId, ct) is not { } prospectId)
            return false;
        using var bell = doorbells.Listen(tenant, messageId);
        var found = false;
        while (true)
        {
            var next = bell.Next;
            if (await prospects.FindAsync(tenant, prospectId, messageId, ct) is not { Message: var message })
                return found;
            found = true;
            foreach (var happened in message.Events.Where(happened => happened.Sequence > after))
            {
                await stream.WriteAsync(new WatchMessageResponse { Event = ToWire.Event(happened), ResumeToken = Token(happened.Sequence) }, ct);
                after = happened.Sequence;
            }

            // What is still owed to credits tells of itself: the stream ends after it.
            if (message.IsOver && !followReplies && !Obligations.Owes(message))
                return true;
            await Task.WhenAny(next, Task.Delay(_slowLook, time, ct));
            ct.ThrowIfCancellationRequested();
        }
    }

    private static string Token(long sequence) => sequence.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The position after which a stream is taken up; null for what is no token of ours.</summary>
    public static long? Position(string resumeToken) =>
        resumeToken.Length == 0 ? 0
        : long.TryParse(resumeToken, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var sequence) ? sequence : null;
}
