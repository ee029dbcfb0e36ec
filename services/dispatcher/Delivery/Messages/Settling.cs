namespace Pennypost.Delivery.Messages;

/// <summary>Bookkeeping of what credits, account and demand have answered. Each is told again until it did.</summary>
public static class Settling
{
    /// <summary>Hold and permit of an attempt are settled. The first time counts; null if it was known.</summary>
    public static Change? Settled(Prospect prospect, Message message, int number, DateTimeOffset now)
    {
        if (message.AttemptOf(number) is not { IsOver: true, Settled: false } attempt)
            return null;
        attempt = attempt with { Settled = true };
        message = message.With(attempt);
        if (attempt is { State: AttemptState.Sent, CostsCredit: true })
            message = (message with { CreditsSpent = message.CreditsSpent + 1 }).Tell(now, EventKind.CreditSpent, attempt, counts: attempt.IsCounted);
        return new Change(prospect, Rested(message));
    }

    /// <summary>Something was taken for an unsent attempt after it had been settled: it is to be settled again. Null if it was sent or is not over.</summary>
    public static Change? Owe(Prospect prospect, Message message, int number, DateTimeOffset now, DeliveryRules rules) =>
        message.AttemptOf(number) is { State: AttemptState.NotSent } attempt ? Postpone(prospect, message.With(attempt with { Settled = false }), now, rules) : null;

    /// <summary>Credits answered a refund; null if none was owed.</summary>
    public static Change? Refunded(Prospect prospect, Message message, bool cameBack, DateTimeOffset now)
    {
        if (message.Refund is not { } owed)
            return null;
        var paid = message.AttemptOf(owed.Attempt);
        message = message with { Refund = null };
        if (cameBack)
            message = (message with { CreditsRefunded = message.CreditsRefunded + 1 }).Tell(now, EventKind.Refunded, paid, counts: paid is { IsCounted: true });
        return new Change(prospect, Rested(message));
    }

    /// <summary>The message has left its pool's demand; null if it stands in none, or waits for a credit again.</summary>
    public static Change? LeftDemand(Prospect prospect, Message message) =>
        Obligations.LeavesDemand(message) ? new Change(prospect, Rested(message with { DemandPool = "" })) : null;

    /// <summary>Somebody did not answer: again later, each time later. Null if nothing is owed.</summary>
    public static Change? Postpone(Prospect prospect, Message message, DateTimeOffset now, DeliveryRules rules) =>
        Obligations.Owes(message)
            ? new Change(prospect, message with { RetryTime = now + DeliveryRules.Growing(rules.RetryEvery, message.Retries), Retries = message.Retries + 1 })
            : null;

    private static Message Rested(Message message) =>
        Obligations.Owes(message) ? message : message with { RetryTime = null, Retries = 0 };
}
