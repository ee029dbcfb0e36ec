using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;

namespace Dispatcher.Tests.Accounts;

/// <summary>F50.</summary>
public sealed class GuardingTheResponseRate
{
    private static readonly DateTimeOffset Now = Given.Noon;
    private static readonly int Today = (int)(Now.UtcDateTime.Date - DateTime.UnixEpoch).TotalDays;

    [Theory]
    [InlineData(99, 0, true)]
    [InlineData(100, 12, false)]
    [InlineData(100, 13, true)]
    [InlineData(200, 25, false)]
    [InlineData(200, 26, true)]
    public void F50_Pauses_paid_InMails_when_too_few_are_answered(int sent, int answered, bool passes)
    {
        var account = With(new ResponseGuard(100, 14, 13), (0, CappedAction.Inmail, sent, answered));
        Assert.Equal(passes, account.Decide(Given.Ask(Channel.Inmail)).Answer is PermitAnswer.Granted);
        Assert.All(new[] { Channel.OpenProfileInmail, Channel.DirectMessage, Channel.ConnectionRequest }, channel => Assert.IsType<PermitAnswer.Granted>(account.Decide(Given.Ask(channel)).Answer));
        if (!passes)
            Assert.Equal((Reason.LowResponseRate, GateEffect.NextCandidate), account.Decide(Given.Ask(Channel.Inmail)).Refused() is var refused ? (refused.Reason, refused.Effect) : default);
    }

    [Fact]
    public void F50_Is_off_unless_set() =>
        Assert.IsType<PermitAnswer.Granted>(With(null, (0, CappedAction.Inmail, 1_000, 0)).Decide(Given.Ask(Channel.Inmail)).Answer);

    /// <summary>LinkedIn counts free InMails too (LinkedIn Help a1451572); messages and invitations are another matter.</summary>
    [Fact]
    public void F50_Counts_free_InMails_and_nothing_else()
    {
        var guard = new ResponseGuard(100, 14, 13);
        Assert.Equal((90, 9), guard.Count(With(guard, (0, CappedAction.Inmail, 40, 4), (3, CappedAction.OpenProfileInmail, 50, 5), (0, CappedAction.Message, 70, 7), (0, CappedAction.Invitation, 80, 8)), Now));
    }

    [Theory]
    [InlineData(13, true)]
    [InlineData(14, false)]
    public void F50_Counts_the_days_of_its_window(int daysAgo, bool counts)
    {
        var guard = new ResponseGuard(100, 14, 13);
        Assert.Equal(counts ? 100 : 0, guard.Count(With(guard, (daysAgo, CappedAction.Inmail, 100, 0)), Now).Sent);
    }

    /// <summary>Without a single answer: 60 InMails nine days ago and 60 today. The older ones leave the window in five days.</summary>
    [Fact]
    public void F50_Recovers_when_sends_are_too_old_to_count_and_says_when()
    {
        var account = With(new ResponseGuard(100, 14, 13), (9, CappedAction.Inmail, 60, 0), (0, CappedAction.Inmail, 60, 0));
        var until = account.Decide(Given.Ask(Channel.Inmail)).Refused().WaitUntil!.Value;
        Assert.Equal(new DateTimeOffset(2026, 5, 17, 0, 0, 0, TimeSpan.Zero), until);
        Assert.Equal(Reason.LowResponseRate, account.Decide(Given.Ask(Channel.Inmail, until.AddMilliseconds(-1))).Refused().Reason);
        Assert.IsType<PermitAnswer.Granted>(account.Decide(Given.Ask(Channel.Inmail, until)).Answer);
    }

    [Fact]
    public void F50_Recovers_when_people_answer()
    {
        var account = With(new ResponseGuard(100, 14, 13), (5, CappedAction.Inmail, 100, 12));
        Assert.NotNull(account.Settings.Safety.ResponseGuard!.PausedUntil(account, Now));
        Assert.Null(account.Settings.Safety.ResponseGuard!.PausedUntil(Tallies.Answered(account, CappedAction.Inmail, Now.AddDays(-5)), Now));
    }

    [Fact]
    public void F50_Counts_a_send_once_it_is_known_and_an_answer_on_the_day_of_its_send()
    {
        var account = Given.Account().Send(Channel.Inmail, Now, "m1").Send(Channel.Inmail, Now.AddDays(1), "m2").Send(Channel.Inmail, Now.AddDays(1), "m3", SendResult.NotSent);
        var unknown = account.Decide(Given.Ask(Channel.Inmail, Now.AddDays(1), "m4"));
        account = Permits.Settle(unknown.Account, unknown.Granted(), SendResult.Unknown, null, Now.AddDays(1)).Account;
        account = Tallies.Answered(account, CappedAction.Inmail, Now);
        Assert.Equal([new DayTally(Today, CappedAction.Inmail, 1, 1), new DayTally(Today + 1, CappedAction.Inmail, 1, 0)], account.Tallies.AsEnumerable());
    }

    [Fact]
    public void F50_Keeps_sixty_days()
    {
        var account = Given.Account();
        for (var day = 0; day < 100; day++)
            account = Tallies.Sent(account, CappedAction.Inmail, Now.AddDays(day));
        account = Tallies.Answered(account, CappedAction.Inmail, Now);
        Assert.Equal((60, Today + 40, 0), (account.Tallies.Length, account.Tallies[0].Day, account.Tallies.Sum(tally => tally.Answered)));
    }

    /// <summary>F50, F84: an InMail that somebody wrote by hand is one of those that were to be answered.</summary>
    [Fact]
    public void Counts_what_was_written_by_hand()
    {
        var account = With(new ResponseGuard(100, 14, 13), (0, CappedAction.Inmail, 99, 12));
        Assert.Null(account.Settings.Safety.ResponseGuard!.PausedUntil(account, Now));
        var seen = Permits.Observe(account, "hand_1", CappedAction.Inmail, Now, Now)!;
        Assert.NotNull(seen.Settings.Safety.ResponseGuard!.PausedUntil(seen, Now));
    }

    private static Account With(ResponseGuard? guard, params (int DaysAgo, CappedAction Action, int Sent, int Answered)[] tallies)
    {
        var account = Given.Account();
        return account with
        {
            Settings = account.Settings with { Safety = new SafetySettings { ResponseGuard = guard } },
            Tallies = [.. tallies.Select(tally => new DayTally(Today - tally.DaysAgo, tally.Action, tally.Sent, tally.Answered)).OrderBy(tally => tally.Day)],
        };
    }
}
