namespace Pennypost.Delivery.Messages;

/// <summary>What is known about an attempt's send.</summary>
public abstract record SendOutcome
{
    private SendOutcome() { }

    /// <summary>The provider took it.</summary>
    /// <param name="ProviderMessageId">Of the message or invitation; may be empty.</param>
    /// <param name="ChatId">May be empty.</param>
    public sealed record Sent(string ProviderMessageId, string ChatId) : SendOutcome;

    /// <summary>It is known that nothing was sent.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="ProviderType">The provider's own word; may be empty.</param>
    /// <param name="ClosesChannel">Whether this sender and channel are not to be tried again for this message.</param>
    public sealed record NotSent(Reason Reason, string ProviderType, bool ClosesChannel) : SendOutcome;

    /// <summary>Nobody knows.</summary>
    public sealed record Unknown : SendOutcome;
}

/// <summary>Tells what became of an attempt. <see cref="Settled"/>: neither permit nor hold was taken for it, so there is nothing to give back.</summary>
public sealed record Conclude(int Attempt, SendOutcome Outcome, bool Settled, DateTimeOffset Now)
{
    /// <summary>A gate refused whoever tells this: it knows nothing of a send that another worker has begun since.</summary>
    public bool BeforeIntent { get; init; }
}

/// <summary>What concluding came to.</summary>
public abstract record ConcludeAnswer
{
    private ConcludeAnswer() { }

    /// <summary>It is kept.</summary>
    public sealed record Concluded(Change Change, Message Message) : ConcludeAnswer;

    /// <summary>It was known before.</summary>
    public sealed record Already(Message Message) : ConcludeAnswer;
}

/// <summary>The outcome commit.</summary>
public static class Concluding
{
    /// <summary>Decides. A send that is a fact is kept whatever was believed before.</summary>
    public static ConcludeAnswer Decide(Prospect prospect, Message message, Conclude command, DeliveryRules rules)
    {
        if (message.AttemptOf(command.Attempt) is not { } attempt)
            throw new ArgumentException($"Message {message.Id} has no attempt {command.Attempt}.", nameof(command));
        return command.Outcome switch
        {
            SendOutcome.Sent sent => Sent(prospect, message, attempt, sent, command.Now, rules),
            SendOutcome.NotSent notSent when (command.BeforeIntent ? attempt.State == AttemptState.Open : !attempt.IsOver) => NotSent(prospect, message, attempt, notSent, command, rules),
            SendOutcome.Unknown when attempt.State == AttemptState.Intended => Unknown(prospect, message, attempt, command.Now, rules),
            _ => new ConcludeAnswer.Already(message),
        };
    }

    private static ConcludeAnswer Sent(Prospect prospect, Message message, Attempt attempt, SendOutcome.Sent sent, DateTimeOffset now, DeliveryRules rules)
    {
        if (attempt.State == AttemptState.Sent)
            return NameSent(prospect, message, attempt, sent);
        attempt = attempt with
        {
            State = AttemptState.Sent,
            Reason = Reason.Unspecified,
            ProviderMessageId = sent.ProviderMessageId,
            ChatId = sent.ChatId,
            EndTime = now,
            Settled = false,
            Verification = null,
            IsCounted = !attempt.Channel.IsEngagement(),
        };
        message = message.With(attempt);
        if (message.Current is { State: AttemptState.Open } other)
            message = Ending.CloseAttempt(message, other, Reason.Duplicate, "", settled: false, now);
        // A later attempt is on its way already: only reachable if the provider took a request after it was read as absent for longer than any call may last.
        if (message.Current is null)
            message = Carried(message, attempt, now);
        message = (message with { RetryTime = now + rules.Grace, Retries = 0 }).Tell(now, EventKind.Sent, attempt, counts: attempt.IsCounted);
        return new ConcludeAnswer.Concluded(new(Written(prospect, message, attempt, now, rules), message), message);
    }

    private static Message Carried(Message message, Attempt by, DateTimeOffset now) => message with
    {
        State = MessageState.Sent,
        Reason = Reason.Unspecified,
        WaitUntil = null,
        EndTime = now,
        Channel = by.Channel,
        AccountId = by.AccountId,
    };

