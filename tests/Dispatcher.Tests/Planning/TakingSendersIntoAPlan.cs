using Dispatcher.Tests.Accounts;
using Pennypost.Delivery;
using Pennypost.Delivery.Accounts;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Planning;
using Pennypost.Dispatcher.Work;
using Wire = Pennypost.Types.V1;

namespace Dispatcher.Tests.Planning;

/// <summary>F29: senders and pools as a plan takes them: states, breakers, caps with their use, and what is left of credits.</summary>
public sealed class TakingSendersIntoAPlan
{
    private static readonly Wire.Channel[] _offered = [Wire.Channel.DirectMessage, Wire.Channel.Inmail];

    [Fact]
    public void Caps_become_windows_with_their_use()
    {
        var plan = Of(Given.Account(caps: new Cap(CappedAction.Message, CapWindow.Day, 20)).Send(Channel.DirectMessage, Given.Noon, "m1"));

        Assert.Equal(
            [
                "Message requests and messages: 1d 1/20, 7d 1/150",
                "OpenProfileInmail: 31d 0/800",
                "ConnectionRequest: 1d 0/80, 7d 0/200, 31d 0/1000",
                "Inmail: 1d 0/30",
                "Email: 1d 0/50",
            ],
            plan.Allowances.Select(Shown));
        Assert.Equal(("ann", Wire.Tier.SalesNavigator, Wire.AccountState.Ok, false), (plan.AccountId, plan.Tier, plan.State, plan.HasMailbox));
        Assert.Equal(_offered, plan.OfferedChannels);
    }

    [Fact]
    public void No_channel_is_counted_twice_and_InMail_alone()
    {
        var channels = Of(Given.Account()).Allowances.Select(allowance => allowance.Channels).ToList();

        Assert.Equal(channels.Sum(some => some.Count), channels.SelectMany(some => some).Distinct().Count());
        Assert.Single(channels, some => some.Contains(Wire.Channel.Inmail) && some.Count == 1);
        Assert.DoesNotContain(channels.SelectMany(some => some), channel => channel is Wire.Channel.ProfileView or Wire.Channel.Like or Wire.Channel.Comment);
    }

    [Theory]
    [InlineData(0.9, "1d 0/30")]
    [InlineData(1.5, "1d 0/30, 1d 1000000/1000000")]
    [InlineData(3.2, "1d 0/30, 3d 1000000/1000000")]
    [InlineData(90, "1d 0/30, 31d 1000000/1000000")]
    public void What_stops_it_for_whole_days_is_out_for_these_days(double days, string windows)
    {
        var account = Given.Account() with { CoolDowns = [new CoolDown(CappedAction.Inmail, Given.Noon.AddDays(days), Reason.ProviderLimit)] };
        var plan = Of(account);

        Assert.Equal($"Inmail: {windows}", plan.Allowances.Select(Shown).Single(one => one.StartsWith("Inmail", StringComparison.Ordinal)));
        Assert.Equal("Email: 1d 0/50", plan.Allowances.Select(Shown).Single(one => one.StartsWith("Email", StringComparison.Ordinal)));
    }

    [Fact]
    public void It_is_stopped_by_whatever_stops_its_messages()
    {
        Assert.Equal(Wire.AccountState.Paused, Of(Given.Account() with { Paused = true }).State);
        Assert.Equal(Wire.AccountState.Restricted, Of(Given.Account() with { Condition = AccountState.Restricted }).State);
        Assert.Equal(Wire.AccountState.Disconnected, Of(Given.Account() with { Condition = AccountState.Disconnected, Paused = true }).State);
    }

    [Fact]
    public void Its_pool_breaker_and_seat_are_named_where_it_has_InMail()
    {
        var without = Of(Given.Account());
        var with = Of(Given.Account(), Pool() with { BreakerUntil = Given.Renewal, BudgetLeft = 4, SecondInmailAllowed = true });

        Assert.Equal(("", null, false), (without.PoolId, without.BreakerUntil, without.HasCreditsLeft));
        Assert.Equal(("pool", Given.Renewal, 4L, true), (with.PoolId, with.BreakerUntil.ToDateTimeOffset(), with.CreditsLeft, with.SecondInmailAllowed));
        Assert.False(Of(Given.Account(), Pool()).HasCreditsLeft);
    }

    [Fact]
    public void A_shared_pool_stands_once_with_those_who_wait_for_it()
    {
        var demand = Demand.None.Wait("m1", Priority.Normal, Given.Noon).Wait("m2", Priority.High, Given.Noon);
        SenderInHand[] senders = [new(View(Given.Account()), Pool() with { Demand = demand }), new(View(Given.Account() with { Id = "bob" }), Pool() with { Demand = demand }), new(View(Given.Account() with { Id = "cyd" }), null)];

        var pool = Assert.Single(PlanSenders.Pools(senders, [], Given.Noon));

        Assert.Equal(("pool", 12L, 2L, 3L, 5L, 10_000_000L, false), (pool.PoolId, pool.Available, pool.QueuedDemand, pool.Floor, pool.ForfeitsAtRenewal, pool.PriceMicros, pool.HasBudget));
    }

    [Fact]
    public void A_pool_that_the_provider_says_is_empty_is_empty_until_it_renews()
    {
        var pool = Pool() with { Demand = Demand.None.Exhausted(Given.Renewal, Given.Noon) };

        Assert.Equal(0, Assert.Single(PlanSenders.Pools([new(View(Given.Account()), pool)], [], Given.Noon)).Available);
        Assert.Equal(12, Assert.Single(PlanSenders.Pools([new(View(Given.Account()), pool)], [], Given.Renewal.AddDays(1))).Available);
    }

    [Fact]
    public void What_is_supposed_of_a_pool_takes_the_place_of_what_is_F75()
    {
        SenderInHand[] senders = [new(View(Given.Account()), Pool())];

        var more = Assert.Single(PlanSenders.Pools(senders, [new() { PoolId = "pool", Available = 100 }], Given.Noon));
        var less = Assert.Single(PlanSenders.Pools(senders, [new() { PoolId = "pool", Budget = 0 }], Given.Noon));

        Assert.Equal((100L, false), (more.Available, more.HasBudget));
        Assert.Equal((12L, true, 0L), (less.Available, less.HasBudget, less.Budget));
    }

    private static Pennypost.Router.V1.PlanSender Of(Account account, SenderPool? pool = null) => PlanSenders.Of(new SenderInHand(View(account), pool), _offered, Given.Noon);

    private static AccountView View(Account account) => new(account, Caps.Uses(account, Given.Noon), Given.Noon);

    private static SenderPool Pool() => new()
    {
        PoolId = "pool",
        Product = Product.SalesNavigator,
        Available = 12,
        Held = 1,
        RenewTime = Given.Renewal,
        ForfeitsAtRenewal = 5,
        PriceMicros = 10_000_000,
        Currency = "USD",
        SecondInmailAllowed = false,
        Floor = 3,
        Version = 1,
        ObserveTime = Given.Noon,
        BreakerUntil = null,
        Demand = Demand.None,
    };

    private static string Shown(Pennypost.Router.V1.Allowance allowance) =>
        $"{(allowance.Channels.Contains(Wire.Channel.DirectMessage) ? "Message requests and messages" : allowance.Channels[0])}: {string.Join(", ", allowance.Windows.Select(window => $"{window.Days}d {window.Used}/{window.Limit}"))}";
}
