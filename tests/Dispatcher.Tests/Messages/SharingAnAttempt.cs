using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using static Dispatcher.Tests.Messages.Given;

namespace Dispatcher.Tests.Messages;

/// <summary>Two workers at one attempt: a clock that was moved, or a worker that slept, lets a second one resume what the first still runs.</summary>
public sealed class SharingAnAttempt
{
    private static readonly SendOutcome _refused = new SendOutcome.NotSent(Reason.DependencyUnavailable, "", ClosesChannel: false);

    [Fact]
    public void A_gate_that_refuses_one_worker_says_nothing_of_the_send_that_the_other_has_begun()
    {
        foreach (var begun in new[] { Intended(), InDoubt() })
        {
            var answer = Concluding.Decide(begun.Prospect, begun.Message, new(1, _refused, false, Noon) { BeforeIntent = true }, Rules);

            Assert.Same(begun.Message, Assert.IsType<ConcludeAnswer.Already>(answer).Message);
        }
    }

    [Fact]
    public void A_gate_that_refuses_closes_an_attempt_that_nobody_has_begun_to_send()
    {
        var at = Opened();

        var concluded = Assert.IsType<ConcludeAnswer.Concluded>(Concluding.Decide(at.Prospect, at.Message, new(1, _refused, false, Noon) { BeforeIntent = true }, Rules));

        Assert.Equal(AttemptState.NotSent, concluded.Message.Attempts[0].State);
    }

    [Fact]
    public void An_accept_proves_an_invitation_whose_answer_is_unknown()
    {
        var at = InDoubt(Free(channel: Channel.ConnectionRequest));

        at = at.After(Replying.Accepted(at.Prospect, Given.Messages(at.Message), "ann", Noon.AddMinutes(1), Rules));

        Assert.Equal((MessageState.Sent, AttemptState.Sent), (at.Message.State, at.Attempt.State));
        Assert.Contains(EventKind.InvitationAccepted, at.Kinds);
        Assert.Equal(InvitationState.Accepted, at.Prospect.ViewOf("ann").Invitation!.State);
    }

    [Fact]
    public void An_accept_to_one_sender_proves_nothing_of_another_senders_invitation()
    {
        var at = InDoubt(Free(channel: Channel.ConnectionRequest));

        at = at.After(Replying.Accepted(at.Prospect, Given.Messages(at.Message), "bob", Noon.AddMinutes(1), Rules));

        Assert.Equal(MessageState.Indeterminate, at.Message.State);
    }
}