    private static Prospect Written(Prospect prospect, Message message, Attempt attempt, DateTimeOffset now, DeliveryRules rules)
    {
        var time = attempt.IntentTime ?? now;
        // Nothing was said: nobody is in conversation by it, no message waits for it, and nothing can answer it.
        if (attempt.Channel.IsEngagement())
            return (message.IsOver ? prospect.Without(message) : prospect).Remember(message.TextHash) with { Claim = WithoutShort(prospect.Claim, attempt) };
        var view = prospect.ViewOf(attempt.AccountId);
        view = view with { LastSendTime = time, ChatId = attempt.ChatId.Length > 0 ? attempt.ChatId : view.ChatId };
        // Whoever reads the sender's messages later must not take it for one that was written by hand.
        if (attempt.ProviderMessageId.Length == 0 && attempt.Channel.IsInThread())
            view = Prospect.Unnamed(view, time);
        if (attempt.Channel is Channel.Inmail or Channel.OpenProfileInmail)
            view = view with { LastInmailTime = time, LastInmailAnswered = false };
        if (attempt.Channel == Channel.ConnectionRequest)
            view = view with { Invitation = new(InvitationState.Pending, time, null, now) };
        prospect = (message.IsOver ? prospect.Without(message) : prospect).With(view).Remember(message.TextHash);
        // What nobody can answer here waits for no answer.
        if (attempt.Channel != Channel.Email)
            prospect = prospect.Await(new(message.Id, attempt.Number, attempt.AccountId, attempt.ChatId, attempt.Channel, time));
        return prospect with
        {
            LastSendTime = time,
            Claim = new(attempt.AccountId, now + rules.ClaimLife),
        };
    }

    private static Claim? WithoutShort(Claim? claim, Attempt attempt) => claim is { } held && held.AccountId == attempt.AccountId && held.Until <= attempt.RecoverTime ? null : claim;

    /// <summary>A reply was faster than the provider's own answer: only the ids are new.</summary>
    private static ConcludeAnswer NameSent(Prospect prospect, Message message, Attempt attempt, SendOutcome.Sent sent)
    {
        if (attempt.ProviderMessageId.Length > 0 || sent.ProviderMessageId.Length == 0)
            return new ConcludeAnswer.Already(message);
        message = message.With(attempt with { ProviderMessageId = sent.ProviderMessageId, ChatId = sent.ChatId.Length > 0 ? sent.ChatId : attempt.ChatId });
        var view = prospect.ViewOf(attempt.AccountId);
        if (attempt.IntentTime is { } time && view.UnnamedSends.Contains(time))
            prospect = prospect.With(view with { UnnamedSends = view.UnnamedSends.Remove(time) });
        return new ConcludeAnswer.Concluded(new(prospect, message), message);
    }

    private static ConcludeAnswer.Concluded NotSent(Prospect prospect, Message message, Attempt attempt, SendOutcome.NotSent outcome, Conclude command, DeliveryRules rules)
    {
        var now = command.Now;
        message = Ending.CloseAttempt(message with { State = MessageState.Ready }, attempt, outcome.Reason, outcome.ProviderType, command.Settled, now);
        if (outcome.ClosesChannel)
            message = message with { Closed = message.Closed.Add(new(attempt.AccountId, attempt.Channel)) };
        message = message.Owing(now + rules.Grace);
        // An earlier attempt turned out to have been sent while this one was under way: the message is done.
        if (message.Attempts.Find(one => one.State == AttemptState.Sent) is { } earlier)
            message = Carried(message, earlier, now);
        // The attempt's own short claim goes with it; a conversation's stays.
        var claim = WithoutShort(prospect.Claim, attempt);
        prospect = message.IsOver ? prospect.Without(message) : prospect with { InFlight = prospect.InFlight == message.Id ? "" : prospect.InFlight, Claim = claim };
        if (outcome.Reason == Reason.InmailEligibility)
            prospect = prospect.With(prospect.ViewOf(attempt.AccountId) with { InmailRefusedUntil = now + rules.InmailRefusalLife });
        return new(new(prospect, message), message);
    }

    private static ConcludeAnswer.Concluded Unknown(Prospect prospect, Message message, Attempt attempt, DateTimeOffset now, DeliveryRules rules)
    {
        attempt = attempt with { State = AttemptState.Indeterminate, Verification = new(0, 0, now + rules.VerifyEvery) };
        message = (message.With(attempt) with { State = MessageState.Indeterminate, Reason = Reason.SendUnknown }).Tell(now, EventKind.Indeterminate, attempt, Reason.SendUnknown);
        return new(new(prospect, message), message);
    }
}
