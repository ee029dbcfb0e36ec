using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using static Dispatcher.Tests.Messages.Given;

namespace Dispatcher.Tests.Messages;

public sealed class HearingAReply
{
    private static readonly DateTimeOffset Later = Noon.AddHours(1);

    [Fact]
    public void Owes_the_refund_of_the_InMail_it_answers_F52()
    {
        var at = Hear(Sent(), "chat-1");

        Assert.Equal(new OwedRefund(1, Later), at.Message.Refund);
        Assert.Equal(Later, at.Message.ReplyTime);
        Assert.True(at.Prospect.ViewOf("ann").LastInmailAnswered);
        Assert.NotNull(Obligations.Due(at.Message, Rules));
    }

    [Theory]
    [InlineData("another thread", "chat-2", Channel.Inmail)]
    [InlineData("a free message", "chat-1", Channel.DirectMessage)]
    [InlineData("an open profile", "chat-1", Channel.OpenProfileInmail)]
    public void Owes_nothing_for(string what, string chat, Channel channel)
    {
        _ = what;
        Assert.Null(Hear(Sent(channel == Channel.Inmail ? Inmail() : Free(channel: channel)), chat).Message.Refund);
    }

    [Fact]
    public void Refunds_the_latest_unanswered_InMail_and_the_next_reply_none_again_F52()
    {
        var first = Hear(Sent(), "chat-1");
        var refunded = first.After(Settling.Refunded(first.Prospect, first.Message, cameBack: true, Later)!);

        var second = Hear(refunded, "chat-1");

        Assert.Null(second.Message.Refund);
        Assert.Equal(1, second.Message.CreditsRefunded);
        Assert.Null(Settling.Refunded(second.Prospect, second.Message, cameBack: true, Later));
    }

    [Fact]
    public void Proves_a_send_that_was_in_doubt_if_the_thread_is_new()
    {
        var at = Hear(InDoubt(), "chat-9");

        Assert.Equal((MessageState.Sent, "chat-9"), (at.Message.State, at.Attempt.ChatId));
        Assert.NotNull(at.Message.Refund);
    }

    [Fact]
    public void Proves_nothing_if_the_thread_was_there_before()
    {
        var at = InDoubt();
        at = at with { Prospect = at.Prospect with { Senders = at.Prospect.Senders.SetItem("ann", at.Prospect.ViewOf("ann") with { ChatId = "old" }) } };

        Assert.Equal(MessageState.Indeterminate, Hear(at, "old").Message.State);
    }

    [Fact]
    public void Pauses_what_was_accepted_before_it_and_not_what_comes_after_F56()
    {
        var before = Accepted(Sent().Prospect, "m-2", Noon);
        var change = Replying.Decide(before.Prospect, Given.Messages(before.Message), new("ann", "chat-1", Later, Later), Rules);
        var after = Accepted(change.Prospect, "m-3", Later.AddSeconds(1));

        Assert.Equal((MessageState.Skipped, Reason.ProspectReplied), (change.Messages[0].State, change.Messages[0].Reason));
        Assert.IsType<OpenAnswer.Opened>(Opening.Decide(after.Prospect, after.Message, new(Free(channel: Channel.RepliedThread), Later, Later), Rules));
    }

    /// <summary>F54: what a webhook did not tell is read later, in any order with what it did.</summary>
    [Fact]
    public void Told_late_answers_no_InMail_that_is_newer_and_leaves_the_newer_thread()
    {
        var sent = Sent();
        var older = Replying.Decide(sent.Prospect, Given.Messages(sent.Message), new("ann", "chat-0", Noon.AddDays(-3), Later), Rules).Prospect;
        Assert.False(older.ViewOf("ann").LastInmailAnswered);

        var newer = Replying.Decide(older, Given.Messages(sent.Message), new("ann", "chat-1", Later, Later), Rules).Prospect;
        var again = Replying.Decide(newer, Given.Messages(sent.Message), new("ann", "chat-0", Noon.AddDays(-2), Later), Rules).Prospect;
        Assert.Equal(("chat-1", true, Later), (again.ViewOf("ann").ChatId, again.ViewOf("ann").LastInmailAnswered, again.ViewOf("ann").ReplyTime));
    }

    [Fact]
    public void Stops_an_attempt_between_its_gates_and_its_intent()
    {
        var at = Hear(Opened(), "other");

        Assert.Equal(MessageState.Skipped, at.Message.State);
        Assert.IsType<IntendAnswer.NotOpen>(Intending.Decide(at.Prospect, at.Message, new(1, Later, Later), Rules));
        Assert.True(Obligations.Owes(at.Message), "permit and hold may have been taken: they are given back");
    }

    [Fact]
    public void That_accepts_an_invitation_refunds_nothing_and_wakes_what_waits_F53()
    {
        var sent = Sent(Free(channel: Channel.ConnectionRequest));
        var waiting = Accepted(sent.Prospect, "m-2");
        waiting = waiting.After(Ending.Wait(waiting.Prospect, waiting.Message, Reason.ProspectCoolingDown, Later.AddDays(1), "", Noon)!);

        var change = Replying.Accepted(waiting.Prospect, Given.Messages(sent.Message, waiting.Message), "ann", Later, Given.Rules);

        Assert.Equal([EventKind.InvitationAccepted], change.Messages.Where(message => message.Id == "m-1").Select(message => message.Events[^1].Kind));
        Assert.All(change.Messages, message => Assert.Null(message.Refund));
        Assert.Equal(Later, change.Messages.Single(message => message.Id == "m-2").WaitUntil);
        Assert.Equal(NetworkDistance.FirstDegree, change.Prospect.ViewOf("ann").Distance!.Value);
    }

    private static Case Hear(Case at, string chatId) =>
        at.After(Replying.Decide(at.Prospect, Given.Messages(at.Message), new("ann", chatId, Later, Later), Rules));
}
