namespace Pennypost.Delivery.Messages;

/// <summary>Opens the next attempt at one candidate.</summary>
public sealed record OpenAttempt(Candidate Candidate, DateTimeOffset DecideTime, DateTimeOffset Now);

/// <summary>What opening came to.</summary>
public abstract record OpenAnswer
{
    private OpenAnswer() { }

    /// <summary>The attempt is open; its permit comes next.</summary>
    public sealed record Opened(Change Change, Attempt Attempt) : OpenAnswer;

    /// <summary>An attempt is under way already: it is finished first, and by whoever has it.</summary>
    public sealed record InHand(Attempt Attempt) : OpenAnswer;

    /// <summary>The message has ended.</summary>
    public sealed record Over : OpenAnswer;

    /// <summary>A gate refused this candidate; nothing changed. The effect stands in <see cref="RefusalEffects"/>.</summary>
    /// <param name="Reason">Which gate.</param>
    /// <param name="WaitUntil">When it may pass; null if nobody can tell.</param>
    public sealed record Refused(Reason Reason, DateTimeOffset? WaitUntil) : OpenAnswer;

    /// <summary>A gate ended the message.</summary>
    public sealed record Ended(Change Change) : OpenAnswer;
}

/// <summary>Opening an attempt: the gates that look at the prospect, in their fixed order.</summary>
public static class Opening
{
    /// <summary>Decides.</summary>
    public static OpenAnswer Decide(Prospect prospect, Message message, OpenAttempt command, DeliveryRules rules)
    {
        if (message.IsOver)
            return new OpenAnswer.Over();
        if (message.Current is { } current)
            return new OpenAnswer.InHand(current);
        if (Gate(prospect, message, command, rules) is not { } refusal)
            return Open(prospect, message, command, rules);
        return RefusalEffects.Of(refusal.Reason) == RefusalEffect.End
            ? new OpenAnswer.Ended(Ending.End(prospect, message, refusal.Reason, command.Now))
            : refusal;
    }

    /// <summary>The first gate that refuses; null if all pass.</summary>
    private static OpenAnswer.Refused? Gate(Prospect prospect, Message message, OpenAttempt command, DeliveryRules rules)
    {
        var (candidate, now) = (command.Candidate, command.Now);
        var view = prospect.ViewOf(candidate.AccountId);
        if (Bar(prospect, message, now, rules) is { } bar)
            return new(bar, null);

        // Another message of theirs is on its way.
        if (prospect.InFlight.Length > 0)
            return new(Reason.ProspectCoolingDown, now + rules.RecoverAfter);

        if (prospect.ClaimedBy(now) is { } claimant && claimant != candidate.AccountId)
            return new(Reason.ClaimedByOtherSender, prospect.Claim!.Until);

        // Somebody who answered is not pestered by an answer; and nobody is by a like.
        if (!candidate.Channel.IsEngagement() && prospect.LastSendTime is { } last && !(prospect.ReplyTime >= last) && last + rules.CoolDown > now)
            return new(Reason.ProspectCoolingDown, last + rules.CoolDown);

        if (candidate.CostsCredit && !candidate.SecondInmailAllowed && view.LastInmailTime is not null && !view.LastInmailAnswered)
            return new(Reason.SecondInmail, null);

        return IsStillValid(view, message, command, rules) ? null : new(Reason.FactUnknown, now);
    }

    /// <summary>Why the message cannot go to this prospect by any sender and channel, now or later; null if it may.</summary>
    internal static Reason? Bar(Prospect prospect, Message message, DateTimeOffset now, DeliveryRules rules)
    {
        if (now >= message.ExpireTime)
            return Reason.Expired;
        if (message.Attempts.Count >= rules.MaxAttempts)
            return Reason.AttemptsExhausted;
        if (prospect.IsErased(message))
            return Reason.ProspectErased;
        // Found when it was accepted, by its address, and so kept with the message alone.
        if (message.Reason == Reason.DuplicateProspect)
            return Reason.DuplicateProspect;
        // The same words to the same person, whoever in the team sent them.
        if (prospect.SentHashes.Contains(message.TextHash))
            return Reason.Duplicate;
        if (prospect.SuppressTime is not null)
            return Reason.ProspectSuppressed;
        if (prospect.IsStoppedByReply(message))
            return Reason.ProspectReplied;
        return prospect.IsStoppedByCompany(message) ? Reason.CompanyReplied : null;
    }

    /// <summary>What was learned since the router judged must not have closed the candidate; otherwise the message is routed again at once.</summary>
    private static bool IsStillValid(SenderView view, Message message, OpenAttempt command, DeliveryRules rules)
    {
        var (candidate, now) = (command.Candidate, command.Now);
        if (now - command.DecideTime > rules.RouteLife || message.Closed.Contains(new(candidate.AccountId, candidate.Channel)))
            return false;
        return candidate.Channel switch
        {
            Channel.ConnectionRequest => view.Invitation is not { State: InvitationState.Pending or InvitationState.Accepted },
            Channel.Inmail or Channel.OpenProfileInmail => !(view.InmailRefusedUntil > now),
            _ => true,
        };
    }

    private static OpenAnswer.Opened Open(Prospect prospect, Message message, OpenAttempt command, DeliveryRules rules)
    {
        var (candidate, now) = (command.Candidate, command.Now);
        var attempt = new Attempt
        {
            Number = message.Attempts.Count + 1,
            AccountId = candidate.AccountId,
            Channel = candidate.Channel,
            PoolId = candidate.CostsCredit ? candidate.PoolId : "",
            Product = candidate.Product,
            State = AttemptState.Open,
            OpenTime = now,
            RecoverTime = now + rules.RecoverAfter,
        };
        message = (message with
        {
            State = MessageState.Sending,
            Reason = Reason.Unspecified,
            WaitUntil = null,
            Attempts = message.Attempts.Add(attempt),
        }).Tell(now, EventKind.AttemptOpened, attempt);
        // The claim begins here: two senders must not both be on their way to one prospect.
        prospect = prospect with { InFlight = message.Id, Claim = Claimed(prospect, candidate.AccountId, now + rules.RecoverAfter) };
        return new(new(prospect, message), attempt);
    }

    /// <summary>The later end wins, so that an attempt does not shorten a conversation's claim.</summary>
    internal static Claim Claimed(Prospect prospect, string accountId, DateTimeOffset until) =>
        prospect.Claim is { } claim && claim.AccountId == accountId && claim.Until > until ? claim : new Claim(accountId, until);
}
