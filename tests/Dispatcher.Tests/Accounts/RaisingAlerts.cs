using FsCheck;
using FsCheck.Fluent;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Wire = Pennypost.Types.V1;

namespace Dispatcher.Tests.Accounts;

/// <summary>F65: each alert is raised once when its condition comes to hold, stays as it was raised, and is cleared once.</summary>
public sealed class RaisingAlerts
{
    private static readonly DateTimeOffset Now = Given.Noon;
    private static readonly AlertThresholds Usual = new();

    [Theory]
    [InlineData(11, false)]
    [InlineData(10, true)]
    [InlineData(0, true)]
    public void F65_Low_credits_at_the_threshold(long left, bool raised)
    {
        var alerts = Look(PoolAlerts.None, left);

        Assert.Equal(raised ? new Alert { Kind = AlertKind.LowCredits, RaiseTime = Now, Figure = left, Threshold = 10 } : null, alerts.Raised.SingleOrDefault());
    }

    [Fact]
    public void F65_Once_and_not_again_with_every_look_until_it_is_gone()
    {
        var alerts = Look(PoolAlerts.None, 9);
        var later = Look(alerts, 5, now: Now.AddMinutes(1));
        Assert.Same(alerts, later);

        var gone = Look(later, 11, now: Now.AddMinutes(2));
        Assert.Empty(gone.Raised);
        Assert.Equal(Now.AddMinutes(3), Assert.Single(Look(gone, 10, now: Now.AddMinutes(3)).Raised).RaiseTime);
    }

    /// <summary>Two looks side by side: the one that read the pool first may commit last.</summary>
    [Fact]
    public void F65_Not_by_a_pool_that_was_read_before_the_one_that_cleared_it()
    {
        var gone = Look(Look(PoolAlerts.None, 9, version: 5), 60, version: 7);

        Assert.Same(gone, Look(gone, 9, version: 6));
        Assert.NotEmpty(Look(gone, 9, version: 8).Raised);
    }

    [Theory]
    [InlineData(3, 8, false)]
    [InlineData(3, 7, true)]
    [InlineData(0, 7, false)]
    [InlineData(3, 0, false)]
    public void F65_Forfeit_soon_within_the_week_before_the_renewal(long forfeits, int daysAhead, bool raised)
    {
        var alert = Look(PoolAlerts.None, 100, forfeits, Now.AddDays(daysAhead)).Raised.SingleOrDefault();

        Assert.Equal(raised, alert is { Kind: AlertKind.ForfeitSoon, Figure: 3, Threshold: 1 } && alert.DueTime == Now.AddDays(daysAhead));
    }

    [Fact]
    public void F65_Forfeit_soon_is_gone_when_fewer_will_be_or_it_was()
    {
        var raised = Look(PoolAlerts.None, 100, 3, Now.AddDays(7));

        Assert.Empty(Look(raised, 97, 0, Now.AddDays(7), now: Now.AddDays(1)).Raised);
        Assert.Empty(Look(raised, 100, 3, Now.AddDays(37), now: Now.AddDays(7)).Raised);
    }

    /// <summary>Nothing need happen to a pool for its renewal to come near.</summary>
    [Fact]
    public void F65_Looks_when_the_renewal_comes_near_and_after_it()
    {
        var far = Look(PoolAlerts.None, 100, 3, Now.AddDays(20));
        Assert.Equal(Now.AddDays(13), far.NextLook);
        Assert.Equal(Now.AddDays(20).AddMinutes(1), Look(far, 100, 3, Now.AddDays(20), now: Now.AddDays(13)).NextLook);
        // The books should have renewed by now.
        Assert.Equal(Now.AddDays(20).AddHours(2), Look(far, 100, 3, Now.AddDays(20), now: Now.AddDays(20).AddHours(1)).NextLook);
        Assert.Null(Look(far, 100, 0, null).NextLook);
    }

    [Theory]
    [InlineData(2, false, false)]
    [InlineData(3, false, true)]
    [InlineData(-3, false, true)]
    [InlineData(1, true, true)]
    public void F65_Drift_either_way_and_for_any_credit_that_is_certain(long drift, bool certain, bool raised) =>
        Assert.Equal(raised, Alerting.Compared(PoolAlerts.None, 1, drift, certain, Usual, Now).Raised is [{ Kind: AlertKind.Drift } alert] && alert.Figure == drift);

    [Fact]
    public void F65_Drift_is_gone_with_the_next_comparison_that_agrees_and_not_by_an_older_one()
    {
        var apart = Alerting.Compared(PoolAlerts.None, 7, -5, false, Usual, Now);

        Assert.Same(apart, Alerting.Compared(apart, 6, 0, false, Usual, Now));
        Assert.Same(apart, Alerting.Compared(apart, 8, 9, false, Usual, Now));
        Assert.Empty(Alerting.Compared(apart, 9, 0, false, Usual, Now).Raised);
        // A look at the pool says nothing of it.
        Assert.Single(Look(apart, 100).Raised);
    }

