using FsCheck;
using FsCheck.Fluent;
using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using static Dispatcher.Tests.Messages.Given;

namespace Dispatcher.Tests.Messages;

/// <summary>F54, F79: which of a message's steps the reply and accept rates count.</summary>
public sealed class BeginningAConversation
{
    private static readonly DateTimeOffset Later = Noon.AddHours(1);

    [Theory]
    [InlineData(Channel.Inmail, "Sent, CreditSpent, Replied, Refunded")]
    [InlineData(Channel.DirectMessage, "Sent, Replied")]
    [InlineData(Channel.OpenProfileInmail, "Sent, Replied")]
    [InlineData(Channel.ConnectionRequest, "Sent, Replied")]
    [InlineData(Channel.Email, "Sent")]
    [InlineData(Channel.Like, "")]
    public void A_send_and_what_comes_of_it_count_once_F79_F83(Channel channel, string counted)
    {
        var at = Sent(channel == Channel.Inmail ? Inmail() : Free(channel: channel));
        at = at.After(Settling.Settled(at.Prospect, at.Message, 1, Noon)!);
        at = Hear(at, Later);
        if (Settling.Refunded(at.Prospect, at.Message, cameBack: true, Later) is { } refunded)
            at = at.After(refunded);
        at = Hear(at, Later.AddHours(1));

        Assert.Equal(counted, string.Join(", ", at.Message.Events.Where(happened => happened.Counts).Select(happened => happened.Kind)));
    }

    [Fact]
    public void A_reply_counts_for_the_latest_send_of_the_thread_alone_F54()
    {
        var two = SentTwice(Free());
        var change = Replying.Decide(two.Prospect, Given.Messages(two.First, two.Second), new("ann", "chat-1", Later, Later), Rules);

        Assert.Equal(["m-2"], Counted(change.Messages, EventKind.Replied));
        Assert.Equal(2, change.Messages.Count(message => message.Events.Any(happened => happened.Kind == EventKind.Replied)));
    }

    [Fact]
    public void A_second_reply_that_answers_an_older_InMail_begins_no_other_conversation_F54()
    {
        var two = SentTwice(Inmail());
        var first = Replying.Decide(two.Prospect, Given.Messages(two.First, two.Second), new("ann", "chat-1", Later, Later), Rules);
        var messages = first.Messages.Append(two.First).DistinctBy(message => message.Id).ToDictionary(message => message.Id);
        var second = Replying.Decide(first.Prospect, messages, new("ann", "chat-1", Later.AddHours(1), Later.AddHours(1)), Rules);

        Assert.Equal(["m-2"], Counted(first.Messages, EventKind.Replied));
        Assert.Contains(second.Messages, message => message.Id == "m-1" && message.Refund is not null);
        Assert.DoesNotContain("m-1", Counted(second.Messages, EventKind.Replied));
    }

    [Fact]
    public void What_is_written_to_them_afterwards_may_begin_the_next()
    {
        var at = Hear(Sent(Free()), Later);
        var next = SendAlso(at.Prospect, "m-2", Free(channel: Channel.RepliedThread), Later.AddDays(1));
        var change = Replying.Decide(next.Prospect, Given.Messages(at.Message, next.Message), new("ann", "chat-1", Later.AddDays(2), Later.AddDays(2)), Rules);

        Assert.Equal(["m-2"], change.Messages.Where(message => message.Events[^1] is { Kind: EventKind.Replied, Counts: true }).Select(message => message.Id));
    }

    [Fact]
    public void A_connection_request_that_is_accepted_counts_once_and_so_does_the_answer_to_its_note_F79()
    {
        var sent = Sent(Free(channel: Channel.ConnectionRequest));
        var accepted = sent.After(Replying.Accepted(sent.Prospect, Given.Messages(sent.Message), "ann", Later, Rules));
        var again = accepted.After(Replying.Accepted(accepted.Prospect, Given.Messages(accepted.Message), "ann", Later, Rules));
        var answered = Hear(again, Later.AddHours(1), "a new chat");
        var twice = Hear(answered, Later.AddHours(2), "a new chat");

        Assert.Equal([EventKind.Sent, EventKind.InvitationAccepted, EventKind.Replied], twice.Message.Events.Where(happened => happened.Counts).Select(happened => happened.Kind));
        Assert.Equal(["m-1"], Replying.Touches(again.Prospect, "ann"));
        Assert.Empty(Replying.Touches(answered.Prospect, "ann"));
    }

