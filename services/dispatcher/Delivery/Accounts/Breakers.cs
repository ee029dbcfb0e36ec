namespace Pennypost.Delivery.Accounts;

/// <summary>
/// How an InMail credit breaker opens and every way in which it clears. It opens on a credit error only once the balance was looked at, half-opens at the pool's own renewal, and is never moved by
/// a send that cost no credit.
/// </summary>
public static class Breakers
{
    /// <summary>How long a recipient is taken to refuse InMail.</summary>
    public static readonly TimeSpan RecipientRefusalAge = TimeSpan.FromDays(30);

    /// <summary>Between two reads of the balance while nobody knows.</summary>
    public static readonly TimeSpan ReadEvery = TimeSpan.FromHours(1);

    /// <summary>How long after a renewal the balance is read hourly: LinkedIn itself asks to wait until the 2nd for the grant of the 1st (LinkedIn Help 57013).</summary>
    public static readonly TimeSpan ReadFor = TimeSpan.FromHours(48);

    /// <summary>Between reads after that, where no renewal is known.</summary>
    public static readonly TimeSpan ReadLater = TimeSpan.FromDays(1);

    /// <summary>How long a half-open breaker waits for the balance before a send may try.</summary>
    public static readonly TimeSpan ReadFirst = TimeSpan.FromMinutes(2);

    /// <summary>Brings the breaker to now: an open one whose time has come is half open.</summary>
    public static BreakerChange AsOf(Breaker breaker, DateTimeOffset now)
    {
        if (breaker.State != BreakerState.Open || breaker.ResumeTime > now)
            return BreakerChange.None(breaker);
        var halfOpen = breaker with
        {
            State = BreakerState.HalfOpen,
            ProbeFrom = breaker.ResumeTime + ReadFirst,
            Probe = null,
            ReadsFrom = breaker.ReadsFrom ?? breaker.ResumeTime,
        };
        return new BreakerChange(halfOpen, [Event(halfOpen, BreakerCause.Renewal, now)]);
    }

    /// <summary>
    /// The provider refused a send for want of credits, and its balance was read: above zero it is the recipient who refuses, zero opens, unreadable opens for an hour.
    /// </summary>
    /// <param name="breaker">As of now.</param>
    /// <param name="balance">The provider's balance after the refusal; null if it could not be read.</param>
    /// <param name="renewTime">The pool's next grant; null if none is known.</param>
    /// <param name="messageId">The message that was refused.</param>
    /// <param name="now">The time.</param>
    /// <param name="renewedTime">The pool's last grant in the books, which the provider's may lag behind; null if none is known.</param>
    public static (BreakerChange Change, CreditRefusal Refusal) CreditError(
        Breaker breaker, long? balance, DateTimeOffset? renewTime, string messageId, DateTimeOffset now, DateTimeOffset? renewedTime = null)
    {
        switch (balance)
        {
            case > 0:
                var closed = breaker.State == BreakerState.Closed ? BreakerChange.None(breaker) : Close(breaker, BreakerCause.BalanceObserved, now, messageId);
                var refuses = new BreakerEvent(now, breaker.Product, closed.Breaker.State, BreakerCause.RecipientRefuses, messageId, "");
                return (closed with { Events = closed.Events.Add(refuses) }, new CreditRefusal.RecipientRefuses(now + RecipientRefusalAge));
            case 0:
                // The books renewed, and the provider has not: its grant is late, and is looked for from now on.
                var renewed = breaker.ReadsFrom > renewedTime ? breaker.ReadsFrom : renewedTime ?? breaker.ReadsFrom;
                var late = now < renewed + ReadFor;
                var resume = late ? now + ReadEvery : Later(renewTime, now);
                return (Open(late ? breaker with { ReadsFrom = renewed } : breaker, resume, true, messageId, now), new CreditRefusal.Exhausted(resume));
            default:
                // Unknown is not zero: no renewal is waited for, the balance is asked again soon.
                var again = now + ReadEvery;
                return (Open(breaker, again, false, messageId, now), new CreditRefusal.Unclear(again));
        }
    }

    /// <summary>The balance was read for whatever reason. Only a read from after it opened says anything.</summary>
    /// <param name="breaker">As of now.</param>
    /// <param name="balance">Null if it could not be read.</param>
    /// <param name="readTime">When.</param>
    /// <param name="renewTime">The pool's next grant; null if none is known.</param>
    /// <param name="now">The time.</param>
    public static BreakerChange BalanceRead(Breaker breaker, long? balance, DateTimeOffset readTime, DateTimeOffset? renewTime, DateTimeOffset now)
    {
        if (breaker.State == BreakerState.Closed || readTime < breaker.OpenTime)
            return BreakerChange.None(breaker);
        if (balance > 0)
            return Close(breaker, breaker.RefundExpected ? BreakerCause.Refund : BreakerCause.BalanceObserved, now);
        if (breaker.State == BreakerState.Open)
            return BreakerChange.None(balance == 0 ? breaker with { Confirmed = true, ResumeTime = breaker.Confirmed ? breaker.ResumeTime : Later(renewTime, now) } : breaker);
        // Half open, and a probe under way: its outcome says more than a balance that may lag.
        if (breaker.Probe is not null)
            return BreakerChange.None(breaker);
        // It cannot be read: one send may find out.
        if (balance is null)
            return BreakerChange.None(breaker with { ProbeFrom = now });
        var resume = now < breaker.ReadsFrom + ReadFor ? now + ReadEvery : Later(renewTime, now);
        var open = breaker with
        {
            State = BreakerState.Open,
            Confirmed = true,
            ResumeTime = resume,
            ProbeFrom = null,
            ReadsFrom = now < breaker.ReadsFrom + ReadFor ? breaker.ReadsFrom : null,
        };
        return new BreakerChange(open, [Event(open, BreakerCause.CreditsExhausted, now)]);
    }

