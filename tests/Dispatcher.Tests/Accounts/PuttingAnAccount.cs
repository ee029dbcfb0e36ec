using Grpc.Core;
using Pennypost.Dispatcher.Accounts;
using Pennypost.Dispatcher.Accounts.Calls;
using Pennypost.Dispatcher.V1;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Shown = Pennypost.Types.V1;

namespace Dispatcher.Tests.Accounts;

public sealed class PuttingAnAccount
{
    [Fact]
    public void Names_everything_that_is_wrong_at_once()
    {
        var account = new Shown.Account
        {
            AccountId = "no id!",
            DisplayName = new string('x', 201),
            Tier = (Shown.Tier)99,
            InmailProduct = Shown.Product.Recruiter,
            Pools = { new Shown.AccountPool { Product = Shown.Product.Premium, PoolId = "p" }, new Shown.AccountPool { Product = Shown.Product.Premium } },
            Caps = { new Shown.Cap { Limit = -1 }, new Shown.Cap { Action = Shown.Action.Message, Window = Shown.CapWindow.Day, Limit = 10_001 } },
            SendingWindow = new Shown.SendingWindow { TimeZone = "Mars/Olympus", Days = { 0, 8, 8 }, FromMinute = 900, ToMinute = 800 },
            Spacing = new Google.Protobuf.WellKnownTypes.Duration { Seconds = long.MaxValue },
        };
        var violations = new Violations();
        Assert.Null(AccountRequests.Parse(account, violations));
        Assert.Equal(
            [
                "account.account_id", "account.connection_id", "account.display_name", "account.tier", "account.pools[1].pool_id", "account.pools[1].product", "account.caps[0].action", "account.caps[0].window",
                "account.caps[0].limit", "account.caps[1].limit", "account.sending_window.time_zone", "account.sending_window.days", "account.sending_window.days", "account.sending_window.to_minute", "account.spacing",
                "account.inmail_product",
            ],
            violations.All.Select(violation => violation.Field));
    }

    [Fact]
    public async Task Keeps_what_it_was_told_and_answers_it()
    {
        await using var accounts = await (await RunningAccounts.StartAsync()).WithAnnAsync();
        var wanted = RunningAccounts.Ann();
        wanted.DisplayName = "Ann";
        wanted.Caps.Add(new Shown.Cap { Action = Shown.Action.Message, Window = Shown.CapWindow.Day, Limit = 20 });
        wanted.SendingWindow = new Shown.SendingWindow { TimeZone = "Europe/Berlin", Days = { 1, 2, 3 }, FromMinute = 540, ToMinute = 1_020 };
        var kept = (await accounts.Get<PutAccount>().HandleAsync(RunningAccounts.Caller, new PutAccountRequest { Account = wanted }, default)).Account;
        Assert.Equal((wanted.DisplayName, wanted.SendingWindow, wanted.Caps, wanted.Pools), (kept.DisplayName, kept.SendingWindow, kept.Caps, kept.Pools));
        Assert.Equal((Shown.AccountState.Ok, "ok"), (kept.State, kept.StatusText));
        Assert.Equal(20, kept.Usage.Single(use => use is { Action: Shown.Action.Message, Window: Shown.CapWindow.Day }).Remaining);
        Assert.Equal([kept], (await accounts.Get<GetAccount>().HandleAsync(RunningAccounts.Tenant, new ListAccountsRequest(), default)).Accounts);
        // The same again changes nothing, not even the etag.
        Assert.Equal(kept.Etag, (await accounts.Get<PutAccount>().HandleAsync(RunningAccounts.Caller, new PutAccountRequest { Account = wanted }, default)).Account.Etag);
    }

