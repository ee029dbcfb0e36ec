using System.Collections.Immutable;

namespace Pennypost.Delivery.Messages;

/// <summary>What a cancel came to.</summary>
public abstract record CancelAnswer
{
    private CancelAnswer() { }

    /// <summary>It will not be sent.</summary>
    public sealed record Cancelled(Change Change, Message Message) : CancelAnswer;

    /// <summary>It was cancelled before.</summary>
    public sealed record Already(Message Message) : CancelAnswer;

    /// <summary>Its send may have begun, or it ended otherwise.</summary>
    public sealed record TooLate(Message Message) : CancelAnswer;
}

/// <summary>How messages come to rest: waiting, or ended without a send.</summary>
public static class Ending
{
    /// <summary>Ends a message that is not intended, whatever it was doing; an open attempt is closed and settled afterwards.</summary>
    public static Change End(Prospect prospect, Message message, Reason reason, DateTimeOffset now)
    {
        if (message.IsOver || message.Current is { State: not AttemptState.Open })
            throw new InvalidOperationException($"Message {message.Id} is {message.State}: it cannot be ended.");
        if (message.Current is { } open)
            message = CloseAttempt(message, open, reason, "", settled: false, now);
        var (state, kind) = reason == Reason.Cancelled ? (MessageState.Cancelled, EventKind.Cancelled)
            : RefusalEffects.IsFailure(reason) ? (MessageState.Failed, EventKind.Failed)
            : (MessageState.Skipped, EventKind.Skipped);
        message = (message with { State = state, Reason = reason, WaitUntil = null, EndTime = now }).Owing(now).Tell(now, kind, null, reason);
        return new Change(prospect.Without(message), message);
    }

    /// <summary>Cancels; only before the intent.</summary>
    public static CancelAnswer Cancel(Prospect prospect, Message message, DateTimeOffset now)
    {
        if (message.State == MessageState.Cancelled)
            return new CancelAnswer.Already(message);
        if (message.IsOver || message.Current is { State: not AttemptState.Open })
            return new CancelAnswer.TooLate(message);
        var change = End(prospect, message, Reason.Cancelled, now);
        return new CancelAnswer.Cancelled(change, change.Messages[0]);
    }

    /// <summary>Lets a message without an open attempt wait, no longer than it lives; null if it is not there to wait.</summary>
    /// <param name="prospect">Whose.</param>
    /// <param name="message">Which.</param>
    /// <param name="reason">Why.</param>
    /// <param name="until">When it is looked at again.</param>
    /// <param name="demandPool">The pool in whose demand it now stands; empty for none.</param>
    /// <param name="now">Now.</param>
    public static Change? Wait(Prospect prospect, Message message, Reason reason, DateTimeOffset until, string demandPool, DateTimeOffset now)
    {
        if (message.IsOver || message.Current is not null)
            return null;
        if (until > message.ExpireTime)
            until = message.ExpireTime;
        message = message with
        {
            State = MessageState.Waiting,
            Reason = reason,
            WaitUntil = until,
            DemandPool = demandPool.Length > 0 ? demandPool : message.DemandPool,
            WantsCredit = demandPool.Length > 0,
        };
        return new Change(prospect, message.Owing(now).Tell(now, EventKind.Waiting, null, reason));
    }

    /// <summary>Makes a waiting message due at this time, but not before its caller wanted it; null if it does not wait that long.</summary>
    public static Change? Wake(Prospect prospect, Message message, DateTimeOffset at)
    {
        if (message.NotBefore > at)
            at = message.NotBefore.Value;
        return message.State == MessageState.Waiting && message.WaitUntil > at ? new Change(prospect, message with { WaitUntil = at }) : null;
    }

    /// <summary>Puts the prospect on the suppression list and ends what was under way and not yet intended; or takes it off, which also releases it after a reply.</summary>
    public static Change Suppress(Prospect prospect, IEnumerable<Message> open, bool unsuppress, DateTimeOffset now)
    {
        if (unsuppress)
            return new Change(prospect with { SuppressTime = null, ReleaseTime = now }, []);
        return EndAll(prospect with { SuppressTime = prospect.SuppressTime ?? now }, open, Reason.ProspectSuppressed, now);
    }

    /// <summary>Ends every one of these that can still be ended.</summary>
    internal static Change EndAll(Prospect prospect, IEnumerable<Message> messages, Reason reason, DateTimeOffset now)
    {
        var ended = ImmutableList.CreateBuilder<Message>();
        foreach (var message in messages)
        {
            if (message.IsOver || message.Current is { State: not AttemptState.Open })
                continue;
            var change = End(prospect, message, reason, now);
            prospect = change.Prospect;
            ended.Add(change.Messages[0]);
        }

        return new Change(prospect, ended.ToImmutable());
    }

    internal static Message CloseAttempt(Message message, Attempt attempt, Reason reason, string providerType, bool settled, DateTimeOffset now)
    {
        attempt = attempt with { State = AttemptState.NotSent, Reason = reason, ProviderType = providerType, EndTime = now, Settled = settled, Verification = null };
        return message.With(attempt).Tell(now, EventKind.AttemptNotSent, attempt, reason);
    }

    /// <summary>Sets when what is owed is looked at: at once, unless a worker is at it and finishes it first.</summary>
    internal static Message Owing(this Message message, DateTimeOffset at) =>
        Obligations.Owes(message) ? message with { RetryTime = message.RetryTime is { } earlier && earlier < at ? earlier : at } : message;
}
