using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using static Dispatcher.Tests.Messages.Given;

namespace Dispatcher.Tests.Messages;

/// <summary>F84: an InMail that somebody wrote by hand is booked once, counts as ours would, and a reply brings its credit back once; one of ours is never taken for it.</summary>
public sealed class SeeingSendsByHand
{
    private static readonly DateTimeOffset Later = Noon.AddHours(1);

    [Fact]
    public void Books_an_InMail_claims_the_prospect_and_counts_for_the_second_InMail_rule()
    {
        var seen = ByHand(Prospect.Unknown, Seen());

        Assert.Equal(new ObservedSend { Id = "hand_1", AccountId = "ann", Channel = Channel.Inmail, PoolId = "pool", Time = Noon }, Assert.Single(seen.Observed));
        Assert.Equal("ann", seen.ClaimedBy(Later));
        Assert.Equal((Noon, false), (seen.ViewOf("ann").LastInmailTime, seen.ViewOf("ann").LastInmailAnswered));
        var at = Accepted(seen, now: Noon.AddDays(3));
        Assert.Equal(Reason.SecondInmail, Assert.IsType<OpenAnswer.Refused>(Opening.Decide(at.Prospect, at.Message, new(Inmail(), Noon.AddDays(3), Noon.AddDays(3)), Rules)).Reason);
        Assert.Equal(Noon, Observing.Due(seen, Rules, Noon));
    }

    /// <summary>Whether it was booked, answered, or heard of in this order or another.</summary>
    [Theory]
    [InlineData("seen booked answered told")]
    [InlineData("seen answered booked told")]
    [InlineData("answered seen booked told")]
    [InlineData("seen answered answered booked told")]
    [InlineData("seen booked answered told answered told")]
    public void Owes_one_refund_in_any_order_F52(string order)
    {
        var (prospect, refunds, bookings) = (Prospect.Unknown, 0, 0);
        foreach (var step in order.Split(' '))
        {
            switch (step)
            {
                case "seen":
                    prospect = ByHand(prospect, Seen());
                    break;
                case "answered":
                    prospect = Replying.Decide(prospect, Given.Messages(), new("ann", "chat-1", Later, Later), Rules).Prospect;
                    break;
                default:
                    foreach (var owed in prospect.Observed)
                    {
                        bookings += owed.Booked ? 0 : 1;
                        refunds += owed.ReplyTime is null ? 0 : 1;
                        prospect = Observing.Told(prospect, owed)!.Prospect;
                    }

                    break;
            }
        }

        Assert.Equal((1, 1, 0), (bookings, refunds, prospect.Observed.Count));
        Assert.True(prospect.ViewOf("ann").LastInmailAnswered);
        Assert.Null(Observing.Due(prospect, Rules, Later));
    }

    [Fact]
    public void Tells_a_reply_that_came_while_it_was_being_booked()
    {
        var seen = ByHand(Prospect.Unknown, Seen());
        var underWay = Assert.Single(seen.Observed);
        var answered = Replying.Decide(seen, Given.Messages(), new("ann", "chat-1", Later, Later), Rules).Prospect;

        var told = Observing.Told(answered, underWay)!.Prospect;

        Assert.Equal((true, Later), (Assert.Single(told.Observed).Booked, told.Observed[0].ReplyTime));
    }

    [Theory]
    [InlineData("another thread", "chat-2", Channel.Inmail, "pool")]
    [InlineData("no pool of ours", "chat-1", Channel.Inmail, "")]
    [InlineData("an open profile", "chat-1", Channel.OpenProfileInmail, "")]
    [InlineData("a message", "chat-1", Channel.DirectMessage, "")]
    public void Owes_no_refund_for(string what, string chat, Channel channel, string pool)
    {
        _ = what;
        var seen = ByHand(Prospect.Unknown, Seen(channel, pool));
        var answered = Replying.Decide(seen, Given.Messages(), new("ann", chat, Later, Later), Rules).Prospect;

        Assert.Null(Assert.Single(answered.Observed).ReplyTime);
    }

