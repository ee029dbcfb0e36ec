namespace Pennypost.Delivery.Messages;

/// <summary>What a look at the provider's chats and invitations found.</summary>
public abstract record Finding
{
    private Finding() { }

    /// <summary>It is there.</summary>
    public sealed record Found(string ProviderMessageId, string ChatId) : Finding;

    /// <summary>The read worked, and it is not there.</summary>
    public sealed record Absent : Finding;

    /// <summary>The read did not work.</summary>
    public sealed record Unreadable : Finding;
}

/// <summary>Weighs a finding about an attempt whose answer is unknown.</summary>
public sealed record Verify(int Attempt, Finding Finding, DateTimeOffset Now, DateTimeOffset RealNow);

/// <summary>The verdict.</summary>
public abstract record VerifyAnswer
{
    private VerifyAnswer() { }

    /// <summary>It was sent.</summary>
    public sealed record ProvedSent(Change Change, Message Message) : VerifyAnswer;

    /// <summary>It was not sent, and now cannot be.</summary>
    public sealed record ProvedNotSent(Change Change, Message Message) : VerifyAnswer;

    /// <summary>It is looked at again.</summary>
    public sealed record StillUnknown(Change Change, int Tries) : VerifyAnswer;

    /// <summary>It is not in question any more.</summary>
    public sealed record NotInQuestion : VerifyAnswer;
}

/// <summary>
/// Verification of a send whose answer is unknown. Presence is proof at once. Absence is proof only when nothing can arrive any more: a settling time after the intent, in virtual and in real time, and then
/// as many reads that worked as the rules ask for.
/// </summary>
public static class Verifying
{
    /// <summary>Decides.</summary>
    public static VerifyAnswer Decide(Prospect prospect, Message message, Verify command, DeliveryRules rules)
    {
        if (message.AttemptOf(command.Attempt) is not { State: AttemptState.Indeterminate, Verification: { } seen } attempt)
            return new VerifyAnswer.NotInQuestion();
        if (command.Finding is Finding.Found found)
        {
            var sent = new Conclude(attempt.Number, new SendOutcome.Sent(found.ProviderMessageId, found.ChatId), Settled: false, command.Now);
            return Concluding.Decide(prospect, message, sent, rules) is ConcludeAnswer.Concluded concluded
                ? new VerifyAnswer.ProvedSent(concluded.Change, concluded.Message)
                : new VerifyAnswer.NotInQuestion();
        }

        var settled = IsSettled(attempt, rules, command.Now, command.RealNow);
        var healthy = seen.HealthyReads + (command.Finding is Finding.Absent && settled ? 1 : 0);
        if (healthy >= rules.HealthyReads)
        {
            var absent = new Conclude(attempt.Number, new SendOutcome.NotSent(Reason.ProviderUnavailable, "", ClosesChannel: false), Settled: false, command.Now);
            var concluded = (ConcludeAnswer.Concluded)Concluding.Decide(prospect, message, absent, rules);
            return new VerifyAnswer.ProvedNotSent(concluded.Change, concluded.Message);
        }

        var next = command.Now + DeliveryRules.Growing(rules.VerifyEvery, command.Finding is Finding.Absent ? 0 : seen.Tries);
        message = message.With(attempt with { Verification = new(healthy, seen.Tries + 1, next) });
        return new VerifyAnswer.StillUnknown(new(prospect, message), seen.Tries + 1);
    }

    /// <summary>Whether one more healthy read without it would prove that it was not sent.</summary>
    public static bool WouldBelieveAbsence(Attempt attempt, DeliveryRules rules, DateTimeOffset now, DateTimeOffset realNow) =>
        IsSettled(attempt, rules, now, realNow) && (attempt.Verification?.HealthyReads ?? 0) + 1 >= rules.HealthyReads;

    /// <summary>Whether nothing of the attempt can arrive any more, on either clock: from here on absence counts.</summary>
    public static bool IsSettled(Attempt attempt, DeliveryRules rules, DateTimeOffset now, DateTimeOffset realNow) =>
        now >= attempt.IntentTime + rules.SettlingTime && realNow >= attempt.IntentRealTime + rules.SettlingTime;
}
