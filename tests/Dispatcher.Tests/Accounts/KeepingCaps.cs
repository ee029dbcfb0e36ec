using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;

namespace Dispatcher.Tests.Accounts;

/// <summary>F43, F44.</summary>
public sealed class KeepingCaps
{
    /// <summary>What a caller reads in the plan catalogue of credits is what the dispatcher keeps.</summary>
    [Fact]
    public void F43_The_tiers_caps_are_the_catalogues_allowances()
    {
        foreach (var plan in Pennypost.Ledger.PlanCatalog.Plans)
        {
            var tier = plan.Id == "free" ? Tier.Free : plan.Product switch
            {
                Pennypost.Ledger.Product.SalesNavigator => Tier.SalesNavigator,
                Pennypost.Ledger.Product.Recruiter => Tier.Recruiter,
                _ => Tier.Premium,
            };
            Assert.Equal(
                // An e-mail is not LinkedIn's to allow.
                TierCaps.Of(tier).Where(cap => cap.Action != CappedAction.Email).Select(cap => ((int)cap.Action, (int)cap.Window, cap.Limit)),
                plan.Allowances.Select(allowance => ((int)allowance.Action, (int)allowance.Window, allowance.Limit)));
        }
    }

    private static readonly DateTimeOffset Now = Given.Noon;

    [Theory]
    [InlineData(Tier.Free, CappedAction.Message, CapWindow.Week, 100)]
    [InlineData(Tier.Unspecified, CappedAction.Message, CapWindow.Week, 100)]
    [InlineData(Tier.Premium, CappedAction.Message, CapWindow.Week, 150)]
    [InlineData(Tier.Free, CappedAction.Invitation, CapWindow.Week, 40)]
    [InlineData(Tier.SalesNavigator, CappedAction.Invitation, CapWindow.Day, 80)]
    [InlineData(Tier.Recruiter, CappedAction.Invitation, CapWindow.Week, 200)]
    [InlineData(Tier.Recruiter, CappedAction.Inmail, CapWindow.Day, 30)]
    [InlineData(Tier.Premium, CappedAction.OpenProfileInmail, CapWindow.Month, 800)]
    [InlineData(Tier.Free, CappedAction.Profile, CapWindow.Day, 100)]
    public void Starts_from_the_tiers_defaults(Tier tier, CappedAction action, CapWindow window, int limit) =>
        Assert.Equal(limit, Caps.InForce(tier, []).Single(cap => (cap.Action, cap.Window) == (action, window)).Limit);

    [Theory]
    [InlineData(5, 5)]
    [InlineData(149, 149)]
    [InlineData(150, 150)]
    [InlineData(10_000, 150)]
    public void Can_only_be_lowered_by_the_accounts_own(int own, int limit) =>
        Assert.Equal(limit, Caps.InForce(Tier.Premium, [new(CappedAction.Message, CapWindow.Week, own)]).Single(cap => cap.Action == CappedAction.Message).Limit);

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    public void Has_room_below_the_limit_and_none_at_it(int used, bool room)
    {
        var account = Charged(used, Now.AddMinutes(-5));
        Assert.Equal(room, account.Decide(Given.Ask(Channel.DirectMessage)).Answer is PermitAnswer.Granted);
        var use = Caps.Uses(account, Now).Single(cap => cap is { Action: CappedAction.Message, Window: CapWindow.Day });
        Assert.Equal((3, used, Math.Max(0, 3 - used)), (use.Limit, use.Used, use.Remaining));
    }

