namespace Pennypost.Delivery.Messages;

/// <summary>When a message is looked at next, and how soon among others.</summary>
/// <param name="Time">On the installation's clock.</param>
/// <param name="Priority">0 is first.</param>
public sealed record DueTime(DateTimeOffset Time, int Priority);

/// <summary>What to do with a message that is due. Read off its state alone, so that anybody can take it up.</summary>
public abstract record NextStep
{
    private NextStep() { }

    /// <summary>Nothing yet.</summary>
    public sealed record Nothing : NextStep;

    /// <summary>It has outlived its own deadline.</summary>
    public sealed record Expire : NextStep;

    /// <summary>Gather facts, route, open an attempt.</summary>
    public sealed record Route : NextStep;

    /// <summary>An attempt was left open: its steps are done again under the same ids.</summary>
    public sealed record Resume(Attempt Attempt) : NextStep;

    /// <summary>An attempt was left intended: nobody knows whether it was sent.</summary>
    public sealed record Doubt(Attempt Attempt) : NextStep;

    /// <summary>Look at the provider whether it was sent.</summary>
    public sealed record Verify(Attempt Attempt) : NextStep;
}

/// <summary>What a message still has coming: the one place that says when it is due and what for.</summary>
public static class Obligations
{
    /// <summary>Null if nothing more will happen by itself.</summary>
    public static DueTime? Due(Message message, DeliveryRules rules)
    {
        var step = StepTime(message, rules);
        var owed = Owes(message) ? message.RetryTime ?? message.CreateTime : (DateTimeOffset?)null;
        if (step is null && owed is null)
            return null;
        // What was begun is finished before anything new is.
        var begun = owed is not null && (step is null || owed <= step) || message.Current is not null;
        var time = step is null || owed < step ? owed!.Value : step.Value;
        return new DueTime(time, begun ? 0 : message.Priority switch { Priority.High => 1, Priority.Low => 5, _ => 3 });
    }

    /// <summary>The step that is due now.</summary>
    public static NextStep Step(Message message, DeliveryRules rules, DateTimeOffset now)
    {
        if (StepTime(message, rules) is not { } time || time > now)
            return new NextStep.Nothing();
        return message.Current switch
        {
            { State: AttemptState.Open } open => new NextStep.Resume(open),
            { State: AttemptState.Intended } intended => new NextStep.Doubt(intended),
            { State: AttemptState.Indeterminate } unknown => new NextStep.Verify(unknown),
            _ when now >= message.ExpireTime => new NextStep.Expire(),
            _ => new NextStep.Route(),
        };
    }

    /// <summary>Whether credits, account or demand have yet to be told something.</summary>
    public static bool Owes(Message message) =>
        message.Refund is not null || LeavesDemand(message) || message.Attempts.Exists(attempt => attempt is { IsOver: true, Settled: false });

    /// <summary>Whether it still stands in a pool's demand without wanting a credit.</summary>
    public static bool LeavesDemand(Message message) => message.DemandPool.Length > 0 && (message.IsOver || (message.State == MessageState.Waiting && !message.WantsCredit));

    private static DateTimeOffset? StepTime(Message message, DeliveryRules rules) => message.State switch
    {
        MessageState.Accepted => message.CreateTime,
        MessageState.Ready => message.Events[^1].Time + rules.Grace,
        MessageState.Waiting => message.WaitUntil,
        MessageState.Sending => message.Current!.RecoverTime,
        MessageState.Indeterminate => message.Current!.Verification!.NextTime,
        _ => null,
    };
}
