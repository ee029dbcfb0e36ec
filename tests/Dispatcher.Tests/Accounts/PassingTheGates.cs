using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;

namespace Dispatcher.Tests.Accounts;

public sealed class PassingTheGates
{
    private static readonly DateTimeOffset Now = Given.Noon;

    /// <summary>Every obstacle, in the order in which the gates look.</summary>
    private static readonly (Reason Reason, Func<Account, Account> Put)[] Obstacles =
    [
        (Reason.AccountDisconnected, account => account with { Condition = AccountState.Disconnected }),
        (Reason.AccountUnsafe, account => account with { Signs = [new Sign(SafetySign.Restricted, Now.AddHours(-1))], Settings = account.Settings with { Safety = account.Settings.Safety with { PauseBelow = 50 } } }),
        (Reason.InboxNotRead, account => account with { Inbox = new Inbox { MessagesUntil = Now, RelationsUntil = Now, InvitationsUntil = Now, NextRelations = Now, NextLook = Now.AddMinutes(5), ReadTime = Now.AddHours(-1) } }),
        (Reason.AccountInmailCreditsExhausted, account => account.With(Given.Open(Now.AddHours(-1)))),
        (Reason.LowResponseRate, account => account with { Tallies = [new DayTally(Caps.DayOf(Now), CappedAction.Inmail, 100, 12)], Settings = account.Settings with { Safety = account.Settings.Safety with { ResponseGuard = new ResponseGuard(100, 14, 13) } } }),
        (Reason.OutsideSendingWindow, account => account with { Settings = account.Settings with { Window = new SendingWindow("", [], 13 * 60, 14 * 60) } }),
        (Reason.ProviderRateLimited, account => Signals.Apply(account, CappedAction.Inmail, new AccountSignal.RateLimited(null), Now)),
        (Reason.Spacing, account => account with { LastSend = Now.AddSeconds(-1), Settings = account.Settings with { Spacing = TimeSpan.FromSeconds(10) } }),
        (Reason.DailyCap, account => account with { Charges = account.Charges.Charge(CappedAction.Inmail, Now.AddHours(-2)), Settings = account.Settings with { Caps = [new(CappedAction.Inmail, CapWindow.Day, 1)] } }),
        (Reason.WriteInProgress, account => account with { Lease = new WriteLease("other", 1, Now.AddSeconds(30)) }),
    ];

    public static TheoryData<int> Places => [.. Enumerable.Range(0, Obstacles.Length)];

    [Theory]
    [MemberData(nameof(Places))]
    public void Names_the_first_gate_of_those_that_refuse(int first)
    {
        var account = Obstacles[first..].Aggregate(Given.Account(), (current, obstacle) => obstacle.Put(current));
        Assert.Equal(Obstacles[first].Reason, account.Decide(Given.Ask(Channel.Inmail) with { InboxReadSince = Now.AddMinutes(-15) }).Refused().Reason);
    }

    [Fact]
    public void Orders_the_table_as_the_gates_look()
    {
        var table = Gates.Table.Select(row => row.Reason).ToList();
        Assert.Equal(Obstacles.Select(obstacle => obstacle.Reason), table.Where(reason => Obstacles.Any(obstacle => obstacle.Reason == reason)));
        Assert.Equal(table.Count, table.Distinct().Count());
    }

    [Theory]
    [InlineData(Reason.AccountRestricted, GateEffect.NextCandidate)]
    [InlineData(Reason.AccountInmailCreditsExhausted, GateEffect.NextCandidate)]
    [InlineData(Reason.AccountUnsafe, GateEffect.NextCandidate)]
    [InlineData(Reason.InboxNotRead, GateEffect.Wait)]
    [InlineData(Reason.PendingInvitations, GateEffect.NextCandidate)]
    [InlineData(Reason.LowResponseRate, GateEffect.NextCandidate)]
    [InlineData(Reason.OutsideSendingWindow, GateEffect.Wait)]
    [InlineData(Reason.ProviderRateLimited, GateEffect.Wait)]
    [InlineData(Reason.ProviderLimit, GateEffect.NextCandidate)]
    [InlineData(Reason.Spacing, GateEffect.Wait)]
    [InlineData(Reason.DailyCap, GateEffect.Wait)]
    [InlineData(Reason.WeeklyCap, GateEffect.NextCandidate)]
    [InlineData(Reason.OpenProfileAllowanceUsed, GateEffect.NextCandidate)]
    [InlineData(Reason.WriteInProgress, GateEffect.Wait)]
    public void Has_one_effect_per_reason(Reason reason, GateEffect effect) => Assert.Equal(effect, Gates.EffectOf(reason));