    [Fact]
    public void F45_Names_everything_that_is_wrong_with_its_safety_at_once()
    {
        var account = RunningAccounts.Ann();
        account.Safety = new Shown.AccountSafety
        {
            CapJitterPercent = 21,
            SpacingSpreadPercent = -1,
            PendingCeiling = 3_001,
            GateRules =
            {
                new Shown.GateRule { Reason = Shown.Reason.DailyCap, Effect = Shown.GateEffect.End },
                new Shown.GateRule { Reason = Shown.Reason.DailyCap },
                new Shown.GateRule { Reason = Shown.Reason.WriteInProgress, Effect = Shown.GateEffect.Wait },
                new Shown.GateRule { Reason = Shown.Reason.NoRoute, Effect = (Shown.GateEffect)9 },
            },
            SlowBelow = 50,
            PauseBelow = 101,
            ResponseGuard = new Shown.ResponseGuard { LeastInmails = -1, WindowDays = 61, LeastPercent = 101 },
            WithdrawAfter = new Google.Protobuf.WellKnownTypes.Duration { Seconds = 6 * 86_400 },
            Ramps =
            {
                new Shown.Ramp(),
                new Shown.Ramp { Action = Shown.Action.Message, Strategy = Shown.RampStrategy.Linear, Start = 1, Step = 1 },
                new Shown.Ramp
                {
                    Action = Shown.Action.Message, Strategy = Shown.RampStrategy.Factor, Start = 10_001, Step = 1, FactorPercent = 100, DaysPerStep = 91, PauseDays = 366, RestartPercent = 101,
                    StartTime = new Google.Protobuf.WellKnownTypes.Timestamp { Seconds = long.MaxValue },
                },
                new Shown.Ramp { Action = Shown.Action.Inmail, Strategy = Shown.RampStrategy.Stepped, Start = 1, FactorPercent = 150 },
            },
        };
        var violations = new Violations();
        Assert.Null(AccountRequests.Parse(account, violations));
        Assert.Equal(
            [
                "ramps[0].action", "ramps[0].start", "ramps[0].strategy",
                "ramps[2].action", "ramps[2].start", "ramps[2].factor_percent", "ramps[2].step", "ramps[2].days_per_step", "ramps[2].start_time", "ramps[2].pause_days", "ramps[2].restart_percent",
                "ramps[3].step", "ramps[3].factor_percent", "cap_jitter_percent", "spacing_spread_percent",
                "pending_ceiling", "pause_below", "pause_below", "withdraw_after", "response_guard.least_inmails", "response_guard.window_days", "response_guard.least_percent",
                "gate_rules[1].reason", "gate_rules[1].effect", "gate_rules[2].reason", "gate_rules[3].reason", "gate_rules[3].effect",
            ],
            violations.All.Select(violation => violation.Field["account.safety.".Length..]));
    }

    /// <summary>F44, F45: what was set comes back with its defaults filled in, and holds.</summary>
    [Fact]
    public async Task F45_Keeps_a_ramp_from_the_day_it_was_put()
    {
        await using var accounts = await (await RunningAccounts.StartAsync()).WithAnnAsync();
        var wanted = RunningAccounts.Ann();
        wanted.Safety = new Shown.AccountSafety { SpacingSpreadPercent = 100, Ramps = { new Shown.Ramp { Action = Shown.Action.Inmail, Strategy = Shown.RampStrategy.Linear, Start = 1, Step = 2 } } };
        async Task<Shown.Account> PutAsync() => (await accounts.Get<PutAccount>().HandleAsync(RunningAccounts.Caller, new PutAccountRequest { Account = wanted }, default)).Account;
        var kept = await PutAsync();
        var ramp = Assert.Single(kept.Safety.Ramps);
        Assert.Equal((1, 14, 50, 100), (ramp.DaysPerStep, ramp.PauseDays, ramp.RestartPercent, kept.Safety.SpacingSpreadPercent));
        Assert.Equal((1, 30), kept.Usage.Single(use => use.Action == Shown.Action.Inmail) is var use ? (use.Limit, use.HardLimit) : default);
        Assert.IsType<PermitOutcome.Granted>(await accounts.PermitAsync("m1"));
        await accounts.SettleAsync("m1", Pennypost.Delivery.Accounts.SendResult.Sent);
        Assert.Equal(Pennypost.Delivery.Reason.DailyCap, Assert.IsType<PermitOutcome.Refused>(await accounts.PermitAsync("m2")).Reason);

        await accounts.Store.AdvanceClockAsync(TimeSpan.FromDays(3), default);
        // Put again without a start, it goes on from the day on which it began.
        var again = await PutAsync();
        Assert.Equal((kept.Etag, ramp.StartTime), (again.Etag, again.Safety.Ramps[0].StartTime));
        Assert.Equal(7, again.Usage.Single(use => use.Action == Shown.Action.Inmail).Limit);
    }

