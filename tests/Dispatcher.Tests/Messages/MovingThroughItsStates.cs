using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using static Dispatcher.Tests.Messages.Given;
using State = Pennypost.Delivery.Messages.MessageState;

namespace Dispatcher.Tests.Messages;

/// <summary>The table of DESIGN: every state, every command, and where it leads. "-" is refused: nothing changes.</summary>
public sealed class MovingThroughItsStates
{
    public static TheoryData<string, string, string> Table()
    {
        var data = new TheoryData<string, string, string>();
        string[] states = ["Accepted", "Ready", "Waiting", "Open", "Sending", "Indeterminate", "Sent", "Skipped", "Failed", "Cancelled"];
        (string Command, string[] Leads)[] rows =
        [
            ("open",         ["Sending",   "Sending",   "Sending",   "-",         "-",             "-",             "-",    "-",       "-",      "-"]),
            ("intend",       ["-",         "-",         "-",         "Sending",   "-",             "-",             "-",    "-",       "-",      "-"]),
            ("sent",         ["-",         "Sent",      "-",         "Sent",      "Sent",          "Sent",          "-",    "-",       "-",      "-"]),
            ("not sent",     ["-",         "-",         "-",         "Ready",     "Ready",         "Ready",         "-",    "-",       "-",      "-"]),
            ("unknown",      ["-",         "-",         "-",         "-",         "Indeterminate", "-",             "-",    "-",       "-",      "-"]),
            ("wait",         ["Waiting",   "Waiting",   "Waiting",   "-",         "-",             "-",             "-",    "-",       "-",      "-"]),
            ("wake",         ["-",         "-",         "Waiting",   "-",         "-",             "-",             "-",    "-",       "-",      "-"]),
            ("retry",        ["-",         "-",         "Waiting",   "-",         "-",             "-",             "-",    "Ready",   "Ready",  "-"]),
            ("cancel",       ["Cancelled", "Cancelled", "Cancelled", "Cancelled", "-",             "-",             "-",    "-",       "-",      "-"]),
            ("suppress",     ["Skipped",   "Skipped",   "Skipped",   "Skipped",   "-",             "-",             "-",    "-",       "-",      "-"]),
            ("reply",        ["Skipped",   "Skipped",   "Skipped",   "Skipped",   "Sent",          "Sent",          "Sent", "-",       "-",      "-"]),
            ("absent twice", ["-",         "-",         "-",         "-",         "-",             "Ready",         "-",    "-",       "-",      "-"]),
            ("found",        ["-",         "-",         "-",         "-",         "-",             "Sent",          "-",    "-",       "-",      "-"]),
        ];
        foreach (var (command, leads) in rows)
            for (var index = 0; index < states.Length; index++)
                data.Add(states[index], command, leads[index]);
        return data;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Each_command_leads_where_the_table_says(string state, string command, string leads)
    {
        var at = state == "Open" ? Opened() : InState(Enum.Parse<State>(state));

        var change = Do(at, command);

        var after = change?.Messages.LastOrDefault(message => message.Id == at.Message.Id);
        Assert.Equal(leads, after?.State.ToString() ?? "-");
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Whatever_happens_events_are_numbered_without_gaps_and_what_is_under_way_has_a_due_time(string state, string command, string leads)
    {
        _ = leads;
        var at = state == "Open" ? Opened() : InState(Enum.Parse<State>(state));
        var after = Do(at, command) is { } change ? at.After(change) : at;

        Assert.Equal(Enumerable.Range(1, after.Message.Events.Count), after.Message.Events.Select(happened => (int)happened.Sequence));
        Assert.Equal(!after.Message.IsOver || Obligations.Owes(after.Message), Obligations.Due(after.Message, Rules) is not null);
        Assert.Equal(!after.Message.IsOver, after.Prospect.OpenMessages.Contains(after.Message.Id));
        Assert.Equal(after.Message.Current is not null, after.Prospect.InFlight == after.Message.Id);
    }

    private static Change? Do(Case at, string command)
    {
        var (prospect, message) = (at.Prospect, at.Message);
        var (now, attempt) = (Noon.AddMinutes(1), message.Attempts.Count);
        return command switch
        {
            "open" => (Opening.Decide(prospect, message, new(Free("ann"), now, now), Rules) as OpenAnswer.Opened)?.Change,
            "intend" => attempt == 0 ? null : (Intending.Decide(prospect, message, new(attempt, now, now), Rules) as IntendAnswer.Intended)?.Change,
            "sent" => Conclude(new SendOutcome.Sent("pm-2", "chat-2")),
            "not sent" => Conclude(new SendOutcome.NotSent(Reason.ProviderUnavailable, "", false)),
            "unknown" => Conclude(new SendOutcome.Unknown()),
            "wait" => Ending.Wait(prospect, message, Reason.Spacing, now.AddMinutes(1), "", now),
            "wake" => Ending.Wake(prospect, message, now),
            "retry" => Retrying.Decide(prospect, message, new() { Filter = new(), Now = now }, Rules) switch
            {
                RetryAnswer.Requeued requeued => requeued.Change,
                RetryAnswer.Woken woken => woken.Change,
                _ => null,
            },
            "cancel" => (Ending.Cancel(prospect, message, now) as CancelAnswer.Cancelled)?.Change,
            "suppress" => Ending.Suppress(prospect, [message], false, now),
            "reply" => Replying.Decide(prospect, Given.Messages(message), new("ann", "chat-1", now, now), Rules),
            "absent twice" => Verified(at, now.AddMinutes(5)),
            "found" => (Verifying.Decide(prospect, message, new(Math.Max(1, attempt), new Finding.Found("pm-1", "chat-1"), now, now), Rules) as VerifyAnswer.ProvedSent)?.Change,
            _ => throw new ArgumentException(command, nameof(command)),
        };

        Change? Conclude(SendOutcome outcome) =>
            attempt == 0 ? null : (Concluding.Decide(prospect, message, new(attempt, outcome, false, now), Rules) as ConcludeAnswer.Concluded)?.Change;
    }

    private static Change? Verified(Case at, DateTimeOffset now)
    {
        var once = Verifying.Decide(at.Prospect, at.Message, new(1, new Finding.Absent(), now, now), Rules) as VerifyAnswer.StillUnknown;
        return once is null ? null : (Verifying.Decide(once.Change.Prospect, once.Change.Messages[0], new(1, new Finding.Absent(), now, now), Rules) as VerifyAnswer.ProvedNotSent)?.Change;
    }
}
