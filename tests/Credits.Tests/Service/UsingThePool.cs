using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Types.V1;
using Topology;
using static Pennypost.Credits.Tests.Service.CreditsApp;

namespace Pennypost.Credits.Tests.Service;

/// <summary>The calls one by one, over the wire, on each store.</summary>
public sealed class UsingThePool
{
    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task F5_A_credit_is_held_spent_and_comes_back(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        var pool = await app.OpenAsync();
        Assert.Equal((50L, 50L, 150L, Product.SalesNavigator), (pool.Balance.Available, pool.Balance.Granted, pool.Cap, pool.Product));
        Assert.Equal(50, pool.NextGrant);

        var placed = await app.Place("h1");
        Assert.Equal((HoldState.Held, 49L, "acc"), (placed.Hold.State, placed.Available, placed.Hold.AccountId));

        var captured = await app.CaptureAsync("h1");
        Assert.Equal(HoldState.Captured, captured.Hold.State);
        Assert.Equal(TimeSpan.FromDays(90), captured.Hold.RefundUntil.ToDateTime() - captured.Hold.SendTime.ToDateTime());
        Assert.True(captured.PoolVersion > placed.PoolVersion);

        var refunded = await app.RefundAsync("h1");
        Assert.Equal((RefundResult.Refunded, HoldState.Refunded, 50L), (refunded.Result, refunded.Hold.State, refunded.Available));
        Assert.Equal(RefundResult.AlreadyRefunded, (await app.RefundAsync("h1")).Result);

        pool = await app.PoolAsync();
        Assert.Equal((50L, 0L, 1L, 1L, 1L), (pool.Balance.Available, pool.Balance.Held, pool.Balance.Spent, pool.Balance.Refunded, pool.Balance.Provisional));
        Assert.Equal([LotSource.Grant, LotSource.Refund], pool.Lots.Select(lot => lot.Source));
        await app.VerifyAsync();
    }

    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task F6_A_thousand_duplicates_at_once_have_one_effect_and_one_answer(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        await app.OpenAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => app.Place("same").ResponseAsync));
        Assert.Single(answers.Distinct());
        var pool = await app.PoolAsync();
        Assert.Equal((49L, 1L), (pool.Balance.Available, pool.Balance.Held));
        Assert.Equal(3, (await app.Client.ListEntriesAsync(new ListEntriesRequest { PoolId = "p1" }, As())).Entries.Count);

        var captures = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => app.CaptureAsync("same", DateTimeOffset.UnixEpoch.AddYears(40))));
        Assert.Single(captures.Distinct());
        Assert.Equal(1, (await app.PoolAsync()).Balance.Spent);
        await app.VerifyAsync();
    }

    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task Never_gives_out_more_than_there_is_to_a_crowd(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        await app.OpenAsync(balance: 37);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 400).Select(async i =>
        {
            try
            {
                await app.Place($"h{i}");
                return "placed";
            }
            catch (RpcException exception)
            {
                return Hosting.RpcFault.From(exception).Reason;
            }
        }));
        Assert.Equal((37, 363), (outcomes.Count(outcome => outcome == "placed"), outcomes.Count(outcome => outcome == "CREDITS_HELD")));
        await app.VerifyAsync();
    }

    [Fact]
    public async Task F6_A_refused_hold_stays_refused_and_says_why()
    {
        await using var app = await StartAsync();
        await app.OpenAsync(balance: 0, plan: "recruiter_lite");
        var first = await RefusedAsync(app.Place("h1"), "INSUFFICIENT_CREDITS", StatusCode.FailedPrecondition);
        Assert.Equal(("0", "0", "p1"), (first.Metadata["available"], first.Metadata["held"], first.Metadata["pool_id"]));
        Assert.EndsWith("Z", first.Metadata["renew_time"], StringComparison.Ordinal);

        await app.Client.TopUpAsync(new TopUpRequest { PoolId = "p1", TopUpId = "t1", Credits = 3, UnitCostMicros = 9_990_000, Currency = "USD" }, As());
        var again = await RefusedAsync(app.Place("h1"), "INSUFFICIENT_CREDITS", StatusCode.FailedPrecondition);
        Assert.Equal(first.Metadata.OrderBy(pair => pair.Key), again.Metadata.OrderBy(pair => pair.Key));
        await app.Place("h2");
    }

    [Fact]
    public async Task F6_A_reused_id_is_refused_and_names_the_field()
    {
        await using var app = await StartAsync();
        await app.OpenAsync();
        await app.Place("h1");
        var fault = await RefusedAsync(app.Place("h1", account: "other"), "HOLD_ID_REUSED", StatusCode.AlreadyExists);
        Assert.Equal(("h1", "account_id"), (fault.Metadata["hold_id"], fault.Metadata["field"]));

        fault = await RefusedAsync(app.Client.CreatePoolAsync(new CreatePoolRequest { PoolId = "p1", PlanId = "sales_navigator_advanced" }, As()), "POOL_ID_REUSED", StatusCode.AlreadyExists);
        Assert.Equal("plan_id", fault.Metadata["field"]);

        var read = Timestamp.FromDateTimeOffset(await app.NowAsync());
        await app.Client.ReconcilePoolAsync(new ReconcilePoolRequest { PoolId = "p1", ReconcileId = "r1", ObservedAvailable = 50, ObserveTime = read }, As());
        fault = await RefusedAsync(
            app.Client.ReconcilePoolAsync(new ReconcilePoolRequest { PoolId = "p1", ReconcileId = "r1", ObservedAvailable = 49, ObserveTime = read }, As()), "COMMAND_ID_REUSED", StatusCode.AlreadyExists);
        Assert.Equal(("r1", "observed_available"), (fault.Metadata["id"], fault.Metadata["field"]));
    }

    [Fact]
    public async Task A_release_before_the_hold_refuses_its_id_and_one_after_the_capture_is_refused()
    {
        await using var app = await StartAsync();
        await app.OpenAsync();
        Assert.Null((await app.Client.ReleaseHoldAsync(new ReleaseHoldRequest { PoolId = "p1", HoldId = "late" }, As())).Hold);
        await RefusedAsync(app.Place("late"), "HOLD_ID_REFUSED", StatusCode.FailedPrecondition);
        await RefusedAsync(app.Client.GetHoldAsync(new GetHoldRequest { PoolId = "p1", HoldId = "late" }, As()), "HOLD_NOT_FOUND", StatusCode.NotFound);

        await app.Place("sent");
        await app.CaptureAsync("sent");
        var fault = await RefusedAsync(app.Client.ReleaseHoldAsync(new ReleaseHoldRequest { PoolId = "p1", HoldId = "sent" }, As()), "HOLD_SETTLED", StatusCode.FailedPrecondition);
        Assert.Equal("CAPTURED", fault.Metadata["state"]);

        await app.Place("unsent");
        Assert.Equal(HoldState.Released, (await app.Client.ReleaseHoldAsync(new ReleaseHoldRequest { PoolId = "p1", HoldId = "unsent" }, As())).Hold.State);
        Assert.Equal(RefundResult.NotSpent, (await app.RefundAsync("unsent")).Result);
    }

    [Fact]
    public async Task F7_Where_the_plan_sells_none_nothing_can_be_bought()
    {
        await using var app = await StartAsync();
        await app.OpenAsync();
        var fault = await RefusedAsync(app.Client.TopUpAsync(new TopUpRequest { PoolId = "p1", TopUpId = "t", Credits = 1 }, As()), "TOP_UP_NOT_ALLOWED", StatusCode.FailedPrecondition);
        Assert.Equal("sales_navigator_core", fault.Metadata["plan_id"]);
    }

    [Fact]
    public async Task Open_holds_with_a_time_out_are_limited_and_say_so()
    {
        await using var app = await StartAsync();
        await app.OpenAsync(balance: 2_000);
        AsyncUnaryCall<PlaceHoldResponse> PlaceFor(string id) => app.Client.PlaceHoldAsync(
            new PlaceHoldRequest { PoolId = "p1", HoldId = id, AccountId = "acc", Ttl = Duration.FromTimeSpan(TimeSpan.FromHours(1)) }, As());
        await Task.WhenAll(Enumerable.Range(0, Ledger.Pool.MaxTimedHolds).Select(i => PlaceFor($"h{i}").ResponseAsync));
        var fault = await RefusedAsync(PlaceFor("more"), "POOL_FULL", StatusCode.FailedPrecondition);
        Assert.Equal(("timed_holds", "1000"), (fault.Metadata["what"], fault.Metadata["limit"]));
    }

    [Fact]
    public async Task F12_The_ledger_follows_the_providers_balance()
    {
        await using var app = await StartAsync();
        await app.OpenAsync(balance: 5);
        await app.Place("open");
        var response = await app.Client.ReconcilePoolAsync(
            new ReconcilePoolRequest { PoolId = "p1", ReconcileId = "r1", ObservedAvailable = 0, ObserveTime = Timestamp.FromDateTimeOffset(await app.NowAsync()) }, As());
        Assert.Equal((-5L, -4L, true), (response.Drift, response.Adjusted, response.Applied));
        Assert.Equal((0L, 1L), (response.Pool.Balance.Available, response.Pool.Balance.Shortfall));
        await app.Client.ReleaseHoldAsync(new ReleaseHoldRequest { PoolId = "p1", HoldId = "open" }, As());
        var pool = await app.PoolAsync();
        Assert.Equal((0L, 0L, -5L), (pool.Balance.Available, pool.Balance.Shortfall, pool.Balance.Adjusted));
        await app.VerifyAsync();
    }

    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task F4_An_idle_pool_renews_and_tells_so_though_nobody_asks(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        await app.OpenAsync();
        await app.AdvanceAsync(TimeSpan.FromDays(125));
        // Reading books nothing: what is told was booked by the sweep.
        var pool = await app.PoolAsync();
        await Eventually.TrueAsync(() => app.Events.Where(told => told.Event.Entry.Kind == EntryKind.Granted).Sum(told => told.Event.Entry.Credits) == pool.Balance.Granted, "every grant is told");
        var (envelope, grant) = app.Events.First(told => told.Event.Entry.Kind == EntryKind.Granted && told.Event.Entry.Sequence > 2);
        Assert.Equal(("acme", "p1", "pool.granted", $"pool:acme:p1:{grant.Entry.Sequence}"), (envelope.Tenant, envelope.Subject, envelope.Type, envelope.EventId));
        Assert.Equal((1, TimeSpan.Zero), (grant.Entry.EntryTime.ToDateTime().Day, grant.Entry.EntryTime.ToDateTime().TimeOfDay));
        await app.VerifyAsync();
    }

    [Fact]
    public async Task A_hold_times_out_by_itself_and_the_last_spend_is_told_as_exhaustion()
    {
        await using var app = await StartAsync();
        await app.OpenAsync(balance: 1);
        await app.Client.PlaceHoldAsync(new PlaceHoldRequest { PoolId = "p1", HoldId = "short", AccountId = "acc", Ttl = Duration.FromTimeSpan(TimeSpan.FromSeconds(90)) }, As());
        await app.AdvanceAsync(TimeSpan.FromSeconds(91));
        await Eventually.TrueAsync(() => app.Events.Any(told => told.Event.Entry.Kind == EntryKind.TimedOut), "the time-out is told");
        Assert.Equal(HoldState.TimedOut, (await app.Client.GetHoldAsync(new GetHoldRequest { PoolId = "p1", HoldId = "short" }, As())).Hold.State);

        await app.Place("last");
        await app.CaptureAsync("last");
        await Eventually.TrueAsync(() => app.Events.Any(told => told.Event is { Exhausted: true, Entry.Kind: EntryKind.Captured }), "exhaustion is told");
        Assert.DoesNotContain(app.Events, told => told.Event.Entry.Kind == EntryKind.Held);
    }

    [Fact]
    public async Task F4_A_pool_says_what_it_will_forfeit_and_what_expires_next()
    {
        await using var app = await StartAsync();
        await app.OpenAsync(balance: 140);
        var pool = await app.PoolAsync();
        Assert.Equal((40L, 140L), (pool.ForfeitsAtRenewal, pool.NextExpireCredits));
        Assert.Equal(90, (pool.NextExpireTime.ToDateTime() - pool.CreateTime.ToDateTime()).TotalDays);
    }

    [Fact]
    public async Task F1_The_catalogue_is_served()
    {
        await using var app = await StartAsync();
        var catalog = await app.Client.GetPlanCatalogAsync(new GetPlanCatalogRequest(), As());
        Assert.Equal("2", catalog.CatalogVersion);
        Assert.Equal(9, catalog.Plans.Count);
        var core = catalog.Plans.Single(plan => plan.PlanId == "sales_navigator_core");
        var terms = core.Terms;
        Assert.Equal(
            (50L, 150L, RenewalRule.CalendarMonth, false, 10_000_000L, true),
            (terms.MonthlyGrant, terms.Cap, terms.RenewalRule, terms.TopUpAllowed, terms.PriceMicros, terms.SecondInmailAllowed));
        Assert.Equal((Overflow.ForfeitNew, Product.Unspecified), (terms.Overflow, catalog.Plans.Single(plan => plan.PlanId == "free").Product));
    }

    [Fact]
    public async Task Pools_and_entries_are_paged_without_gaps_or_repeats()
    {
        await using var app = await StartAsync();
        for (var i = 0; i < 7; i++) await app.OpenAsync($"p{i}");
        var (ids, token) = (new List<string>(), "");
        do
        {
            var page = await app.Client.ListPoolsAsync(new ListPoolsRequest { PageSize = 3, PageToken = token }, As());
            ids.AddRange(page.Pools.Select(pool => pool.PoolId));
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        Assert.Equal(["p0", "p1", "p2", "p3", "p4", "p5", "p6"], ids);

        for (var i = 0; i < 10; i++) await app.Place($"h{i}");
        var sequences = new List<long>();
        do
        {
            var page = await app.Client.ListEntriesAsync(new ListEntriesRequest { PoolId = "p1", PageSize = 5, PageToken = token }, As());
            sequences.AddRange(page.Entries.Select(entry => entry.Sequence));
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        Assert.Equal(Enumerable.Range(1, 12).Select(number => (long)number), sequences);
    }

    [Fact]
    public async Task Another_tenants_pools_are_not_there()
    {
        await using var app = await StartAsync();
        await app.OpenAsync();
        await app.OpenAsync("p1", balance: 7, tenant: "other");
        await app.OpenAsync("theirs", tenant: "other");
        Assert.Equal((50L, 7L), ((await app.PoolAsync()).Balance.Available, (await app.PoolAsync(tenant: "other")).Balance.Available));
        await RefusedAsync(app.Client.GetPoolAsync(new GetPoolRequest { PoolId = "theirs" }, As()), "POOL_NOT_FOUND", StatusCode.NotFound);
        await RefusedAsync(app.Place("h1", "theirs"), "POOL_NOT_FOUND", StatusCode.NotFound);
        await RefusedAsync(app.Client.ListEntriesAsync(new ListEntriesRequest { PoolId = "theirs" }, As()), "POOL_NOT_FOUND", StatusCode.NotFound);
        await RefusedAsync(app.Client.VerifyJournalAsync(new VerifyJournalRequest { PoolId = "theirs" }, As()), "POOL_NOT_FOUND", StatusCode.NotFound);
        await RefusedAsync(app.Client.AcceptRewindAsync(new AcceptRewindRequest { PoolId = "theirs", Actor = "me", SeenVersion = 9 }, As()), "POOL_NOT_FOUND", StatusCode.NotFound);
        Assert.Equal(["p1"], (await app.Client.ListPoolsAsync(new ListPoolsRequest(), As())).Pools.Select(pool => pool.PoolId));
    }

    [Fact]
    public async Task Without_a_token_nothing_is_answered()
    {
        await using var app = await StartAsync();
        var call = app.Client.GetPlanCatalogAsync(new GetPlanCatalogRequest(), new CallOptions(deadline: DateTime.UtcNow.AddSeconds(10)));
        await RefusedAsync(call, "CREDENTIAL_INVALID", StatusCode.Unauthenticated);
    }

    [Fact]
    public async Task A_store_that_is_behind_what_was_seen_closes_the_pool_until_that_is_accepted()
    {
        await using var app = await StartAsync();
        var version = (await app.OpenAsync()).Version;
        var fault = await RefusedAsync(app.Client.GetPoolAsync(new GetPoolRequest { PoolId = "p1", MinVersion = version + 5 }, As()), "STORE_REWOUND", StatusCode.FailedPrecondition);
        Assert.Equal(((version + 5).ToString(), version.ToString()), (fault.Metadata["seen_version"], fault.Metadata["store_version"]));
        var opened = await app.Client.AcceptRewindAsync(new AcceptRewindRequest { PoolId = "p1", Actor = "olga", SeenVersion = version + 5 }, As());
        Assert.True(opened.Pool.Version > version + 5);
        await app.Client.GetPoolAsync(new GetPoolRequest { PoolId = "p1", MinVersion = version + 5 }, As());
        var entries = (await app.Client.ListEntriesAsync(new ListEntriesRequest { PoolId = "p1" }, As())).Entries;
        Assert.Equal(EntryKind.RewindAccepted, entries[^1].Kind);
        await app.Place("after");
        await app.VerifyAsync();
    }
}