    [Theory]
    [InlineData(CapWindow.Day, 24, -1, true)]
    [InlineData(CapWindow.Day, 24, 0, false)]
    [InlineData(CapWindow.Week, 168, -1, true)]
    [InlineData(CapWindow.Week, 168, 0, false)]
    public void Frees_a_unit_exactly_when_its_window_has_passed_and_the_margin(CapWindow window, int hours, int milliseconds, bool full)
    {
        var account = Given.Account(default, new Cap(CappedAction.Message, window, 1)).Send(Channel.DirectMessage, Now, "m0");
        var later = Now.AddHours(hours).AddMilliseconds(milliseconds) + ActionCharges.Margin;
        Assert.Equal(full, account.Decide(Given.Ask(Channel.DirectMessage, later)).Answer is PermitAnswer.Refused);
        var use = Caps.Uses(account, Now.AddHours(1)).Single(cap => cap.Action == CappedAction.Message && cap.Window == window);
        Assert.Equal(Now.AddHours(hours) + ActionCharges.Margin, use.ResetTime);
    }

    /// <summary>A charge counted from when the permit was given: a send that reached the provider later, and one right after its window, were one too many in 24 hours by the provider's count.</summary>
    [Theory]
    [InlineData(CapWindow.Day, 24)]
    [InlineData(CapWindow.Week, 168)]
    public void Leaves_a_send_the_time_that_it_may_take_to_arrive(CapWindow window, int hours)
    {
        var account = Given.Account(default, new Cap(CappedAction.Message, window, 1)).Send(Channel.DirectMessage, Now, "m0");
        var longest = new Pennypost.Dispatcher.DispatcherOptions().WriteLease;
        Assert.IsType<PermitAnswer.Refused>(account.Decide(Given.Ask(Channel.DirectMessage, Now.AddHours(hours) + longest)).Answer);
    }

    /// <summary>Nobody can tell in which of two months a send at midnight arrives: it counts in both.</summary>
    [Theory]
    [InlineData(-10, 1)]
    [InlineData(-11, 0)]
    public void Counts_what_was_charged_right_before_a_month_in_both(int minutes, int carried)
    {
        var start = Given.Renewal;
        var charges = ActionCharges.None(CappedAction.OpenProfileInmail).Charge(start.AddMinutes(minutes));
        Assert.Equal(1, charges.Count(CapWindow.Month, start.AddMilliseconds(-1)));
        Assert.Equal(carried, charges.Count(CapWindow.Month, start));
        // Also when the first charge of the month comes after everything else of the week before is forgotten.
        Assert.Equal(carried + 1, charges.Charge(start.AddDays(20)).Count(CapWindow.Month, start.AddDays(21)));
        Assert.Equal(1, charges.Charge(start.AddDays(1)).Return(start.AddMinutes(minutes)).Count(CapWindow.Month, start.AddDays(2)));
    }

    /// <summary>An attempt that was taken up hours later kept the time of its first permit, and its send left the window hours too early.</summary>
    [Fact]
    public void Charges_an_attempt_that_is_taken_up_again_anew()
    {
        var account = Given.Account(default, new Cap(CappedAction.Message, CapWindow.Day, 1));
        var (first, granted) = account.Decide(Given.Ask(Channel.DirectMessage, Now)) is var decided ? (decided.Account, Assert.IsType<PermitAnswer.Granted>(decided.Answer)) : default;
        var later = Now.AddHours(20);

        var again = Permits.Decide(first, Given.Ask(Channel.DirectMessage, later), granted.Permit);

        Assert.Equal(later, Assert.IsType<PermitAnswer.Granted>(again.Answer).Permit.ChargeTime);
        Assert.Equal(later, Assert.Single(again.Account.Charges.Of(CappedAction.Message).Times));
        var full = first with { Charges = first.Charges.Return(CappedAction.Message, Now).Charge(CappedAction.Message, Now.AddHours(1)) };
        Assert.IsType<PermitAnswer.Refused>(Permits.Decide(full, Given.Ask(Channel.DirectMessage, later), granted.Permit).Answer);
    }

