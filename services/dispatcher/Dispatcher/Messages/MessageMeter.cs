using System.Diagnostics.Metrics;
using Pennypost.Delivery;
using Pennypost.Delivery.Messages;

namespace Pennypost.Dispatcher.Messages;

/// <summary>Counts what became of messages, from the commits that made it so: nothing that was only tried.</summary>
internal sealed class MessageMeter
{
    private readonly Counter<long> _messages;
    private readonly Counter<long> _sends;
    private readonly Counter<long> _waits;
    private readonly Counter<long> _doubts;

    public MessageMeter(IMeterFactory meters)
    {
        var meter = meters.Create(Telemetry.Name);
        _messages = meter.CreateCounter<long>("pennypost.dispatcher.messages", "{message}", "Messages that were accepted or ended; state accepted, sent, skipped, failed or cancelled, and the reason of those that were not sent.");
        _sends = meter.CreateCounter<long>("pennypost.dispatcher.sends", "{send}", "Sends that were begun, by channel and outcome (sent, not_sent or unknown), and the reason of those that were not sent.");
        _waits = meter.CreateCounter<long>("pennypost.dispatcher.waits", "{wait}", "Waits that messages began, by reason.");
        _doubts = meter.CreateCounter<long>("pennypost.dispatcher.doubts", "{doubt}", "Sends that nobody knew the outcome of; event opened, sent or not_sent. What was opened and is neither is in doubt now.");
    }

    /// <summary>Counts one step.</summary>
    /// <param name="before">The message before it; null if it is new.</param>
    /// <param name="after">As it was committed.</param>
    public void Count(Message? before, Message after)
    {
        if (before is null)
            _messages.Add(1, Telemetry.Tag("state", Telemetry.Of(MessageState.Accepted)));
        if (after.IsOver && before is not { IsOver: true })
            End(after);
        if (after.State == MessageState.Waiting && (before?.LastSequence ?? 0) < after.LastSequence && after.Events[^1].Kind == EventKind.Waiting)
            _waits.Add(1, Telemetry.Tag("reason", Telemetry.Of(after.Reason)));
        foreach (var attempt in after.Attempts)
            if (before?.AttemptOf(attempt.Number) is { } was && was.State != attempt.State)
                Count(was.State, attempt);
    }

    private void End(Message ended)
    {
        if (ended.State == MessageState.Sent)
            _messages.Add(1, Telemetry.Tag("state", Telemetry.Sent));
        else
            _messages.Add(1, Telemetry.Tag("state", Telemetry.Of(ended.State)), Telemetry.Tag("reason", Telemetry.Of(ended.Reason)));
    }

    private void Count(AttemptState was, Attempt attempt)
    {
        switch (was, attempt.State)
        {
            case (AttemptState.Intended, AttemptState.Sent):
                Send(attempt, Telemetry.Sent);
                break;
            case (AttemptState.Intended, AttemptState.NotSent):
                Send(attempt, Telemetry.NotSent, attempt.Reason);
                break;
            case (AttemptState.Intended, AttemptState.Indeterminate):
                Send(attempt, Telemetry.Unknown);
                _doubts.Add(1, Telemetry.Tag("event", "opened"));
                break;
            case (AttemptState.Indeterminate, AttemptState.Sent):
                _doubts.Add(1, Telemetry.Tag("event", Telemetry.Sent));
                break;
            case (AttemptState.Indeterminate, AttemptState.NotSent):
                _doubts.Add(1, Telemetry.Tag("event", Telemetry.NotSent));
                break;
        }
    }

    private void Send(Attempt attempt, string outcome) => _sends.Add(1, Telemetry.Tag("channel", Telemetry.Of(attempt.Channel)), Telemetry.Tag("outcome", outcome));

    private void Send(Attempt attempt, string outcome, Reason reason) =>
        _sends.Add(1, Telemetry.Tag("channel", Telemetry.Of(attempt.Channel)), Telemetry.Tag("outcome", outcome), Telemetry.Tag("reason", Telemetry.Of(reason)));
}
