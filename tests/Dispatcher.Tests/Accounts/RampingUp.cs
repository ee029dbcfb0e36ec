using FsCheck;
using FsCheck.Fluent;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;

namespace Dispatcher.Tests.Accounts;

/// <summary>F44, F45.</summary>
public sealed class RampingUp
{
    private static readonly DateTimeOffset Start = Given.Noon;

    private static readonly Ramp Linear = new() { Action = CappedAction.Message, Strategy = RampStrategy.Linear, Start = 5, Step = 2, StartTime = Start };

    [Theory]
    [InlineData(RampStrategy.Linear, 2, 0, 1, new[] { 5, 7, 9, 11, 13, 15, 17, 19 })]
    [InlineData(RampStrategy.Linear, 3, 0, 2, new[] { 5, 6, 8, 9, 11, 12, 14, 15 })]
    [InlineData(RampStrategy.Stepped, 10, 0, 3, new[] { 5, 5, 5, 15, 15, 15, 25, 25 })]
    [InlineData(RampStrategy.Factor, 0, 150, 1, new[] { 5, 7, 11, 16, 25, 37, 56, 85 })]
    [InlineData(RampStrategy.Factor, 0, 200, 2, new[] { 5, 5, 10, 10, 20, 20, 40, 40 })]
    public void F45_Rises_by_its_strategy(RampStrategy strategy, int step, int factorPercent, int daysPerStep, int[] limits)
    {
        var ramp = new Ramp { Action = CappedAction.Message, Strategy = strategy, Start = 5, Step = step, FactorPercent = factorPercent, DaysPerStep = daysPerStep, StartTime = Start };
        Assert.Equal(limits, Enumerable.Range(0, limits.Length).Select(ramp.LimitOn));
        Assert.Equal(5, ramp.LimitOn(-3));
        Assert.InRange(ramp.LimitOn(100_000), 5, Cap.Most);
    }

    /// <summary>The tiers give messages no cap for the day: the ramp brings one, and ends at what the week allows.</summary>
    [Fact]
    public void F45_Limits_the_day_and_is_shown_beside_the_hard_cap()
    {
        var account = Active(With(Linear), 200);
        Assert.Equal((5, 150, 0, 5), Shown(With(Linear), Start));
        Assert.Equal((65, 150), (Use(account, Start.AddDays(30)).Limit, Use(account, Start.AddDays(30)).HardLimit));
        Assert.Equal((150, 150), (Use(account, Start.AddDays(200)).Limit, Use(account, Start.AddDays(200)).HardLimit));
    }

    [Fact]
    public void F45_Stops_the_sixth_message_of_the_first_day_and_lets_the_seventh_of_the_second_through()
    {
        var account = With(Linear);
        for (var n = 0; n < 5; n++)
            account = account.Send(Channel.DirectMessage, Start.AddMinutes(n), $"first{n}");
        var refused = account.Decide(Given.Ask(Channel.DirectMessage, Start.AddMinutes(9))).Refused();
        Assert.Equal((Reason.DailyCap, Start.AddDays(1) + ActionCharges.Margin), (refused.Reason, refused.WaitUntil));
        Assert.IsType<PermitAnswer.Granted>(account.Decide(Given.Ask(Channel.ConnectionRequest, Start.AddMinutes(9))).Answer);
        for (var n = 0; n < 7; n++)
            account = account.Send(Channel.DirectMessage, Start.AddDays(1).AddMinutes(10 + n), $"second{n}");
        Assert.Equal(Reason.DailyCap, account.Decide(Given.Ask(Channel.DirectMessage, Start.AddDays(1).AddMinutes(20))).Refused().Reason);
    }

    [Fact]
    public void F44_Is_the_least_of_tier_ramp_and_custom()
    {
        var steep = Linear with { Action = CappedAction.Invitation, Start = 70, Step = 50 };
        Assert.Equal(70, Limit(With(steep), Start));
        Assert.Equal(80, Limit(Active(With(steep), 3), Start.AddDays(2)));
        Assert.Equal(60, Limit(With(steep, new Cap(CappedAction.Invitation, CapWindow.Day, 60)), Start));
        Assert.Equal(0, Limit(With(steep, new Cap(CappedAction.Invitation, CapWindow.Day, 0)), Start));

        static int Limit(Account account, DateTimeOffset now) => Caps.Uses(account, now).Single(use => use is { Action: CappedAction.Invitation, Window: CapWindow.Day }).Limit;
    }

    [Fact]
    public void F45_Waits_at_its_start_until_its_first_day() =>
        Assert.Equal(5, Use(With(Linear with { StartTime = Start.AddDays(30) }), Start).Limit);

    /// <summary>Sent every day for ten days, then not for two weeks.</summary>
    [Fact]
    public void F45_Begins_again_at_a_share_after_a_pause()
    {
        var account = Active(With(Linear), 10);
        Assert.Equal(23, Use(account, Start.AddDays(9)).Limit);
        Assert.Equal(5 + 2 * 22, Use(account, Start.AddDays(22)).Limit);
        var back = Start.AddDays(23);
        Assert.Equal(11, Use(account, back).Limit);
        // Nobody has sent meanwhile: the next day says the same.
        Assert.Equal(11, Use(account, back.AddDays(1)).Limit);

        account = account.Send(Channel.DirectMessage, back, "back");
        Assert.Equal(new RampRestart(CappedAction.Message, back, 11), Assert.Single(account.RampRestarts));
        Assert.Equal([11, 13, 15], Enumerable.Range(0, 3).Select(day => Use(account, back.AddDays(day)).Limit));
    }