    /// <summary>F18: the calendar month, UTC.</summary>
    [Fact]
    public void Counts_a_month_by_the_calendar()
    {
        var end = new DateTimeOffset(2026, 5, 31, 23, 59, 59, TimeSpan.Zero);
        var account = Given.Account(default, new Cap(CappedAction.OpenProfileInmail, CapWindow.Month, 1)).Send(Channel.OpenProfileInmail, Now, "m0");
        var refused = account.Decide(Given.Ask(Channel.OpenProfileInmail, end)).Refused();
        Assert.Equal((Reason.OpenProfileAllowanceUsed, (DateTimeOffset?)Given.Renewal, GateEffect.NextCandidate), (refused.Reason, refused.WaitUntil, refused.Effect));
        Assert.IsType<PermitAnswer.Granted>(account.Decide(Given.Ask(Channel.OpenProfileInmail, end.AddSeconds(1))).Answer);
    }

    [Fact]
    public void Does_not_give_a_unit_of_last_month_back_to_this_one()
    {
        var charges = ActionCharges.None(CappedAction.OpenProfileInmail).Charge(Now).Charge(Now.AddMonths(1));
        Assert.Equal(1, charges.Return(Now).Count(CapWindow.Month, Now.AddMonths(1)));
        Assert.Equal(0, charges.Return(Now.AddMonths(1)).Count(CapWindow.Month, Now.AddMonths(1)));
    }

    [Fact]
    public void Switches_an_action_off_at_zero_without_promising_a_time()
    {
        var account = Given.Account(default, new Cap(CappedAction.Invitation, CapWindow.Day, 0));
        var refused = account.Decide(Given.Ask(Channel.ConnectionRequest)).Refused();
        Assert.Equal((Reason.DailyCap, null), (refused.Reason, refused.WaitUntil));
    }

    [Fact]
    public void Tells_when_there_is_room_again_after_a_cap_was_lowered()
    {
        var account = Charged(5, Now.AddHours(-5), apart: TimeSpan.FromHours(1));
        var use = Caps.Uses(account, Now).Single(cap => cap is { Action: CappedAction.Message, Window: CapWindow.Day });
        // Five used of three: two must leave before the third gives room.
        Assert.Equal(Now.AddHours(-5 + 2 + 24) + ActionCharges.Margin, use.ResetTime);
    }

    /// <summary>F51: each action has its own.</summary>
    [Fact]
    public void Counts_each_action_by_itself()
    {
        var account = Given.Account(default, new Cap(CappedAction.Invitation, CapWindow.Day, 1)).Send(Channel.ConnectionRequest, Now, "m0");
        Assert.Equal(Reason.DailyCap, account.Decide(Given.Ask(Channel.ConnectionRequest, Now.AddMinutes(1))).Refused().Reason);
        Assert.IsType<PermitAnswer.Granted>(account.Decide(Given.Ask(Channel.DirectMessage, Now.AddMinutes(1))).Answer);
    }

    [Fact]
    public void Counts_profile_look_ups()
    {
        var account = Given.Account();
        for (var look = 0; look < 100; look++)
            account = Permits.TakeProfileLookup(account, Now.AddSeconds(look)) ?? throw new InvalidOperationException($"Look-up {look} was refused.");
        Assert.Null(Permits.TakeProfileLookup(account, Now.AddHours(1)));
        Assert.NotNull(Permits.TakeProfileLookup(account, Now.AddDays(1) + ActionCharges.Margin));
    }

    /// <summary>Routing had used up the allowance, and an invitation in doubt stayed in doubt until the next day.</summary>
    [Fact]
    public void Routing_leaves_look_ups_for_what_is_in_doubt()
    {
        var account = Given.Account();
        while (Permits.TakeProfileLookup(account, Now, Permits.LookupsKept) is { } after)
            account = after;

        Assert.Equal(Permits.LookupsKept, Caps.Uses(account, Now).Single(use => use.Action == CappedAction.Profile).Remaining);
        Assert.NotNull(Permits.TakeProfileLookup(account, Now));
    }

    private static Account Charged(int count, DateTimeOffset from, TimeSpan apart = default)
    {
        var account = Given.Account(default, new Cap(CappedAction.Message, CapWindow.Day, 3));
        for (var unit = 0; unit < count; unit++)
            account = account with { Charges = account.Charges.Charge(CappedAction.Message, from + apart * unit) };
        return account;
    }
}
