using FsCheck;
using FsCheck.Fluent;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Accounts.Calls;
using Pennypost.Dispatcher.V1;
using Shown = Pennypost.Types.V1;

namespace Dispatcher.Tests.Accounts;

/// <summary>F78, F66.</summary>
public sealed class ScoringSafety
{
    private static readonly DateTimeOffset Now = Given.Noon;
    private static readonly int Today = (int)(Now.UtcDateTime.Date - DateTime.UnixEpoch).TotalDays;

    [Theory]
    [InlineData(SafetySign.RateLimited, 0, 90)]
    [InlineData(SafetySign.RateLimited, 36, 95)]
    [InlineData(SafetySign.RateLimited, 72, 100)]
    [InlineData(SafetySign.LimitReached, 0, 80)]
    [InlineData(SafetySign.LimitNear, 0, 90)]
    [InlineData(SafetySign.Restricted, 0, 40)]
    [InlineData(SafetySign.Restricted, 7 * 24, 70)]
    [InlineData(SafetySign.Restricted, 14 * 24, 100)]
    [InlineData(SafetySign.Disconnected, 0, 95)]
    public void F78_Takes_something_off_for_each_sign_and_forgets_it_day_by_day(SafetySign sign, int hoursAgo, int score) =>
        Assert.Equal(score, SafetyScore.Of(Given.Account() with { Signs = [new Sign(sign, Now.AddHours(-hoursAgo))] }, Now));

    [Fact]
    public void F78_Counts_one_kind_twice_at_most() =>
        Assert.Equal(80, SafetyScore.Of(Given.Account() with { Signs = [.. Enumerable.Repeat(new Sign(SafetySign.RateLimited, Now), 40)] }, Now));

    [Fact]
    public void F78_Remembers_what_the_provider_did()
    {
        AccountSignal[] signals = [new AccountSignal.RateLimited(null), new AccountSignal.LimitReached(), new AccountSignal.Usage(90), new AccountSignal.Usage(95), new AccountSignal.Disconnected(), new AccountSignal.Restricted()];
        var account = signals.Aggregate(Given.Account(), (current, signal) => Signals.Apply(current, CappedAction.Message, signal, Now));
        // Told again, the same condition is no news.
        account = Signals.Apply(account, CappedAction.Message, new AccountSignal.Restricted(), Now);
        Assert.Equal([SafetySign.RateLimited, SafetySign.LimitReached, SafetySign.LimitNear, SafetySign.Disconnected, SafetySign.Restricted], account.Signs.Select(sign => sign.Kind));
    }

    [Theory]
    [InlineData(5, 10, 21, 75)]
    [InlineData(5, 10, 20, 100)]
    [InlineData(4, 10, 100, 100)]
    [InlineData(5, 2, 19, 100)]
    public void F78_Notices_a_day_of_more_than_twice_the_usual_volume(int usualDays, int usual, int sent, int score)
    {
        var account = With([.. Enumerable.Range(1, usualDays).Select(day => (day, CappedAction.Message, usual, 0)), (0, CappedAction.Message, sent - 5, 0), (0, CappedAction.Invitation, 5, 0)]);
        Assert.Equal(score, SafetyScore.Of(account, Now));
        Assert.Equal(score, SafetyScore.Of(account, Now.AddDays(1)));
        Assert.Equal(100, SafetyScore.Of(account, Now.AddDays(2)));
    }

    [Theory]
    [InlineData(CappedAction.Invitation, 100, 40, 40, 8, 100)]
    [InlineData(CappedAction.Invitation, 100, 40, 40, 7, 80)]
    [InlineData(CappedAction.Message, 100, 40, 40, 7, 80)]
    [InlineData(CappedAction.Inmail, 100, 40, 40, 7, 80)]
    [InlineData(CappedAction.Invitation, 100, 40, 19, 0, 100)]
    [InlineData(CappedAction.Invitation, 19, 19, 40, 0, 100)]
    public void F78_Notices_that_less_than_half_as_many_answer_as_before(CappedAction action, int before, int answeredBefore, int now, int answeredNow, int score) =>
        Assert.Equal(score, SafetyScore.Of(With((20, action, before, answeredBefore), (5, action, now, answeredNow)), Now));