    [Fact]
    public async Task F49_Keeps_the_rest_of_its_safety_too()
    {
        await using var accounts = await (await RunningAccounts.StartAsync()).WithAnnAsync();
        var wanted = RunningAccounts.Ann();
        Assert.Null((await accounts.AccountAsync()).Safety);
        wanted.Safety = new Shown.AccountSafety
        {
            CapJitterPercent = 10,
            PendingCeiling = 400,
            WithdrawAfter = new Google.Protobuf.WellKnownTypes.Duration { Seconds = 30 * 86_400 },
            ResponseGuard = new Shown.ResponseGuard(),
            SlowBelow = 60,
            PauseBelow = 30,
            GateRules = { new Shown.GateRule { Reason = Shown.Reason.WeeklyCap, Effect = Shown.GateEffect.Wait } },
        };
        await accounts.Get<PutAccount>().HandleAsync(RunningAccounts.Caller, new PutAccountRequest { Account = wanted }, default);
        var kept = await accounts.AccountAsync();
        wanted.Safety.ResponseGuard = new Shown.ResponseGuard { LeastInmails = 100, WindowDays = 14, LeastPercent = 13 };
        Assert.Equal(wanted.Safety, kept.Safety);
        Assert.Equal((100, Shown.SafetyLevel.Normal, 0), (kept.SafetyState.Score, kept.SafetyState.Level, kept.SafetyState.PendingInvitations));
    }

    [Fact]
    public async Task Refuses_a_lost_update_and_keeps_what_was_charged()
    {
        await using var accounts = await (await RunningAccounts.StartAsync()).WithAnnAsync();
        await accounts.PermitAsync("m1");
        var stale = await accounts.AccountAsync();
        var first = stale.Clone();
        first.DisplayName = "first";
        await accounts.Get<PutAccount>().HandleAsync(RunningAccounts.Caller, new PutAccountRequest { Account = first }, default);
        stale.DisplayName = "second";
        var lost = await Assert.ThrowsAnyAsync<RpcException>(() => accounts.Get<PutAccount>().HandleAsync(RunningAccounts.Caller, new PutAccountRequest { Account = stale }, default));
        Assert.Equal(ErrorReason.LostRace, RunningAccounts.Fault(lost).ErrorReason);
        var now = await accounts.AccountAsync();
        Assert.Equal(("first", 1), (now.DisplayName, now.Usage.Single(use => use.Action == Shown.Action.Inmail).Used));
    }