    /// <summary>An account that stands ready for months and has sent nothing is as cold as a new one.</summary>
    [Fact]
    public void F45_Does_not_rise_for_an_account_that_does_not_send() =>
        Assert.Equal(5, Use(With(Linear), Start.AddDays(100)).Limit);

    [Fact]
    public void F45_Begins_again_from_where_the_hard_caps_held_it()
    {
        var account = Active(With(Linear with { PauseDays = 5, RestartPercent = 30 }), 300);
        Assert.Equal(150, Use(account, Start.AddDays(299)).Limit);
        Assert.Equal(45, Use(account, Start.AddDays(310)).Limit);
    }

    [Fact]
    public void F45_Begins_again_after_a_restriction_and_not_after_a_lost_session()
    {
        var account = Active(With(Linear), 10);
        var now = Start.AddDays(10);
        var reconnected = Signals.Become(Signals.Become(account, AccountState.Disconnected, now), AccountState.Ok, now.AddHours(1));
        Assert.Equal(25, Use(reconnected, now).Limit);
        var lifted = Signals.Become(Signals.Become(account, AccountState.Restricted, now), AccountState.Ok, now.AddDays(1));
        Assert.Equal(13, Use(lifted, now.AddDays(1)).Limit);
        // It lay still for three weeks: that is one reason to begin again, not two.
        var later = Signals.Become(Signals.Become(account, AccountState.Restricted, now), AccountState.Ok, now.AddDays(21));
        Assert.Equal(11, Use(later, now.AddDays(21)).Limit);
    }

    [Fact]
    public void F45_Forgets_where_it_was_set_back_when_the_ramp_is_changed()
    {
        var restart = new RampRestart(CappedAction.Message, Start, 11);
        var account = With(Linear) with { RampRestarts = [restart] };
        Assert.Equal(restart, Assert.Single(Ramps.Kept(account, account.Settings.Safety with { CapJitterPercent = 5 })));
        Assert.Empty(Ramps.Kept(account, new SafetySettings { Ramps = [Linear with { Step = 3 }] }));
        Assert.Empty(Ramps.Kept(account, new SafetySettings()));
    }

    private sealed record Case(Ramp Ramp, int Own, int Day, int Sends);

    private static readonly Arbitrary<Case> Cases = (
        from strategy in Gen.Choose(1, 3)
        from start in Gen.Choose(1, 300)
        from step in Gen.Choose(1, 50)
        from factor in Gen.Choose(101, 1_000)
        from days in Gen.Choose(1, 90)
        from own in Gen.Choose(0, 400)
        from day in Gen.Choose(0, 500)
        from sends in Gen.Choose(0, 60)
        select new Case(
            new Ramp { Action = CappedAction.Invitation, Strategy = (RampStrategy)strategy, Start = start, Step = step, FactorPercent = factor, DaysPerStep = days, StartTime = Start }, own, day, sends)).ToArbitrary();

    [Fact]
    public void F45_Never_falls_from_one_day_to_the_next_while_the_account_sends() => Prop.ForAll(Cases, one =>
    {
        var account = Active(With(one.Ramp), one.Sends + 1, CappedAction.Invitation);
        var limits = Enumerable.Range(0, one.Sends + 1).Select(day => Ramps.Limit(account, one.Ramp, Start.AddDays(day))).ToList();
        return limits.SequenceEqual(limits.Order()) && limits[0] == Math.Min(one.Ramp.Start, Cap.Most) && Enumerable.Range(0, 400).All(day => one.Ramp.LimitOn(day + 1) >= one.Ramp.LimitOn(day));
    }).QuickCheckThrowOnFailure();

    /// <summary>F44, F66: whatever the ramp and the draw, nothing goes over tier and custom.</summary>
    [Fact]
    public void F44_Never_passes_a_hard_cap() => Prop.ForAll(Cases, one =>
    {
        var account = Active(With(one.Ramp, new Cap(CappedAction.Invitation, CapWindow.Day, one.Own)), one.Sends, CappedAction.Invitation);
        account = account with { Settings = account.Settings with { Safety = account.Settings.Safety with { CapJitterPercent = one.Sends % 21 } } };
        var now = Start.AddDays(one.Day);
        var hard = Caps.InForce(account.Settings.Tier, account.Settings.Caps);
        return Caps.InForce(account, now).All(cap => cap.Limit >= 0 && hard.Where(other => (other.Action, other.Window) == (cap.Action, cap.Window)).All(other => cap.Limit <= other.Limit))
            && Caps.Uses(account, now).All(use => use.Limit <= use.HardLimit);
    }).QuickCheckThrowOnFailure();

    private static Account With(Ramp ramp, params Cap[] caps)
    {
        var account = Given.Account(default, caps);
        return account with { Settings = account.Settings with { Safety = new SafetySettings { Ramps = [ramp] } } };
    }

    /// <summary>One send a day from the first day on.</summary>
    private static Account Active(Account account, int days, CappedAction action = CappedAction.Message)
    {
        for (var day = 0; day < days; day++)
            account = Ramps.Used(account, action, Start.AddDays(day)) with { Charges = account.Charges.Charge(action, Start.AddDays(day)) };
        return account;
    }

    private static CapUse Use(Account account, DateTimeOffset now) => Caps.Uses(account, now).Single(use => use is { Action: CappedAction.Message, Window: CapWindow.Day });

    private static (int, int, int, int) Shown(Account account, DateTimeOffset now) => Use(account, now) is var use ? (use.Limit, use.HardLimit, use.Used, use.Remaining) : default;
}
