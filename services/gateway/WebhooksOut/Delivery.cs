using System.Collections.Immutable;
using Pennypost.Gateway.V1;

namespace Pennypost.Gateway.WebhooksOut;

/// <summary>An event that was taken from the timeline and is not finished.</summary>
/// <param name="Number">Its place.</param>
/// <param name="Subject">What it happened to: one event of a subject is under way at a time.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="FirstAttempt">Null before the first.</param>
/// <param name="LastAttempt">Null before the first.</param>
/// <param name="NextAttempt">Not before.</param>
internal sealed record OpenEvent(long Number, string Subject, int Attempts, DateTimeOffset? FirstAttempt, DateTimeOffset? LastAttempt, DateTimeOffset NextAttempt);

/// <summary>An event that was given up.</summary>
internal sealed record FailedEvent(long Number, WebhookFailure Failure, int Status, DateTimeOffset At);

/// <summary>What of a replay is still to be taken.</summary>
internal sealed record Replay(long Next, long Last, bool OnlyFailed);

/// <summary>What one try came to.</summary>
internal abstract record Outcome
{
    private Outcome() { }

    /// <summary>Answered with 2xx.</summary>
    public sealed record Delivered : Outcome;

    /// <param name="Failure">Why not.</param>
    /// <param name="Status">Of the answer; 0 if there was none.</param>
    /// <param name="RetryAfter">How long the receiver asked to be left alone.</param>
    public sealed record Failed(WebhookFailure Failure, int Status = 0, TimeSpan? RetryAfter = null) : Outcome;
}

/// <summary>How far a webhook's deliveries came.</summary>
internal sealed record Delivery
{
    /// <summary>Events that may be open at once. With so many nothing more is taken until one is finished.</summary>
    public const int MaxOpen = 256;

    /// <summary>Events taken ahead that could be tried at once.</summary>
    public const int MaxAhead = 32;

    /// <summary>Failed events that are remembered; the oldest are forgotten beyond it.</summary>
    public const int MaxFailed = 500;

    private static readonly TimeSpan LongestBreakerPause = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    /// <summary>A new one, from a place on.</summary>
    public static Delivery From(long cursor) => new() { Cursor = cursor };

    /// <summary>Each begin of delivering counts one more.</summary>
    public long Epoch { get; init; }

    /// <summary>Every event up to it was delivered, given up, passed over, or is open.</summary>
    public long Cursor { get; init; }

    /// <summary>In the order in which they were taken.</summary>
    public ImmutableList<OpenEvent> Open { get; init; } = [];

    public ImmutableList<FailedEvent> Failed { get; init; } = [];

    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>How often the breaker opened since it was last closed.</summary>
    public int Openings { get; init; }

    /// <summary>Null while the breaker is closed. From then on one event is tried.</summary>
    public DateTimeOffset? OpenUntil { get; init; }

    public Replay? Replay { get; init; }

    public long DeliveredCount { get; init; }

    public long Lost { get; init; }

    /// <summary>How many more events may be taken.</summary>
    public int Room => Math.Max(0, Math.Min(MaxOpen - Open.Count, MaxAhead - Open.DistinctBy(open => open.Subject).Count(first => first.Attempts == 0)));

    /// <summary>Takes an event in; one that is open already is not taken twice.</summary>
    public Delivery Take(long number, string subject, DateTimeOffset now) =>
        Open.Any(open => open.Number == number) ? this : this with { Open = Open.Add(new OpenEvent(number, subject, 0, null, null, now)) };

    /// <summary>Some of the timeline was gone before it was delivered.</summary>
    public Delivery Skip(long start) => start <= Cursor ? this : this with { Lost = Lost + start - Cursor, Cursor = start };

    /// <summary>What is tried now: of each subject its first, when its time has come; while the receiver is failing one event, and that only now and then.</summary>
    public IReadOnlyList<OpenEvent> Wave(DateTimeOffset now, int most)
    {
        if (OpenUntil > now) return [];
        var (subjects, firsts) = (new HashSet<string>(StringComparer.Ordinal), new List<OpenEvent>());
        foreach (var open in Open)
            if (subjects.Add(open.Subject)) firsts.Add(open);
        if (OpenUntil is null) return [.. firsts.Where(open => open.NextAttempt <= now).Take(most)];
        // One that was never tried, if there is any: what fails by itself says nothing of the receiver.
        return firsts.Find(open => open.Attempts == 0) is { } fresh ? [fresh] : [.. firsts.OrderBy(open => open.NextAttempt).Take(1)];
    }