    /// <summary>F69: a provider account belongs to one tenant, and another tenant's is not there.</summary>
    [Fact]
    public async Task Belongs_to_the_tenant_that_named_it_first()
    {
        await using var accounts = await (await RunningAccounts.StartAsync()).WithAnnAsync();
        await accounts.Get<ConnectionCalls>().HandleAsync(Pennypost.Hosting.Caller.Service("other"), new PutConnectionRequest { Connection = accounts.Connection() }, default);
        var taken = await Assert.ThrowsAnyAsync<RpcException>(() => accounts.Get<PutAccount>().HandleAsync(Pennypost.Hosting.Caller.Service("other"), new PutAccountRequest { Account = RunningAccounts.Ann() }, default));
        Assert.Equal((ErrorReason.AccountTaken, "ann"), (RunningAccounts.Fault(taken).ErrorReason, RunningAccounts.Fault(taken).Metadata["account_id"]));
        var missing = await Assert.ThrowsAnyAsync<RpcException>(() => accounts.Get<GetAccount>().HandleAsync("other", new GetAccountRequest { AccountId = "ann" }, default));
        Assert.Equal(ErrorReason.AccountNotFound, RunningAccounts.Fault(missing).ErrorReason);
        Assert.Null(await accounts.Accounts.FindAsync("other", "ann", default));
    }

    [Fact]
    public async Task Needs_a_connection_that_there_is_and_claims_nothing_without()
    {
        await using var accounts = await RunningAccounts.StartAsync();
        var refused = await Assert.ThrowsAnyAsync<RpcException>(() => accounts.Get<PutAccount>().HandleAsync(Pennypost.Hosting.Caller.Service("other"), new PutAccountRequest { Account = RunningAccounts.Ann() }, default));
        Assert.Equal(ErrorReason.ConnectionNotFound, RunningAccounts.Fault(refused).ErrorReason);
        await accounts.WithAnnAsync();
    }

    [Fact]
    public async Task Stops_and_goes_on_at_an_operators_word()
    {
        await using var accounts = await (await RunningAccounts.StartAsync()).WithAnnAsync();
        var pause = accounts.Get<PauseAccount>();
        for (var again = 0; again < 2; again++)
            Assert.Equal(Shown.AccountState.Paused, (await pause.HandleAsync(RunningAccounts.Caller, new PauseAccountRequest { AccountId = "ann" }, default)).Account.State);
        Assert.Equal(Pennypost.Delivery.Reason.AccountPaused, Assert.IsType<PermitOutcome.Refused>(await accounts.PermitAsync("m1")).Reason);
        Assert.Equal(Shown.AccountState.Ok, (await pause.HandleAsync(RunningAccounts.Caller, new ResumeAccountRequest { AccountId = "ann" }, default)).Account.State);
        Assert.IsType<PermitOutcome.Granted>(await accounts.PermitAsync("m1"));
    }

    /// <summary>F41, F43: a hundred messages ask at once; one is let through, the charge is one, and the others are told to come back one after the other.</summary>
    [Fact]
    public async Task Lets_one_of_a_hundred_through()
    {
        await using var accounts = await (await RunningAccounts.StartAsync()).WithAnnAsync();
        var spaced = RunningAccounts.Ann();
        spaced.Spacing = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(10));
        await accounts.Get<PutAccount>().HandleAsync(RunningAccounts.Caller, new PutAccountRequest { Account = spaced }, default);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(n => accounts.PermitAsync($"m{n}")));
        Assert.Single(outcomes.OfType<PermitOutcome.Granted>());
        var waits = outcomes.OfType<PermitOutcome.Refused>().Select(refused => refused.WaitUntil!.Value).ToList();
        Assert.Equal((99, 99), (waits.Count, waits.Distinct().Count()));
        Assert.Equal(1, (await accounts.AccountAsync()).Usage.Single(use => use.Action == Shown.Action.Inmail).Used);
    }

    [Fact]
    public async Task Takes_profile_look_ups_from_a_daily_allowance()
    {
        await using var accounts = await (await RunningAccounts.StartAsync()).WithAnnAsync();
        var taken = await Task.WhenAll(Enumerable.Range(0, 120).Select(_ => accounts.Accounts.TryTakeProfileLookupAsync(RunningAccounts.Tenant, "ann", 0, default)));
        Assert.Equal(100, taken.Count(took => took));
        Assert.False(await accounts.Accounts.TryTakeProfileLookupAsync(RunningAccounts.Tenant, "nobody", 0, default));
    }
}