    /// <summary>F50, F78: what stays shut for hours is known before an attempt is opened: a message that waits for it for weeks must not use its attempts up.</summary>
    [Fact]
    public void Says_what_stays_shut_for_hours_before_an_attempt_is_opened()
    {
        foreach (var (reason, put) in Obstacles)
        {
            var shut = Gates.Shut(put(Given.Account()), Channel.Inmail, 0.5, Now);
            if (reason is Reason.AccountUnsafe or Reason.LowResponseRate)
                Assert.Equal((reason, Gates.EffectOf(reason), true), (shut?.Reason, shut?.Effect, shut?.WaitUntil > Now));
            else
                Assert.Null(shut);
        }

        var guarded = Obstacles.Single(obstacle => obstacle.Reason == Reason.LowResponseRate).Put(Given.Account());
        Assert.Null(Gates.Shut(guarded, Channel.DirectMessage, 0.5, Now));
    }

    /// <summary>F56: a webhook may be lost. Whoever has not answered yet is written to again only when it is known that they have not.</summary>
    [Theory]
    [InlineData("first message", null, 60, 0, true)]
    [InlineData("read lately", 15, 14, 0, true)]
    [InlineData("read too long ago", 15, 16, 0, false)]
    [InlineData("never read", 15, null, 0, false)]
    [InlineData("never read, and nobody reads it", 15, null, null, true)]
    public void Lets_a_follow_up_pass_once_the_inbox_was_read(string what, int? within, int? readAgo, int? nextLook, bool passes)
    {
        _ = what;
        var inbox = new Inbox
        {
            MessagesUntil = Now.AddDays(-1),
            RelationsUntil = Now,
            InvitationsUntil = Now,
            NextRelations = Now.AddDays(1),
            NextLook = nextLook is null ? null : Now.AddMinutes(5),
            ReadTime = readAgo is { } minutes ? Now.AddMinutes(-minutes) : null,
        };
        var ask = Given.Ask(Channel.DirectMessage) with { InboxReadSince = within is { } limit ? Now.AddMinutes(-limit) : null };
        var decision = (Given.Account() with { Inbox = inbox }).Decide(ask);
        if (passes)
        {
            decision.Granted();
            return;
        }

        var refused = decision.Refused();
        Assert.Equal((Reason.InboxNotRead, GateEffect.Wait, Now + Inboxes.LookTakes, Now), (refused.Reason, refused.Effect, refused.WaitUntil, decision.Account.Inbox!.NextLook));
        // While the provider does not answer it is not asked more often, and the message waits as long.
        var failing = (Given.Account() with { Inbox = inbox with { Failures = 2 } }).Decide(ask);
        Assert.Equal((Now.AddMinutes(5) + Inboxes.LookTakes, Now.AddMinutes(5)), (failing.Refused().WaitUntil, failing.Account.Inbox!.NextLook));
    }

    /// <summary>An account may rule otherwise; the gate refuses all the same.</summary>
    [Theory]
    [InlineData(null, GateEffect.Wait)]
    [InlineData(GateEffect.NextCandidate, GateEffect.NextCandidate)]
    [InlineData(GateEffect.End, GateEffect.End)]
    public void F66_Leads_where_the_accounts_own_rule_says(GateEffect? ruled, GateEffect effect)
    {
        var account = Given.Account(default, new Cap(CappedAction.Message, CapWindow.Day, 1)).Send(Channel.DirectMessage, Now, "m0");
        account = account with { Settings = account.Settings with { Safety = new SafetySettings { GateRules = ruled is { } rule ? [new GateRule(Reason.DailyCap, rule)] : [] } } };
        var refused = account.Decide(Given.Ask(Channel.DirectMessage, Now.AddMinutes(1))).Refused();
        Assert.Equal((Reason.DailyCap, effect), (refused.Reason, refused.Effect));
    }

