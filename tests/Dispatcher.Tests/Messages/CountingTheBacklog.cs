using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using static Dispatcher.Tests.Messages.Given;

namespace Dispatcher.Tests.Messages;

public sealed class CountingTheBacklog
{
    [Fact]
    public void Says_how_many_wait_by_reason_and_when_the_first_is_looked_at_again_F63()
    {
        var waiting = Waiting().Message;
        Message[] messages =
        [
            waiting with { WaitUntil = Noon.AddHours(5) },
            waiting,
            waiting with { Reason = Reason.BreakerOpen, WaitUntil = Noon.AddDays(3) },
            .. Enum.GetValues<MessageState>().Where(state => state != MessageState.Waiting).Select(state => InState(state).Message),
        ];

        var counts = Backlog.Count(messages, Rules);

        Assert.Equal(
            [
                (MessageState.Accepted, Reason.Unspecified, 1),
                (MessageState.Ready, Reason.Unspecified, 1),
                (MessageState.Waiting, Reason.BreakerOpen, 1),
                (MessageState.Waiting, Reason.DailyCap, 2),
                (MessageState.Sending, Reason.Unspecified, 1),
                (MessageState.Indeterminate, Reason.SendUnknown, 1),
            ],
            counts.Select(count => (count.State, count.Reason, count.Count)));
        Assert.Equal([Noon.AddDays(3), Noon.AddHours(3)], counts.Where(count => count.State == MessageState.Waiting).Select(count => count.EarliestDue));
        Assert.DoesNotContain(counts, count => count.EarliestDue is null);
    }
}