    /// <summary>What was sent yesterday had no time to be answered.</summary>
    [Fact]
    public void F78_Does_not_hold_young_sends_against_anybody() =>
        Assert.Equal(100, SafetyScore.Of(With((20, CappedAction.Invitation, 100, 40), (2, CappedAction.Invitation, 60, 0)), Now));

    [Fact]
    public void F78_Slows_and_pauses_below_the_thresholds_and_says_why()
    {
        var restricted = Restricted(hoursAgo: 0);
        Assert.Equal((SafetyLevel.Normal, "ok"), Look(restricted));
        Assert.Equal((SafetyLevel.Slow, "slowed down for its safety, score 40: restricted -60"), Look(restricted, slow: 60, pause: 30));
        Assert.Equal((SafetyLevel.Paused, "paused for its safety, score 40: restricted -60"), Look(restricted, slow: 60, pause: 41));
        Assert.Equal((SafetyLevel.Normal, "ok"), Look(restricted, slow: 40, pause: 40));

        static (SafetyLevel, string) Look(Account account, int slow = 0, int pause = 0)
        {
            account = SafetyScore.AsOf(account with { Settings = account.Settings with { Safety = new SafetySettings { SlowBelow = slow, PauseBelow = pause } } }, Now);
            return (account.SafetyLevel, account.StatusText(Now));
        }
    }

    [Fact]
    public void F78_Halves_caps_and_doubles_the_spacing_while_it_is_slow()
    {
        var account = Slow(Restricted(0), new Cap(CappedAction.Message, CapWindow.Day, 5));
        account = account with { Settings = account.Settings with { Spacing = TimeSpan.FromSeconds(10) } };
        account = account.Send(Channel.DirectMessage, Now, "m1");
        Assert.Equal(Reason.Spacing, account.Decide(Given.Ask(Channel.DirectMessage, Now.AddSeconds(19), "m2")).Refused().Reason);
        account = account.Send(Channel.DirectMessage, Now.AddSeconds(20), "m2").Send(Channel.DirectMessage, Now.AddSeconds(40), "m3");
        Assert.Equal(Reason.DailyCap, account.Decide(Given.Ask(Channel.DirectMessage, Now.AddSeconds(60), "m4")).Refused().Reason);
        // Ten days on the restriction weighs 60 * 4/14 at most: above the threshold, all is as it was set.
        Assert.Equal(5, Caps.Uses(SafetyScore.AsOf(account, Now.AddDays(10)), Now.AddDays(10)).Single(use => use is { Action: CappedAction.Message, Window: CapWindow.Day }).Limit);
    }

    [Fact]
    public void F78_Sends_nothing_while_it_is_paused_and_looks_only_at_what_is_in_doubt()
    {
        var account = Paused(Restricted(0));
        var refused = account.Decide(Given.Ask(Channel.DirectMessage)).Refused();
        Assert.Equal((Reason.AccountUnsafe, Now + SafetyScore.AskAgain, GateEffect.NextCandidate), (refused.Reason, refused.WaitUntil, refused.Effect));
        Assert.Null(Permits.TakeProfileLookup(account, Now, Permits.LookupsKept));
        Assert.NotNull(Permits.TakeProfileLookup(account, Now));
    }

    /// <summary>F66: an operator's word lets it go on slowly; no cap moves, and the next thing the provider does ends it.</summary>
    [Fact]
    public void F66_An_operator_lets_it_go_on_slowly_and_under_every_cap()
    {
        var account = SafetyScore.Override(Paused(Restricted(hoursAgo: 1), new Cap(CappedAction.Message, CapWindow.Day, 2)), "eve", Now);
        Assert.Equal("eve", SafetyScore.OverrideOf(account, Now)?.Actor);
        account = account.Send(Channel.DirectMessage, Now, "m1");
        Assert.Equal(Reason.DailyCap, account.Decide(Given.Ask(Channel.DirectMessage, Now.AddMinutes(1), "m2")).Refused().Reason);
        Assert.Equal(Reason.AccountUnsafe, account.Decide(Given.Ask(Channel.ConnectionRequest, Now + SafetyScore.OverrideLife, "m3")).Refused().Reason);
        var limited = Signals.Apply(account, CappedAction.Message, new AccountSignal.LimitReached(), Now.AddHours(1));
        Assert.Equal(Reason.AccountUnsafe, limited.Decide(Given.Ask(Channel.ConnectionRequest, Now.AddHours(2), "m3")).Refused().Reason);
    }

