namespace Pennypost.Delivery.Messages;

/// <summary>Puts a message that failed or was skipped back to work, or makes one that waits look again now.</summary>
public sealed record Retry
{
    /// <summary>Which messages are meant, judged again when it is decided: meanwhile a message may have moved on.</summary>
    public required MessageFilter Filter { get; init; }

    /// <summary>Whether senders and channels that were closed for the message may be tried again.</summary>
    public bool Reroute { get; init; }

    /// <summary>The deadline that it gets, if that is later than its own.</summary>
    public DateTimeOffset? ExpireTime { get; init; }

    /// <summary>Now.</summary>
    public required DateTimeOffset Now { get; init; }
}

/// <summary>What a retry came to.</summary>
public abstract record RetryAnswer
{
    private RetryAnswer() { }

    /// <summary>It had ended, and is worked on again.</summary>
    public sealed record Requeued(Change Change) : RetryAnswer;

    /// <summary>It waited, and looks again now.</summary>
    public sealed record Woken(Change Change) : RetryAnswer;

    /// <summary>It is looked at now in any case: nothing to hurry.</summary>
    public sealed record AlreadyDue : RetryAnswer;

    /// <summary>It would only end again: nothing changed.</summary>
    public sealed record Barred(Reason Reason) : RetryAnswer;

    /// <summary>Its prospect has as many messages under way as may be: nothing changed.</summary>
    public sealed record Full : RetryAnswer;

    /// <summary>It is not meant, or no longer: it was sent or cancelled, an attempt is under way, or the filter does not match.</summary>
    public sealed record NotMeant : RetryAnswer;
}

/// <summary>
/// Retrying. Safe beside workers and beside itself: what may have been sent is never touched, attempts are kept and their numbers go on, and the second time finds nothing left to do.
/// </summary>
public static class Retrying
{
    /// <summary>Decides.</summary>
    public static RetryAnswer Decide(Prospect prospect, Message message, Retry command, DeliveryRules rules)
    {
        // A message with an attempt that is not known to be not sent is never among these; that it cannot be does not hang on its state alone.
        if (message.State is not (MessageState.Failed or MessageState.Skipped or MessageState.Waiting) || message.Attempts.Exists(attempt => attempt.State != AttemptState.NotSent)
            || !command.Filter.Matches(message, rules))
            return new RetryAnswer.NotMeant();
        var retried = message with
        {
            ExpireTime = command.ExpireTime > message.ExpireTime ? command.ExpireTime.Value : message.ExpireTime,
            Closed = command.Reroute ? [] : message.Closed,
        };
        if (Opening.Bar(prospect, retried, command.Now, rules) is { } reason)
            return new RetryAnswer.Barred(reason);
        return message.State == MessageState.Waiting ? Hurry(prospect, message, retried, command.Now) : Requeue(prospect, retried, command.Now);
    }

    private static RetryAnswer Hurry(Prospect prospect, Message before, Message message, DateTimeOffset now)
    {
        var woken = Ending.Wake(prospect, message, now)?.Messages[0];
        if (woken is null && message.Closed.Count == before.Closed.Count && message.ExpireTime == before.ExpireTime)
            return new RetryAnswer.AlreadyDue();
        return new RetryAnswer.Woken(new(prospect, (woken ?? message).Tell(now, EventKind.Retried, null, message.Reason)));
    }

    private static RetryAnswer Requeue(Prospect prospect, Message message, DateTimeOffset now)
    {
        if (prospect.OpenMessages.Count >= Prospect.MaxOpenMessages)
            return new RetryAnswer.Full();
        var early = message.NotBefore > now;
        message = (message with
        {
            State = early ? MessageState.Waiting : MessageState.Ready,
            Reason = Reason.Unspecified,
            WaitUntil = early ? message.NotBefore : null,
            EndTime = null,
        }).Tell(now, EventKind.Retried);
        return new RetryAnswer.Requeued(new(prospect with { OpenMessages = prospect.OpenMessages.Add(message.Id), Forgotten = false }, message));
    }
}