    [Fact]
    public void An_answer_to_what_was_written_after_the_accept_is_not_one_to_the_note()
    {
        var sent = Sent(Free(channel: Channel.ConnectionRequest));
        var accepted = sent.After(Replying.Accepted(sent.Prospect, Given.Messages(sent.Message), "ann", Noon.AddMinutes(5), Rules));
        var next = SendAlso(accepted.Prospect, "m-2", Free(), Noon.AddMinutes(10));
        var change = Replying.Decide(next.Prospect, Given.Messages(accepted.Message, next.Message), new("ann", "chat-1", Later, Later), Rules);

        Assert.Equal(["m-2"], Counted(change.Messages, EventKind.Replied));
    }

    [Fact]
    public void Whoever_answers_before_it_is_noticed_that_they_accepted_began_it_with_the_request()
    {
        var answered = Hear(Sent(Free(channel: Channel.ConnectionRequest)), Later, "a new chat");
        var accepted = answered.After(Replying.Accepted(answered.Prospect, Given.Messages(answered.Message), "ann", Later, Rules));
        var again = Hear(accepted, Later.AddHours(1), "a new chat");

        Assert.Equal([EventKind.Sent, EventKind.Replied, EventKind.InvitationAccepted], again.Message.Events.Where(happened => happened.Counts).Select(happened => happened.Kind));
    }

    [Fact]
    public void What_a_version_sent_that_counted_nothing_is_not_counted_when_it_is_answered()
    {
        var sent = Sent();
        var old = sent with { Message = sent.Message with { Attempts = [sent.Attempt with { IsCounted = false }] } };
        var at = Hear(old, Later);
        at = at.After(Settling.Settled(at.Prospect, at.Message, 1, Later)!);
        at = at.After(Settling.Refunded(at.Prospect, at.Message, cameBack: true, Later)!);

        Assert.DoesNotContain(at.Message.Events.Skip(sent.Message.Events.Count), happened => happened.Counts);
    }

    [Fact]
    public void Replies_to_what_was_sent_before_them_count_once_in_any_order_F54()
    {
        var replies = Gen.Choose(0, 20).Zip(Gen.Elements("chat-1", "chat-2", "")).ListOf();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(replies.ToArbitrary(), heard =>
        {
            var two = SentTwice(Inmail());
            var (prospect, messages) = (two.Prospect, Given.Messages(two.First, two.Second));
            foreach (var (minute, chat) in heard)
            {
                var change = Replying.Decide(prospect, messages, new("ann", chat, Later.AddMinutes(minute), Later.AddHours(1)), Rules);
                prospect = change.Prospect;
                foreach (var message in change.Messages)
                    messages[message.Id] = message;
            }

            var counted = messages.Values.SelectMany(message => message.Events).Count(happened => happened is { Kind: EventKind.Replied, Counts: true });
            return counted == (heard.Any(reply => reply.Item2 == "chat-1") ? 1 : 0);
        }));
    }

    private static Case Hear(Case at, DateTimeOffset time, string chat = "chat-1") =>
        at.After(Replying.Decide(at.Prospect, Given.Messages(at.Message), new("ann", chat, time, time), Rules));

    private static IEnumerable<string> Counted(IEnumerable<Message> messages, EventKind kind) =>
        messages.Where(message => message.Events.Any(happened => happened.Kind == kind && happened.Counts)).Select(message => message.Id);

    private static (Prospect Prospect, Message First, Message Second) SentTwice(Candidate candidate)
    {
        var first = Sent(candidate);
        var second = SendAlso(first.Prospect, "m-2", candidate, Noon.AddMinutes(10));
        return (second.Prospect, first.Message, second.Message);
    }

    private static Case SendAlso(Prospect prospect, string id, Candidate candidate, DateTimeOffset now)
    {
        var at = Accepted(prospect with { LastSendTime = null, Senders = prospect.Senders.SetItem("ann", prospect.ViewOf("ann") with { LastInmailAnswered = true }) }, id, now);
        at = at.After(((OpenAnswer.Opened)Opening.Decide(at.Prospect, at.Message, new(candidate, now, now), Rules)).Change);
        at = at.After(((IntendAnswer.Intended)Intending.Decide(at.Prospect, at.Message, new(1, now, now), Rules)).Change);
        return at.After(((ConcludeAnswer.Concluded)Concluding.Decide(at.Prospect, at.Message, new(1, new SendOutcome.Sent("pm-" + id, "chat-1"), false, now), Rules)).Change);
    }
}