    private static readonly Arbitrary<(SafetySign Kind, int Hours)[]> AnySigns = Gen.ArrayOf(
        from kind in Gen.Choose(1, 5)
        from hours in Gen.Choose(0, 500)
        select ((SafetySign)kind, hours)).ToArbitrary();

    [Fact]
    public void F78_Stays_between_0_and_100_and_rises_while_nothing_happens() => Prop.ForAll(AnySigns, signs =>
    {
        var account = Given.Account() with { Signs = [.. signs.Select(sign => new Sign(sign.Kind, Now.AddHours(-sign.Hours)))] };
        var scores = Enumerable.Range(0, 20).Select(day => SafetyScore.Of(account, Now.AddDays(day))).ToList();
        return scores.TrueForAll(score => score is >= 0 and <= 100) && scores.SequenceEqual(scores.Order()) && scores[^1] == 100
            && SafetyScore.Of(Signals.Apply(account, CappedAction.Message, new AccountSignal.LimitReached(), Now), Now) <= scores[0];
    }).QuickCheckThrowOnFailure();

    /// <summary>F66, F78: kept, shown, and lifted by name only.</summary>
    [Fact]
    public async Task F66_Lifts_a_pause_by_the_score_on_an_operators_word_and_keeps_it()
    {
        await using var accounts = await (await RunningAccounts.StartAsync()).WithAnnAsync();
        var ann = RunningAccounts.Ann();
        ann.Safety = new Shown.AccountSafety { SlowBelow = 60, PauseBelow = 50 };
        await accounts.Get<PutAccount>().HandleAsync(RunningAccounts.Caller, new PutAccountRequest { Account = ann }, default);
        await accounts.Accounts.SeenAsync(RunningAccounts.Tenant, "ann", AccountState.Restricted, "", AccountStateCause.Webhook, default);
        await accounts.Accounts.SeenAsync(RunningAccounts.Tenant, "ann", AccountState.Ok, "", AccountStateCause.Webhook, default);
        var shown = await accounts.AccountAsync();
        Assert.Equal((Shown.AccountState.Ok, Shown.Reason.AccountUnsafe, Shown.SafetyLevel.Paused, 40), (shown.State, shown.Reason, shown.SafetyState.Level, shown.SafetyState.Score));
        Assert.Equal((Shown.SafetySign.Restricted, 60), Assert.Single(shown.SafetyState.Penalties) is var penalty ? (penalty.Sign, penalty.Points) : default);
        Assert.Equal(Reason.AccountUnsafe, Assert.IsType<PermitOutcome.Refused>(await accounts.PermitAsync("m1")).Reason);

        var pause = accounts.Get<PauseAccount>();
        Assert.Equal(Shown.SafetyLevel.Paused, (await pause.HandleAsync(RunningAccounts.Caller, new ResumeAccountRequest { AccountId = "ann" }, default)).Account.SafetyState.Level);
        var resumed = (await pause.HandleAsync(RunningAccounts.Caller, new ResumeAccountRequest { AccountId = "ann", Actor = "eve" }, default)).Account;
        Assert.Equal((Shown.SafetyLevel.Slow, "eve"), (resumed.SafetyState.Level, resumed.SafetyState.OverrideActor));
        Assert.Equal((15, 30), resumed.Usage.Single(use => use.Action == Shown.Action.Inmail) is var use ? (use.Limit, use.HardLimit) : default);
        // Again: the same word, not a longer one.
        Assert.Equal(resumed.SafetyState.OverrideUntil, (await pause.HandleAsync(RunningAccounts.Caller, new ResumeAccountRequest { AccountId = "ann", Actor = "mallory" }, default)).Account.SafetyState.OverrideUntil);
        Assert.IsType<PermitOutcome.Granted>(await accounts.PermitAsync("m1"));
    }