    /// <summary>LinkedIn Help 75: one reply brings one credit back, that of the latest InMail, whoever wrote it and whenever it was seen.</summary>
    [Fact]
    public void Refunds_the_latest_of_an_InMail_of_ours_and_an_older_one_by_hand()
    {
        var ours = Sent();
        var both = ByHand(ours.Prospect, Seen() with { Time = Noon.AddDays(-5) });

        var heard = Replying.Decide(both, Given.Messages(ours.Message), new("ann", "chat-1", Later, Later), Rules);

        Assert.NotNull(Assert.Single(heard.Messages).Refund);
        Assert.Null(Assert.Single(heard.Prospect.Observed).ReplyTime);
    }

    [Fact]
    public void Does_not_decide_while_a_send_of_ours_is_under_way()
    {
        foreach (var at in new[] { Opened(), Intended(), InDoubt() })
            Assert.IsType<ObserveAnswer.Undecided>(Observing.Decide(at.Prospect, Seen(), Rules));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(5, true)]
    [InlineData(-5, true)]
    [InlineData(6, false)]
    public void Knows_a_send_of_ours_whose_id_nobody_told_by_its_time(int minutesApart, bool ours)
    {
        var sent = Concluded(new SendOutcome.Sent("", "chat-1"));
        var seen = Seen() with { Time = Noon.AddMinutes(minutesApart), Now = Later };

        var answer = Observing.Decide(sent.Prospect, seen, Rules);

        Assert.Equal(ours, answer is ObserveAnswer.Ours);
        // It stands for one message, not for the next as well.
        if (answer is ObserveAnswer.Ours { Change: var change })
            Assert.IsType<ObserveAnswer.ByHand>(Observing.Decide(change.Prospect, seen, Rules));
    }

    [Theory]
    [InlineData("by time", 4, "ann", Channel.DirectMessage, true)]
    [InlineData("too far apart", 6, "ann", Channel.DirectMessage, false)]
    [InlineData("another sender's", 0, "bob", Channel.DirectMessage, false)]
    [InlineData("an invitation has no words", 0, "ann", Channel.ConnectionRequest, false)]
    public void Holds_a_message_against_the_words_of_ours_sent_at_the_same_time(string what, int minutesApart, string account, Channel channel, bool alike)
    {
        _ = what;
        Assert.Equal(alike, Observing.Alike(Sent(Free(channel: channel)).Prospect, account, Noon.AddMinutes(minutesApart)).Any());
    }

    [Theory]
    [InlineData(20, true)]
    [InlineData(-20, true)]
    [InlineData(30, false)]
    public void Knows_an_invitation_of_ours_by_the_day(int hoursApart, bool ours)
    {
        var seen = Seen(Channel.ConnectionRequest, "") with { ChatId = "", Time = Noon.AddHours(hoursApart), Now = Noon.AddDays(2) };
        Assert.Equal(ours, Observing.Decide(Sent(Free(channel: Channel.ConnectionRequest)).Prospect, seen, Rules) is ObserveAnswer.Ours);
    }

    /// <summary>The note of an invitation is shown as a message of its own time once it is accepted: it was taken for a message written by hand.</summary>
    [Theory]
    [InlineData(0, Channel.DirectMessage, true)]
    [InlineData(-5, Channel.DirectMessage, true)]
    [InlineData(6, Channel.DirectMessage, false)]
    [InlineData(0, Channel.Inmail, false)]
    public void Takes_no_note_of_an_invitation_for_a_message_by_hand(int minutesApart, Channel channel, bool isNote)
    {
        var invited = Sent(Free(channel: Channel.ConnectionRequest));
        var accepted = Replying.Accepted(invited.Prospect, Given.Messages(invited.Message), "ann", Later, Rules).Prospect;

        var answer = Observing.Decide(accepted, Seen(channel, "") with { Time = Noon.AddMinutes(minutesApart), Now = Later }, Rules);

        Assert.Equal(isNote, answer is ObserveAnswer.Ours);
    }