    /// <summary>After a try of an open event.</summary>
    /// <param name="number">Which.</param>
    /// <param name="outcome">What came of it.</param>
    /// <param name="now">When it was over.</param>
    /// <param name="options">How long to wait.</param>
    /// <param name="chance">From 0 to 1.</param>
    public Delivery After(long number, Outcome outcome, DateTimeOffset now, WebhookOptions options, double chance)
    {
        var tried = Open.Find(open => open.Number == number);
        if (tried is null) return this;
        switch (outcome)
        {
            case Outcome.Delivered:
                // What waited for the receiver need not wait for its own time any more.
                var open = OpenUntil is null ? Open : Open.ConvertAll(waiting => waiting with { NextAttempt = Earlier(waiting.NextAttempt, now) });
                return this with
                {
                    Open = open.RemoveAll(waiting => waiting.Number == number),
                    Failed = Failed.RemoveAll(failed => failed.Number == number),
                    LastSuccess = now,
                    Openings = 0,
                    OpenUntil = null,
                    DeliveredCount = DeliveredCount + 1,
                };
            case Outcome.Failed { Failure: WebhookFailure.Trimmed } gone:
                return GiveUp(number, gone, now);
            case Outcome.Failed failed:
                var attempted = tried with { Attempts = tried.Attempts + 1, FirstAttempt = tried.FirstAttempt ?? now, LastAttempt = now, NextAttempt = now + Pause(tried.Attempts + 1, failed.RetryAfter, options, chance) };
                var after = this with { Open = Open.Replace(tried, attempted) };
                // Several were under way when it opened; they tell nothing new.
                if (after.OpenUntil > now) return after;
                if (after.OpenUntil is not null || after.FailingEvents >= options.BreakerFailures)
                    return after with { Openings = Openings + 1, OpenUntil = now + BreakerPause(Openings, options, chance) };
                // Only where the receiver takes others: what fails with all of them waits for it.
                return now - attempted.FirstAttempt >= options.GiveUpAfter ? after.GiveUp(number, failed, now) : after;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>Different events that failed since the last success.</summary>
    private int FailingEvents => Open.Count(open => open.LastAttempt is { } last && (LastSuccess is null || last >= LastSuccess));

    private Delivery GiveUp(long number, Outcome.Failed why, DateTimeOffset now)
    {
        var failed = Failed.RemoveAll(before => before.Number == number).Add(new FailedEvent(number, why.Failure, why.Status, now));
        return this with { Open = Open.RemoveAll(open => open.Number == number), Failed = failed.Count > MaxFailed ? failed.RemoveAt(0) : failed };
    }

    /// <summary>When there is something to do again; null for not before the next event comes.</summary>
    public DateTimeOffset? NextDue(DateTimeOffset now)
    {
        if (Open.Count == 0) return Replay is null ? null : now;
        if (OpenUntil is { } until) return until;
        return Open.DistinctBy(open => open.Subject).Min(open => open.NextAttempt);
    }

    private static TimeSpan Pause(int attempts, TimeSpan? retryAfter, WebhookOptions options, double chance)
    {
        var most = options.FirstPause * Math.Pow(4, Math.Min(attempts - 1, 10));
        var pause = (most < options.LongestPause ? most : options.LongestPause) * chance;
        var asked = retryAfter is { } wanted ? (wanted < LongestRetryAfter ? wanted : LongestRetryAfter) : TimeSpan.Zero;
        return pause > asked ? pause : asked;
    }

    private static TimeSpan BreakerPause(int openings, WebhookOptions options, double chance)
    {
        var most = options.BreakerPause * Math.Pow(2, Math.Min(openings, 16));
        return (most < LongestBreakerPause ? most : LongestBreakerPause) * (0.5 + (chance / 2));
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
