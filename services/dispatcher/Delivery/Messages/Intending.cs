namespace Pennypost.Delivery.Messages;

/// <summary>Commits the intent to call the provider: from here on the message may have been sent.</summary>
public sealed record Intend(int Attempt, DateTimeOffset Now, DateTimeOffset RealNow);

/// <summary>What that came to.</summary>
public abstract record IntendAnswer
{
    private IntendAnswer() { }

    /// <summary>Whoever gets this answer makes the call, and nobody else.</summary>
    public sealed record Intended(Change Change, Attempt Attempt) : IntendAnswer;

    /// <summary>The prospect replied, was suppressed or erased meanwhile: the attempt is closed, the message ended.</summary>
    public sealed record Stopped(Change Change, Reason Reason) : IntendAnswer;

    /// <summary>The attempt is not open any more: somebody else went on with it, or it was cancelled.</summary>
    public sealed record NotOpen(Attempt Attempt) : IntendAnswer;
}

/// <summary>The intent commit.</summary>
public static class Intending
{
    /// <summary>Decides.</summary>
    public static IntendAnswer Decide(Prospect prospect, Message message, Intend command, DeliveryRules rules)
    {
        if (message.AttemptOf(command.Attempt) is not { } attempt)
            throw new ArgumentException($"Message {message.Id} has no attempt {command.Attempt}.", nameof(command));
        if (attempt.State != AttemptState.Open)
            return new IntendAnswer.NotOpen(attempt);
        if (Stop(prospect, message) is { } reason)
            return new IntendAnswer.Stopped(Ending.End(prospect, message, reason, command.Now), reason);
        attempt = attempt with
        {
            State = AttemptState.Intended,
            IntentTime = command.Now,
            IntentRealTime = command.RealNow,
            RecoverTime = command.Now + rules.RecoverAfter,
        };
        return new IntendAnswer.Intended(new(prospect, message.With(attempt).Tell(command.Now, EventKind.Intended, attempt)), attempt);
    }

    private static Reason? Stop(Prospect prospect, Message message) =>
        prospect.IsErased(message) ? Reason.ProspectErased
        : prospect.SuppressTime is not null ? Reason.ProspectSuppressed
        : prospect.IsStoppedByReply(message) ? Reason.ProspectReplied
        : prospect.IsStoppedByCompany(message) ? Reason.CompanyReplied : null;
}