    /// <summary>Credits were bought: it closes, if they came after it had opened.</summary>
    public static BreakerChange ToppedUp(Breaker breaker, DateTimeOffset at, DateTimeOffset now) =>
        breaker.State == BreakerState.Closed || at < breaker.OpenTime ? BreakerChange.None(breaker) : Close(breaker, BreakerCause.TopUp, now);

    /// <summary>A reply refunded a credit in the books. LinkedIn posts it when it likes, so the balance is read until it shows, and then closes the breaker as refunded.</summary>
    public static BreakerChange Refunded(Breaker breaker, DateTimeOffset at, DateTimeOffset now)
    {
        if (breaker.State == BreakerState.Closed || at < breaker.OpenTime)
            return BreakerChange.None(breaker);
        if (breaker.State == BreakerState.HalfOpen)
            return BreakerChange.None(breaker with { RefundExpected = true });
        var halfOpen = breaker with { State = BreakerState.HalfOpen, RefundExpected = true, ResumeTime = now, ReadsFrom = now, ProbeFrom = now + ReadFirst };
        return new BreakerChange(halfOpen, [Event(halfOpen, BreakerCause.Refund, now)]);
    }

    /// <summary>The pool's own grant was booked: it half-opens now, if the grant came after it had opened.</summary>
    public static BreakerChange Renewed(Breaker breaker, DateTimeOffset at, DateTimeOffset now) =>
        breaker.State != BreakerState.Open || at < breaker.OpenTime
            ? BreakerChange.None(breaker)
            : AsOf(breaker with { ResumeTime = now, ReadsFrom = at }, now);

    /// <summary>A send that cost a credit succeeded (<c>recent_success_evidence</c>): it closes, if the send is newer than the opening. Sends that cost none never come here.</summary>
    public static BreakerChange Succeeded(Breaker breaker, DateTimeOffset sendTime, string messageId, DateTimeOffset now) =>
        breaker.State == BreakerState.Closed || sendTime <= breaker.OpenTime ? BreakerChange.None(breaker) : Close(breaker, BreakerCause.RecentSuccess, now, messageId);

    /// <summary>The probe ended and told nothing about credits (it was not sent for another reason): the next send may try.</summary>
    public static BreakerChange ProbeEnded(Breaker breaker, string messageId, int attempt) =>
        BreakerChange.None(breaker.Probe == new Probe(messageId, attempt) ? breaker with { Probe = null } : breaker);

    /// <summary>An operator's word.</summary>
    public static BreakerChange Reset(Breaker breaker, string actor, DateTimeOffset now) =>
        breaker.State == BreakerState.Closed ? BreakerChange.None(breaker) : Close(breaker, BreakerCause.Operator, now, actor: actor);

    /// <summary>A send met it and was not tried.</summary>
    public static BreakerChange Skip(Breaker breaker, string messageId, DateTimeOffset now)
    {
        var skipped = breaker with { Skipped = breaker.Skipped + 1 };
        return new BreakerChange(skipped, [Event(skipped, BreakerCause.Skip, now, messageId)]);
    }

    private static BreakerChange Open(Breaker breaker, DateTimeOffset resume, bool confirmed, string messageId, DateTimeOffset now)
    {
        if (breaker.State == BreakerState.Open && (breaker.Confirmed || !confirmed))
            return BreakerChange.None(breaker);
        var open = breaker with
        {
            State = BreakerState.Open,
            // A success from before this refusal says nothing about the credits after it.
            OpenTime = breaker.State == BreakerState.Open ? breaker.OpenTime : now,
            ResumeTime = resume,
            Confirmed = confirmed,
            Probe = null,
            ProbeFrom = null,
            Skipped = breaker.State == BreakerState.Closed ? 0 : breaker.Skipped,
        };
        return new BreakerChange(open, [Event(open, BreakerCause.CreditsExhausted, now, messageId)]);
    }

    private static BreakerChange Close(Breaker breaker, BreakerCause cause, DateTimeOffset now, string messageId = "", string actor = "")
    {
        var closed = Breaker.Closed(breaker.Product);
        return new BreakerChange(closed, [Event(closed, cause, now, messageId, actor)]);
    }

    /// <summary>The pool's own renewal; where none is known, a day on.</summary>
    private static DateTimeOffset Later(DateTimeOffset? renewTime, DateTimeOffset now) => renewTime is { } renewal && renewal > now ? renewal : now + ReadLater;

    private static BreakerEvent Event(Breaker after, BreakerCause cause, DateTimeOffset now, string messageId = "", string actor = "") =>
        new(now, after.Product, after.State, cause, messageId, actor);
}
