using System.Collections.Concurrent;
using Grpc.Core;
using Pennypost.Hosting;

namespace Faults;

/// <summary>What a caller asked of a pool.</summary>
public enum Asked
{
    Place,
    Capture,
    Release,
    Refund,
    TopUp,
    Read,
}

/// <summary>What a caller was told.</summary>
/// <param name="Answer">In words: the outcome and all that it says of hold or balance.</param>
/// <param name="Available">What the answer said was available; null if it did not say.</param>
/// <param name="Version">The pool's version that it named; 0 for a refusal, which names none.</param>
public sealed record Told(string Answer, long? Available, long Version);

/// <summary>One call and what became of it.</summary>
/// <param name="Pool">On which pool.</param>
/// <param name="Asked">What was asked.</param>
/// <param name="Id">Of which hold, or under which id.</param>
/// <param name="Account">For whom.</param>
/// <param name="Told">Null when no answer came: it may have had its effect, or have it yet.</param>
/// <param name="Begun">A count that only grows: when it was sent.</param>
/// <param name="Ended">The same: when its answer came; the greatest number when none did.</param>
public sealed record Call(string Pool, Asked Asked, string Id, string Account, Told? Told, long Begun, long Ended);

/// <summary>Every call of a load, answered or not, with its place among the others.</summary>
public sealed class History
{
    private static readonly StatusCode[] _unanswered =
        [StatusCode.Unavailable, StatusCode.DeadlineExceeded, StatusCode.Aborted, StatusCode.ResourceExhausted, StatusCode.Internal, StatusCode.Cancelled, StatusCode.Unknown];

    private readonly ConcurrentQueue<Call> _calls = new();
    private long _clock;
    private int _answered;
    private int _unanswerable;

    public IReadOnlyCollection<Call> Calls => _calls;

    /// <summary>How many calls were answered so far.</summary>
    public int Answered => _answered;

    /// <summary>How many were not.</summary>
    public int Unanswered => _unanswerable;

    /// <summary>What the callers that got no answer were told instead, and how often.</summary>
    public ConcurrentDictionary<string, int> Excuses { get; } = new();

    /// <summary>Makes one call. Null when it was not answered: then the same again under the same id is right.</summary>
    public async Task<Told?> AskAsync(string pool, Asked asked, string id, string account, Func<Task<Told>> call)
    {
        var begun = Interlocked.Increment(ref _clock);
        Told? told = null;
        try
        {
            told = await call();
        }
        catch (RpcException refused) when (!_unanswered.Contains(refused.StatusCode))
        {
            told = Refusal(refused);
        }
        catch (RpcException none)
        {
            Interlocked.Increment(ref _unanswerable);
            Excuses.AddOrUpdate($"{none.StatusCode} {RpcFault.From(none).Reason}".TrimEnd(), 1, (_, before) => before + 1);
        }

        _calls.Enqueue(new Call(pool, asked, id, account, told, begun, told is null ? long.MaxValue : Interlocked.Increment(ref _clock)));
        if (told is not null)
            Interlocked.Increment(ref _answered);
        return told;
    }

    private static Told Refusal(RpcException refused)
    {
        var fault = RpcFault.From(refused);
        if (fault.Reason.Length == 0 || fault.Code is StatusCode.InvalidArgument or StatusCode.Unauthenticated or StatusCode.PermissionDenied or StatusCode.Unimplemented)
            throw refused;
        var more = new[] { "available", "held", "field", "state" }.Where(fault.Metadata.ContainsKey).Select(key => $" {key}={fault.Metadata[key]}");
        return new Told(fault.Reason + string.Concat(more), null, 0);
    }
}
