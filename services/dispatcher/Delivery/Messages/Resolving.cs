namespace Pennypost.Delivery.Messages;

/// <summary>An operator says what became of a send in doubt.</summary>
public sealed record Resolve(int Attempt, bool Sent, DateTimeOffset Now, DateTimeOffset RealNow);

/// <summary>What that came to.</summary>
public abstract record ResolveAnswer
{
    private ResolveAnswer() { }

    /// <summary>It is kept.</summary>
    public sealed record Resolved(Change Change, Message Message) : ResolveAnswer;

    /// <summary>It was known to be so.</summary>
    public sealed record Already(Message Message) : ResolveAnswer;

    /// <summary>There is no doubt that an operator could end: none at all, the contrary is known, or the send may still be under way.</summary>
    public sealed record NotInDoubt(Message Message) : ResolveAnswer;
}

/// <summary>Where nobody can look a send up, somebody has to say what became of it: while it is in doubt, nothing else is sent to its prospect.</summary>
public static class Resolving
{
    /// <summary>Decides. Before the settling time the send itself may still come to an end, and say something else.</summary>
    public static ResolveAnswer Decide(Prospect prospect, Message message, Resolve command, DeliveryRules rules)
    {
        if (message.AttemptOf(command.Attempt) is not { } attempt)
            return new ResolveAnswer.NotInDoubt(message);
        if (attempt.State == (command.Sent ? AttemptState.Sent : AttemptState.NotSent))
            return new ResolveAnswer.Already(message);
        if (attempt.State != AttemptState.Indeterminate || !Verifying.IsSettled(attempt, rules, command.Now, command.RealNow))
            return new ResolveAnswer.NotInDoubt(message);
        SendOutcome outcome = command.Sent ? new SendOutcome.Sent("", "") : new SendOutcome.NotSent(Reason.ProviderUnavailable, "", ClosesChannel: false);
        var concluded = (ConcludeAnswer.Concluded)Concluding.Decide(prospect, message, new Conclude(attempt.Number, outcome, Settled: false, command.Now), rules);
        return new ResolveAnswer.Resolved(concluded.Change, concluded.Message);
    }
}