    /// <summary>F32, F33: the breaker stops what costs a credit and nothing else.</summary>
    [Theory]
    [InlineData(Channel.Inmail, false)]
    [InlineData(Channel.OpenProfileInmail, true)]
    [InlineData(Channel.DirectMessage, true)]
    [InlineData(Channel.RepliedThread, true)]
    [InlineData(Channel.ConnectionRequest, true)]
    public void Lets_free_sends_pass_an_open_breaker(Channel channel, bool passes)
    {
        var decision = Given.Account().With(Given.Open(Now.AddHours(-1))).Decide(Given.Ask(channel));
        Assert.Equal(passes, decision.Answer is PermitAnswer.Granted);
    }

    /// <summary>F82: a skip changes no counter but its own.</summary>
    [Fact]
    public void Charges_nothing_when_it_refuses()
    {
        var before = Given.Account().With(Given.Open(Now.AddHours(-1)));
        var after = before.Decide(Given.Ask(Channel.Inmail)).Account;
        Assert.Empty(after.Charges.All);
        Assert.Null(after.Lease);
        Assert.Null(after.LastSend);
        Assert.Equal(1, after.BreakerOf(Product.SalesNavigator).Skipped);
    }

    /// <summary>F41.</summary>
    [Fact]
    public void Lets_one_write_at_a_time_through()
    {
        var first = Given.Account().Decide(Given.Ask(Channel.DirectMessage));
        Assert.Equal(Reason.WriteInProgress, first.Account.Decide(Given.Ask(Channel.DirectMessage, Now.AddSeconds(1), "m2")).Refused().Reason);
        var settled = Permits.Settle(first.Account, first.Granted(), SendResult.Sent, Now, Now.AddSeconds(1)).Account;
        Assert.IsType<PermitAnswer.Granted>(settled.Decide(Given.Ask(Channel.DirectMessage, Now.AddSeconds(2), "m2")).Answer);
    }

    /// <summary>F41: a clock that is moved a month on does not end a write under way; only real time does.</summary>
    [Fact]
    public void Keeps_the_lease_on_real_time()
    {
        var first = Given.Account().Decide(Given.Ask(Channel.DirectMessage));
        var later = Given.Ask(Channel.DirectMessage, Now.AddDays(30), "m2", real: Now.AddSeconds(39));
        Assert.Equal(Reason.WriteInProgress, first.Account.Decide(later).Refused().Reason);
        Assert.IsType<PermitAnswer.Granted>(first.Account.Decide(later with { RealNow = Now.AddSeconds(40) }).Answer);
    }

    [Fact]
    public void Charges_an_attempt_once_however_often_it_asks()
    {
        var first = Given.Account().Decide(Given.Ask(Channel.Inmail));
        var again = first.Account.Decide(Given.Ask(Channel.Inmail, Now.AddSeconds(5)), first.Granted());
        // Its worker died; the lease ran out; another takes the same attempt up.
        var taken = again.Account.Decide(Given.Ask(Channel.Inmail, Now.AddMinutes(5)), first.Granted());
        Assert.Equal(first.Granted(), again.Granted());
        Assert.Equal(first.Granted() with { ChargeTime = Now.AddMinutes(5) }, taken.Granted());
        Assert.Equal(1, taken.Account.Charges.Of(CappedAction.Inmail).Count(CapWindow.Day, Now.AddMinutes(5)));
        Assert.Equal(1, Assert.Single(taken.Account.OpenCredits).Count);
    }

    [Fact]
    public void Gives_a_charge_back_only_when_known_not_sent_and_once()
    {
        var permit = Given.Account().Decide(Given.Ask(Channel.ConnectionRequest));
        int Used(Account account) => account.Charges.Of(CappedAction.Invitation).Count(CapWindow.Week, Now);
        var unknown = Permits.Settle(permit.Account, permit.Granted(), SendResult.Unknown, null, Now);
        Assert.Equal((1, false), (Used(unknown.Account), unknown.Closed));
        Assert.Null(unknown.Account.Lease);
        var notSent = Permits.Settle(unknown.Account, permit.Granted(), SendResult.NotSent, null, Now);
        Assert.Equal((0, true), (Used(notSent.Account), notSent.Closed));
        Assert.Equal(notSent.Account, Permits.Settle(notSent.Account, null, SendResult.NotSent, null, Now).Account);
        Assert.Equal(1, Used(Permits.Settle(permit.Account, permit.Granted(), SendResult.Sent, Now, Now).Account));
    }