    /// <summary>A provider's clock that was far ahead dated a send of tomorrow, which credits refuses to book: it was told again for good, and nothing behind it was told at all.</summary>
    [Fact]
    public void Dates_no_send_and_no_reply_later_than_they_were_seen()
    {
        var seen = ByHand(Prospect.Unknown, Seen() with { Time = Noon.AddYears(70) });

        Assert.Equal((Noon, Noon, Noon), (Assert.Single(seen.Observed).Time, seen.LastSendTime, seen.ViewOf("ann").LastInmailTime));
        Assert.Equal((Noon, Noon.AddSeconds(-1)), (Observing.Past(Noon.AddMinutes(6), Noon), Observing.Past(Noon.AddSeconds(-1), Noon)));
    }

    /// <summary>Of two sends whose ids nobody had told, the second was taken for the first, and the first for one by hand when its own name had come.</summary>
    [Fact]
    public void Takes_a_sight_for_the_send_that_is_nearest_to_it()
    {
        var two = Prospect.Unknown.ViewOf("ann") with { UnnamedSends = [Noon.AddMinutes(-3), Noon] };
        var prospect = Prospect.Unknown with { Senders = Prospect.Unknown.Senders.SetItem("ann", two) };

        var ours = Assert.IsType<ObserveAnswer.Ours>(Observing.Decide(prospect, Seen() with { Time = Noon.AddSeconds(5), Now = Later }, Rules));

        Assert.Equal(Noon.AddMinutes(-3), Assert.Single(ours.Change.Prospect.ViewOf("ann").UnnamedSends));
    }

    [Fact]
    public void Waits_for_no_name_once_the_provider_told_it()
    {
        var proved = Replying.Decide(InDoubt().Prospect, Given.Messages(InDoubt().Message), new("ann", "chat-1", Later, Later), Rules);
        Assert.NotEmpty(proved.Prospect.ViewOf("ann").UnnamedSends);

        var named = (ConcludeAnswer.Concluded)Concluding.Decide(proved.Prospect, proved.Messages[^1], new(1, new SendOutcome.Sent("pm-1", "chat-1"), false, Later), Rules);

        Assert.Empty(named.Change.Prospect.ViewOf("ann").UnnamedSends);
    }

    [Fact]
    public void Keeps_an_invitation_and_does_not_take_an_accepted_one_back()
    {
        var invited = ByHand(Prospect.Unknown, Seen(Channel.ConnectionRequest, "") with { ChatId = "" });
        Assert.Equal(InvitationState.Pending, invited.ViewOf("ann").Invitation!.State);

        var accepted = Replying.Accepted(Prospect.Unknown, Given.Messages(), "ann", Later, Rules).Prospect;
        Assert.Equal(InvitationState.Accepted, ByHand(accepted, Seen(Channel.ConnectionRequest, "") with { ChatId = "" }).ViewOf("ann").Invitation!.State);
    }

    [Fact]
    public void Is_told_again_later_each_time_while_nobody_answers()
    {
        var seen = ByHand(Prospect.Unknown, Seen());
        var waits = new List<TimeSpan>();
        for (var tries = 0; tries < 12; tries++)
        {
            waits.Add(Observing.Due(seen, Rules, Noon)!.Value - Noon);
            seen = Observing.Postpone(seen)!.Prospect;
        }

        Assert.Equal(waits.Order(), waits);
        Assert.Equal((TimeSpan.Zero, Rules.RetryEvery, TimeSpan.FromHours(1)), (waits[0], waits[1], waits[^1]));
        Assert.Null(Observing.Postpone(Prospect.Unknown));
    }

    private static Prospect ByHand(Prospect prospect, Observe seen) => Assert.IsType<ObserveAnswer.ByHand>(Observing.Decide(prospect, seen, Rules)).Change.Prospect;

    private static Observe Seen(Channel channel = Channel.Inmail, string pool = "pool") =>
        new() { Id = "hand_1", AccountId = "ann", ChatId = "chat-1", Channel = channel, PoolId = pool, Time = Noon, Now = Noon };
}
