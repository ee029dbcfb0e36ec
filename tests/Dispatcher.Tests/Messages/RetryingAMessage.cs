using Pennypost.Delivery;
using Pennypost.Delivery.Messages;
using static Dispatcher.Tests.Messages.Given;

namespace Dispatcher.Tests.Messages;

public sealed class RetryingAMessage
{
    private static readonly DateTimeOffset Later = Noon.AddHours(1);

    [Fact]
    public void Makes_it_ready_again_with_its_attempts_kept_and_their_numbers_going_on_F42()
    {
        var at = Refused();

        var again = at.After(Assert.IsType<RetryAnswer.Requeued>(Decide(at)).Change);

        Assert.Equal((MessageState.Ready, Reason.Unspecified, null), (again.Message.State, again.Message.Reason, again.Message.EndTime));
        Assert.Equal(EventKind.Retried, again.Kinds[^1]);
        Assert.Contains("m-1", again.Prospect.OpenMessages);
        Assert.True(Obligations.Due(again.Message, Rules)!.Time <= Later + Rules.Grace);
        var opened = (OpenAnswer.Opened)Opening.Decide(again.Prospect, again.Message, new(Free("ben"), Later, Later), Rules);
        Assert.Equal((2, "m-1_2"), (opened.Attempt.Number, (opened.Attempt with { Channel = Channel.Inmail }).HoldId("m-1")));
        Assert.Equal(AttemptState.NotSent, opened.Change.Messages[0].Attempts[0].State);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public void Keeps_closed_channels_closed_unless_it_reroutes_F42(bool reroute, int closed) =>
        Assert.Equal(closed, Change(Decide(Refused(), reroute: reroute))!.Messages[0].Closed.Count);

    [Fact]
    public void Again_finds_nothing_left_to_do_F42()
    {
        var ended = Refused();
        var requeued = ended.After(Change(Decide(ended))!);
        var waiting = Waiting();
        var woken = waiting.After(Assert.IsType<RetryAnswer.Woken>(Decide(waiting)).Change);

        Assert.IsType<RetryAnswer.NotMeant>(Decide(requeued));
        Assert.Equal((MessageState.Waiting, Reason.DailyCap, (DateTimeOffset?)Later), (woken.Message.State, woken.Message.Reason, woken.Message.WaitUntil));
        Assert.IsType<RetryAnswer.AlreadyDue>(Decide(woken));
    }

    [Theory]
    [InlineData("replied", Reason.ProspectReplied)]
    [InlineData("suppressed", Reason.ProspectSuppressed)]
    [InlineData("the same words went out", Reason.Duplicate)]
    [InlineData("outlived", Reason.Expired)]
    [InlineData("tried too often", Reason.AttemptsExhausted)]
    public void Leaves_what_would_only_end_again_F42(string given, Reason reason)
    {
        var at = Refused();
        at = given switch
        {
            "replied" => at with { Prospect = at.Prospect with { ReplyTime = Later } },
            "suppressed" => at with { Prospect = at.Prospect with { SuppressTime = Later } },
            "the same words went out" => at with { Prospect = at.Prospect with { SentHashes = [at.Message.TextHash] } },
            "outlived" => at with { Message = at.Message with { ExpireTime = Later } },
            _ => at with { Message = at.Message with { Attempts = [.. Enumerable.Repeat(at.Attempt, Rules.MaxAttempts)] } },
        };

        Assert.Equal(new RetryAnswer.Barred(reason), Decide(at));
    }

    [Fact]
    public void That_outlived_its_deadline_takes_a_later_one_and_never_a_shorter_F42()
    {
        var outlived = Ended(Reason.Expired) is var at ? at with { Message = at.Message with { ExpireTime = Noon } } : null!;

        Assert.Equal(Later.AddDays(1), Change(Decide(outlived, expire: Later.AddDays(1)))!.Messages[0].ExpireTime);
        Assert.Equal(Noon.AddDays(60), Change(Decide(Refused(), expire: Later.AddDays(1)))!.Messages[0].ExpireTime);
    }

    [Fact]
    public void Before_its_time_waits_for_its_time()
    {
        var early = Noon.AddDays(2);
        var ended = Refused() is var at ? at with { Message = at.Message with { NotBefore = early } } : null!;
        var waiting = Waiting() is var one ? one with { Message = one.Message with { NotBefore = early, WaitUntil = early.AddDays(1) } } : null!;

        Assert.Equal((MessageState.Waiting, (DateTimeOffset?)early), Change(Decide(ended))!.Messages[0] is var message ? (message.State, message.WaitUntil) : default);
        Assert.Equal(early, Change(Decide(waiting))!.Messages[0].WaitUntil);
        Assert.Equal(early, Ending.Wake(waiting.Prospect, waiting.Message, Noon)!.Messages[0].WaitUntil);
    }

    [Fact]
    public void Is_refused_when_the_prospect_has_as_many_under_way_as_may_be()
    {
        var at = Refused();
        var full = at with { Prospect = at.Prospect with { OpenMessages = [.. Enumerable.Range(0, Prospect.MaxOpenMessages).Select(n => $"o-{n}")] } };

        Assert.IsType<RetryAnswer.Full>(Decide(full));
    }

    /// <summary>Whatever its state says: a send that took effect, or may have, is never begun again.</summary>
    [Theory]
    [InlineData(AttemptState.Open)]
    [InlineData(AttemptState.Intended)]
    [InlineData(AttemptState.Indeterminate)]
    [InlineData(AttemptState.Sent)]
    public void Never_touches_a_message_that_may_have_been_sent_F39_F42(AttemptState state)
    {
        var at = Refused();
        var doubtful = at with { Message = at.Message with { Attempts = [at.Attempt with { State = state }] } };

        Assert.IsType<RetryAnswer.NotMeant>(Decide(doubtful));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("state", false)]
    [InlineData("reason", false)]
    [InlineData("the same reason", true)]
    [InlineData("campaign", false)]
    [InlineData("account", false)]
    [InlineData("the account that tried it", true)]
    [InlineData("an account that it names", true)]
    [InlineData("priority", false)]
    [InlineData("accepted since", true)]
    [InlineData("accepted later", false)]
    [InlineData("accepted before", false)]
    [InlineData("ended since", true)]
    [InlineData("ended later", false)]
    [InlineData("ended before", false)]
    [InlineData("due", false)]
    public void Is_meant_if_every_part_that_is_set_matches_F42(string part, bool meant)
    {
        var at = Refused() is var one ? one with { Message = one.Message with { AccountIds = ["cem"] } } : null!;
        var (second, ended) = (TimeSpan.FromSeconds(1), at.Message.EndTime!.Value);
        MessageFilter filter = part switch
        {
            "state" => new() { States = [MessageState.Skipped] },
            "reason" => new() { Reason = Reason.Expired },
            "the same reason" => new() { Reason = Reason.InvalidRecipient, States = [MessageState.Failed] },
            "campaign" => new() { CampaignId = "q1" },
            "account" => new() { AccountId = "dan" },
            "the account that tried it" => new() { AccountId = "ann" },
            "an account that it names" => new() { AccountId = "cem" },
            "priority" => new() { Priority = Priority.High },
            "accepted since" => new() { CreatedSince = Noon, CreatedBefore = Noon + second },
            "accepted later" => new() { CreatedSince = Noon + second },
            "accepted before" => new() { CreatedBefore = Noon },
            "ended since" => new() { EndedSince = ended, EndedBefore = ended + second },
            "ended later" => new() { EndedSince = ended + second },
            "ended before" => new() { EndedBefore = ended },
            "due" => new() { DueBefore = Noon.AddYears(1) },
            _ => new(),
        };

        Assert.Equal(meant, filter.Matches(at.Message, Rules));
        Assert.Equal(meant, Decide(at, filter) is RetryAnswer.Requeued);
    }

    /// <summary>Failed after a send that was refused and closed its channel; settled.</summary>
    private static Case Refused()
    {
        var at = Concluded(new SendOutcome.NotSent(Reason.InvalidRecipient, "invalid_recipient", ClosesChannel: true));
        at = at.After(Settling.Settled(at.Prospect, at.Message, 1, Noon)!);
        return at.After(Ending.End(at.Prospect, at.Message, Reason.InvalidRecipient, Noon.AddSeconds(2)));
    }

    private static RetryAnswer Decide(Case at, MessageFilter? filter = null, bool reroute = false, DateTimeOffset? expire = null) =>
        Retrying.Decide(at.Prospect, at.Message, new() { Filter = filter ?? new(), Reroute = reroute, ExpireTime = expire, Now = Later }, Rules);

    private static Change? Change(RetryAnswer answer) => answer switch
    {
        RetryAnswer.Requeued requeued => requeued.Change,
        RetryAnswer.Woken woken => woken.Change,
        _ => null,
    };
}