    [Fact]
    public void Turns_a_late_duplicate_of_a_settled_attempt_away()
    {
        var account = Given.Account().Send(Channel.DirectMessage, Now, "m1");
        Assert.IsType<PermitAnswer.AlreadySettled>(account.Decide(Given.Ask(Channel.DirectMessage, Now.AddMinutes(1))).Answer);
        Assert.IsType<PermitAnswer.Granted>(account.Decide(Given.Ask(Channel.DirectMessage, Now.AddMinutes(1), attempt: 2)).Answer);
    }

    /// <summary>F48: what the provider says goes before a pause, and both must be lifted.</summary>
    [Fact]
    public void Resumes_when_it_is_connected_again()
    {
        var account = Signals.Become(Given.Account(), AccountState.Disconnected, Now) with { Paused = true };
        Assert.Equal(Reason.AccountDisconnected, account.Decide(Given.Ask(Channel.DirectMessage)).Refused().Reason);
        account = Signals.Become(account, AccountState.Ok, Now);
        Assert.Equal(Reason.AccountPaused, account.Decide(Given.Ask(Channel.DirectMessage)).Refused().Reason);
        Assert.IsType<PermitAnswer.Granted>((account with { Paused = false }).Decide(Given.Ask(Channel.DirectMessage)).Answer);
    }

    [Fact]
    public void Does_not_take_a_lost_session_for_the_end_of_a_restriction()
    {
        var account = Signals.Become(Given.Account(), AccountState.Restricted, Now);
        Assert.Equal(AccountState.Restricted, Signals.Become(account, AccountState.Disconnected, Now).State);
        Assert.Equal(AccountState.Ok, Signals.Become(account, AccountState.Ok, Now).State);
    }

    /// <summary>F47.</summary>
    [Theory]
    [InlineData(429, Channel.DirectMessage, Reason.ProviderRateLimited, 15 * 60)]
    [InlineData(-1, Channel.ConnectionRequest, Reason.ProviderLimit, 24 * 60 * 60)]
    [InlineData(95, Channel.ConnectionRequest, Reason.ProviderLimit, 24 * 60 * 60)]
    [InlineData(90, Channel.ConnectionRequest, Reason.ProviderLimit, 4 * 60 * 60)]
    [InlineData(75, Channel.ConnectionRequest, null, 0)]
    public void Slows_down_on_the_providers_signals(int signal, Channel channel, Reason? reason, int seconds)
    {
        AccountSignal told = signal switch { 429 => new AccountSignal.RateLimited(null), -1 => new AccountSignal.LimitReached(), _ => new AccountSignal.Usage(signal) };
        var account = Signals.Apply(Given.Account(), CappedAction.Invitation, told, Now);
        var decision = account.Decide(Given.Ask(channel));
        if (reason is null)
            Assert.IsType<PermitAnswer.Granted>(decision.Answer);
        else
            Assert.Equal((reason, (DateTimeOffset?)Now.AddSeconds(seconds)), (decision.Refused().Reason, decision.Refused().WaitUntil));
        if (signal != 429)
            Assert.IsType<PermitAnswer.Granted>(account.Decide(Given.Ask(Channel.DirectMessage)).Answer);
    }

    [Fact]
    public void Keeps_the_longer_of_two_slow_downs()
    {
        var account = Signals.Apply(Given.Account(), CappedAction.Message, new AccountSignal.RateLimited(TimeSpan.FromHours(2)), Now);
        account = Signals.Apply(account, CappedAction.Message, new AccountSignal.RateLimited(TimeSpan.FromMinutes(1)), Now);
        Assert.Equal(Now.AddHours(2), account.Decide(Given.Ask(Channel.DirectMessage)).Refused().WaitUntil);
    }
}