    [Fact]
    public void F65_The_tenants_own_thresholds()
    {
        var own = new AlertThresholds { LowCredits = 3, ForfeitCredits = 5, ForfeitWithin = TimeSpan.FromDays(1), DriftCredits = 1 };

        Assert.Empty(Alerting.Look(PoolAlerts.None, new(1, 4, Now.AddHours(20), 4), own, Now).Raised);
        Assert.Equal([AlertKind.LowCredits, AlertKind.ForfeitSoon], Alerting.Look(PoolAlerts.None, new(1, 3, Now.AddHours(20), 5), own, Now).Raised.Select(alert => alert.Kind));
        Assert.Single(Alerting.Compared(PoolAlerts.None, 1, 1, false, own, Now).Raised);
    }

    [Fact]
    public void F65_A_breaker_from_its_opening_to_its_closing()
    {
        var open = Alerting.Follow(Given.Account().With(Given.Open(Now)), Now);
        Assert.Equal(new Alert { Kind = AlertKind.BreakerOpen, Product = Product.SalesNavigator, RaiseTime = Now, DueTime = Given.Renewal }, Assert.Single(open.Alerts));

        var halfOpen = Alerting.Follow(open.With(Breakers.AsOf(open.BreakerOf(Product.SalesNavigator), Given.Renewal).Breaker), Given.Renewal);
        Assert.Equal(open.Alerts, halfOpen.Alerts);
        Assert.Empty(Alerting.Follow(halfOpen.With(Breaker.Closed(Product.SalesNavigator)), Given.Renewal).Alerts);
        Assert.Equal(2, Alerting.Follow(open.With(Given.Open(Now) with { Product = Product.Premium }), Now).Alerts.Length);
    }

    [Theory]
    [InlineData(AccountState.Restricted, AlertKind.AccountRestricted)]
    [InlineData(AccountState.Disconnected, AlertKind.AccountDisconnected)]
    public void F65_An_account_that_cannot_send_and_not_one_that_is_paused(AccountState condition, AlertKind kind)
    {
        var account = Alerting.Follow(Given.Account() with { Condition = condition }, Now);
        Assert.Equal(kind, Assert.Single(account.Alerts).Kind);
        Assert.Empty(Alerting.Follow(account with { Condition = AccountState.Ok }, Now).Alerts);
        Assert.Empty(Alerting.Follow(Given.Account() with { Paused = true }, Now).Alerts);
    }

    [Fact]
    public void F65_The_ceiling_until_there_is_room_again_and_not_with_each_invitation()
    {
        var (account, seen) = (Given.Account(), new List<int>());
        foreach (var pending in new[] { 999, 1_000, 999, 1_000, 901, 900, 950, 1_000 })
        {
            account = Alerting.Follow(account with { PendingSeen = new PendingSeen(pending, Now) }, Now);
            seen.Add(account.Alerts.Length);
        }

        Assert.Equal([0, 1, 1, 1, 1, 0, 0, 1], seen);
    }

    /// <summary>Whatever happens, raising and clearing take turns for each kind, and what is raised is what they add up to.</summary>
    [Fact]
    public void F65_Raises_and_clears_in_turn_whatever_happens() => Prop.ForAll(Gen.Choose(0, 20).Two().ArrayOf().ToArbitrary(), happened =>
    {
        var (alerts, up) = (PoolAlerts.None, new HashSet<AlertKind>());
        for (var step = 0; step < happened.Length; step++)
        {
            var (one, other) = happened[step];
            var after = step % 3 == 2
                ? Alerting.Compared(alerts, step, one - 10, false, Usual, Now.AddDays(step))
                : Look(alerts, one, other - 10, Now.AddDays(step + other), version: step, now: Now.AddDays(step));
            var (raised, cleared) = Alerting.Between(alerts.Raised, after.Raised);
            Assert.All(raised, alert => Assert.True(up.Add(alert.Kind)));
            Assert.All(cleared, alert => Assert.True(up.Remove(alert.Kind)));
            alerts = after;
        }

        Assert.Equal(up.Order(), alerts.Raised.Select(alert => alert.Kind));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void F65_In_the_contracts_numbers_and_on_the_page_with_their_defaults()
    {
        Assert.Equal(Enum.GetValues<Wire.AlertKind>().Select(kind => ((int)kind, $"{kind}")), Enum.GetValues<AlertKind>().Select(kind => ((int)kind, $"{kind}")));
        var page = File.ReadAllText(Repository.PathOf("docs", "alerts.md"));
        string[] rows =
        [
            $"| `LOW_CREDITS` |", $"| `FORFEIT_SOON` |", $"| `DRIFT` |", $"| `BREAKER_OPEN` |", $"| `PENDING_CEILING` |", $"| `ACCOUNT_RESTRICTED` |", $"| `ACCOUNT_DISCONNECTED` |",
            $"`low_credits`, {Usual.LowCredits} |", $"`forfeit_credits`, {Usual.ForfeitCredits}, and `forfeit_within`, {Usual.ForfeitWithin.TotalDays} days |", $"`drift_credits`, {Usual.DriftCredits} |",
        ];
        Assert.All(rows, row => Assert.Contains(row, page, StringComparison.Ordinal));
    }

    private static PoolAlerts Look(PoolAlerts before, long left, long forfeits = 0, DateTimeOffset? renewTime = null, long version = 1, DateTimeOffset? now = null) =>
        Alerting.Look(before, new(Math.Max(version, before.SeenVersion > version && version == 1 ? before.SeenVersion : version), left, renewTime, forfeits), Usual, now ?? Now);
}