    /// <summary>F66: nothing that an operator can do to a sender moves a cap, or what was charged to it.</summary>
    [Fact]
    public async Task F66_No_act_of_an_operator_breaks_a_hard_cap()
    {
        await using var accounts = await (await RunningAccounts.StartAsync(balance: 2)).WithAnnAsync();
        var ann = RunningAccounts.Ann();
        ann.Safety = new Shown.AccountSafety { PauseBelow = 50 };
        ann.Caps.Add(new Shown.Cap { Action = Shown.Action.Inmail, Window = Shown.CapWindow.Day, Limit = 1 });
        await accounts.Get<PutAccount>().HandleAsync(RunningAccounts.Caller, new PutAccountRequest { Account = ann }, default);
        Assert.IsType<PermitOutcome.Granted>(await accounts.PermitAsync("m1"));
        await accounts.SettleAsync("m1", SendResult.Sent);
        // Unsafe, paused and out of credits, and its cap is used up: an operator may lift all but the last.
        await accounts.Accounts.SeenAsync(RunningAccounts.Tenant, "ann", AccountState.Restricted, "", AccountStateCause.Webhook, default);
        await accounts.Accounts.SeenAsync(RunningAccounts.Tenant, "ann", AccountState.Ok, "", AccountStateCause.Webhook, default);
        await accounts.Provider.ControlAsync("balance", """{"account_id":"ann","product":"sales_navigator","balance":0}""");
        await accounts.ClassifyAsync("m2");
        var pause = accounts.Get<PauseAccount>();
        await pause.HandleAsync(RunningAccounts.Caller, new PauseAccountRequest { AccountId = "ann", Actor = "eve" }, default);
        var before = await accounts.AccountAsync();

        await pause.HandleAsync(RunningAccounts.Caller, new ResumeAccountRequest { AccountId = "ann", Actor = "eve" }, default);
        await accounts.Get<BreakerCalls>().HandleAsync(RunningAccounts.Caller, new ResetBreakerRequest { AccountId = "ann", Product = Shown.Product.SalesNavigator, Actor = "eve" }, default);

        var after = await accounts.AccountAsync();
        Assert.Equal((Shown.AccountState.Paused, Shown.SafetyLevel.Paused, Shown.BreakerState.Open), (before.State, before.SafetyState.Level, before.Breakers.Single().State));
        Assert.Equal((Shown.AccountState.Ok, Shown.SafetyLevel.Slow, Shown.BreakerState.Closed), (after.State, after.SafetyState.Level, after.Breakers.Single().State));
        Assert.Equal(before.Usage.Select(use => (use.Action, use.Window, use.HardLimit, use.Used)), after.Usage.Select(use => (use.Action, use.Window, use.HardLimit, use.Used)));
        Assert.All(after.Usage, use => Assert.True(use.Limit <= use.HardLimit));
        Assert.Equal(Reason.DailyCap, Assert.IsType<PermitOutcome.Refused>(await accounts.PermitAsync("m2")).Reason);
    }

    private static Account Restricted(int hoursAgo) => Given.Account() with { Signs = [new Sign(SafetySign.Restricted, Now.AddHours(-hoursAgo))] };

    private static Account Slow(Account account, params Cap[] caps) => account with { Settings = account.Settings with { Caps = [.. caps], Safety = new SafetySettings { SlowBelow = 60 } } };

    private static Account Paused(Account account, params Cap[] caps) => account with { Settings = account.Settings with { Caps = [.. caps], Safety = new SafetySettings { PauseBelow = 60 } } };

    private static Account With(params (int DaysAgo, CappedAction Action, int Sent, int Answered)[] tallies) => Given.Account() with
    {
        Tallies = [.. tallies.Select(tally => new DayTally(Today - tally.DaysAgo, tally.Action, tally.Sent, tally.Answered)).OrderBy(tally => tally.Day)],
    };
}
