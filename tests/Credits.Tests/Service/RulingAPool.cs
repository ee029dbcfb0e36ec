using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Types.V1;
using static Pennypost.Credits.Tests.Service.CreditsApp;

namespace Pennypost.Credits.Tests.Service;

/// <summary>Plans, rules and limits, over the wire, on each store.</summary>
public sealed class RulingAPool
{
    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task F10_A_plan_is_changed_cancelled_and_taken_up_again(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        await app.OpenAsync();
        var change = new ChangePlanRequest { PoolId = "p1", ChangeId = "c1", PlanId = "sales_navigator_advanced", OpeningBalance = 12, Terms = new Terms { Floor = 2 } };
        var changed = (await app.Client.ChangePlanAsync(change, As())).Pool;
        Assert.Equal(("sales_navigator_advanced", 12L, 50L, 2L), (changed.PlanId, changed.Balance.Available, changed.Balance.Forfeited, changed.Floor));
        Assert.Equal(changed, (await app.Client.ChangePlanAsync(change, As())).Pool);
        await RefusedAsync(app.Client.ChangePlanAsync(new ChangePlanRequest(change) { OpeningBalance = 13 }, As()), "COMMAND_ID_REUSED", StatusCode.AlreadyExists);
        var differs = await RefusedAsync(
            app.Client.ChangePlanAsync(new ChangePlanRequest { PoolId = "p1", ChangeId = "c2", PlanId = "recruiter_lite", Renewal = new Renewal { BillingAnchor = new BillingAnchor { Day = 3 } } }, As()),
            "PRODUCT_DIFFERS",
            StatusCode.FailedPrecondition);
        Assert.Equal(("p1", "recruiter_lite"), (differs.Metadata["pool_id"], differs.Metadata["plan_id"]));

        var cancelled = (await app.Client.CancelPlanAsync(new CancelPlanRequest { PoolId = "p1", ChangeId = "c3" }, As())).Pool;
        Assert.Equal((0L, null, true), (cancelled.Balance.Available, cancelled.RenewTime, cancelled.CancelTime is not null));
        await RefusedAsync(app.Client.CancelPlanAsync(new CancelPlanRequest { PoolId = "p1", ChangeId = "c4" }, As()), "PLAN_CANCELLED", StatusCode.FailedPrecondition);
        await RefusedAsync(app.Client.TopUpAsync(new TopUpRequest { PoolId = "p1", TopUpId = "t", Credits = 1 }, As()), "PLAN_CANCELLED", StatusCode.FailedPrecondition);
        var again = (await app.Client.ChangePlanAsync(new ChangePlanRequest { PoolId = "p1", ChangeId = "c5", PlanId = "sales_navigator_core" }, As())).Pool;
        Assert.Equal((50L, null), (again.Balance.Available, again.CancelTime));
        await RefusedAsync(app.Client.CancelPlanAsync(new CancelPlanRequest { PoolId = "none", ChangeId = "c" }, As()), "POOL_NOT_FOUND", StatusCode.NotFound);
        await app.VerifyAsync();
    }

    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task F1_A_tenant_has_rules_of_its_own_for_pools_that_it_opens_afterwards_and_nobody_else_does(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        await app.OpenAsync("before");
        var own = new PutPlanOverrideRequest
        {
            PlanId = "sales_navigator_core",
            Terms = new Terms { MonthlyGrant = 60, Cap = 240, LotAge = new Duration(), RefundTriggers = new RefundTriggers { Triggers = { RefundTrigger.Reply } } },
        };
        var put = (await app.Client.PutPlanOverrideAsync(own, As())).Plan;
        Assert.Equal((true, 60L, "sales_navigator_core"), (put.Overridden, put.Terms.MonthlyGrant, put.PlanId));
        var pool = await app.OpenAsync("after");
        Assert.Equal((60L, 240L, null), (pool.Balance.Available, pool.Cap, pool.Lots[0].ExpireTime));
        Assert.Equal(50, (await app.PoolAsync("before")).NextGrant);
        Assert.Equal(50, (await app.OpenAsync("theirs", tenant: "other")).NextGrant);
        Assert.Equal(put, (await app.Client.GetPlanCatalogAsync(new GetPlanCatalogRequest(), As())).Plans.Single(plan => plan.PlanId == put.PlanId));
        Assert.DoesNotContain((await app.Client.GetPlanCatalogAsync(new GetPlanCatalogRequest(), As("other"))).Plans, plan => plan.Overridden);

        var back = (await app.Client.PutPlanOverrideAsync(new PutPlanOverrideRequest { PlanId = "sales_navigator_core" }, As())).Plan;
        Assert.Equal((false, 50L), (back.Overridden, back.Terms.MonthlyGrant));
        Assert.Equal(50, (await app.OpenAsync("later")).NextGrant);
    }

    [Fact]
    public async Task F1_A_pool_has_rules_of_its_own_from_the_start_or_later()
    {
        await using var app = await StartAsync();
        var create = new CreatePoolRequest { PoolId = "p1", PlanId = "sales_navigator_core", Terms = new Terms { TopUpAllowed = true, PriceMicros = 12_000_000, Currency = "EUR" } };
        var pool = (await app.Client.CreatePoolAsync(create, As())).Pool;
        Assert.Equal((12_000_000L, "EUR"), (pool.PriceMicros, pool.Currency));
        await app.Client.TopUpAsync(new TopUpRequest { PoolId = "p1", TopUpId = "t1", Credits = 3 }, As());
        await RefusedAsync(app.Client.CreatePoolAsync(new CreatePoolRequest(create) { Terms = null }, As()), "POOL_ID_REUSED", StatusCode.AlreadyExists);

        var put = await app.Client.PutTermsAsync(new PutTermsRequest { PoolId = "p1", Terms = new Terms { Cap = 55, Overflow = Overflow.EvictOldest } }, As());
        Assert.Equal((55L, Overflow.EvictOldest, false, 53L), (put.Terms.Cap, put.Terms.Overflow, put.Terms.TopUpAllowed, put.Pool.Balance.Available));
        await RefusedAsync(app.Client.TopUpAsync(new TopUpRequest { PoolId = "p1", TopUpId = "t2", Credits = 3 }, As()), "TOP_UP_NOT_ALLOWED", StatusCode.FailedPrecondition);
        await app.AdvanceAsync(TimeSpan.FromDays(32));
        Assert.Equal(55, (await app.PoolAsync()).Balance.Available);
        Assert.Equal(put.Terms, (await app.Client.GetPoolAsync(new GetPoolRequest { PoolId = "p1" }, As())).Terms);
        await app.VerifyAsync();
    }

    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task F8_F14_Seats_and_campaigns_are_held_to_their_limits_and_shown_with_their_use(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        await app.OpenAsync();
        await app.Client.PutSeatAsync(new PutSeatRequest { PoolId = "p1", AccountId = "ann", PeriodLimit = 2, WeekLimit = 1 }, As());
        await app.Client.PutBudgetAsync(new PutBudgetRequest { PoolId = "p1", CampaignId = "q1", Credits = 1 }, As());
        await app.Client.PlaceHoldAsync(new PlaceHoldRequest { PoolId = "p1", HoldId = "h1", AccountId = "ann", CampaignId = "q1" }, As());
        var seat = await RefusedAsync(app.Place("h2", account: "ann"), "SEAT_LIMIT_REACHED", StatusCode.FailedPrecondition);
        Assert.Equal(("ann", "week", "1", "1"), (seat.Metadata["account_id"], seat.Metadata["window"], seat.Metadata["limit"], seat.Metadata["used"]));
        Assert.EndsWith("T00:00:00.000Z", seat.Metadata["reset_time"], StringComparison.Ordinal);
        var request = new PlaceHoldRequest { PoolId = "p1", HoldId = "h3", AccountId = "ben", CampaignId = "q1" };
        var budget = await RefusedAsync(app.Client.PlaceHoldAsync(request, As()), "BUDGET_USED_UP", StatusCode.FailedPrecondition);
        Assert.Equal(("q1", "1", "1"), (budget.Metadata["campaign_id"], budget.Metadata["limit"], budget.Metadata["used"]));

        // A refused id stays refused, whatever the limit is by then.
        await app.Client.PutBudgetAsync(new PutBudgetRequest { PoolId = "p1", CampaignId = "q1", Credits = 5 }, As());
        await RefusedAsync(app.Client.PlaceHoldAsync(request, As()), "BUDGET_USED_UP", StatusCode.FailedPrecondition);
        await app.Client.PlaceHoldAsync(new PlaceHoldRequest(request) { HoldId = "h4" }, As());

        var shown = await app.Client.GetPoolAsync(new GetPoolRequest { PoolId = "p1" }, As());
        Assert.Equal(new Seat { AccountId = "ann", PeriodLimit = 2, PeriodUsed = 1, WeekLimit = 1, WeekUsed = 1 }, Assert.Single(shown.Seats));
        Assert.Equal(new Budget { CampaignId = "q1", Credits = 5, Used = 2 }, Assert.Single(shown.Budgets));
        Assert.Null((await app.Client.PutSeatAsync(new PutSeatRequest { PoolId = "p1", AccountId = "ann" }, As())).Seat);
        await app.Place("h5", account: "ann");
        await app.VerifyAsync();
    }

    [Fact]
    public async Task F11_The_floor_is_for_holds_of_high_value()
    {
        await using var app = await StartAsync();
        await app.Client.CreatePoolAsync(new CreatePoolRequest { PoolId = "p1", PlanId = "sales_navigator_core", OpeningBalance = 2, Terms = new Terms { Floor = 2 } }, As());
        var refused = await RefusedAsync(app.Place("h1"), "CREDITS_RESERVED", StatusCode.FailedPrecondition);
        Assert.Equal(("2", "2"), (refused.Metadata["available"], refused.Metadata["floor"]));
        await app.Client.PlaceHoldAsync(new PlaceHoldRequest { PoolId = "p1", HoldId = "h2", AccountId = "acc", HighValue = true }, As());
        await RefusedAsync(app.Client.PlaceHoldAsync(new PlaceHoldRequest { PoolId = "p1", HoldId = "h2", AccountId = "acc" }, As()), "HOLD_ID_REUSED", StatusCode.AlreadyExists);
    }

    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task F7_A_lot_is_voided_once(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        await app.OpenAsync(plan: "premium_career");
        await app.Client.TopUpAsync(new TopUpRequest { PoolId = "p1", TopUpId = "t1", Credits = 3 }, As());
        var voided = await app.Client.VoidLotAsync(new VoidLotRequest { PoolId = "p1", LotId = "2" }, As());
        Assert.Equal((3L, 5L, 3L), (voided.Voided, voided.Pool.Balance.Available, voided.Pool.Balance.Voided));
        Assert.Equal(0, (await app.Client.VoidLotAsync(new VoidLotRequest { PoolId = "p1", LotId = "2" }, As())).Voided);
        await RefusedAsync(app.Client.VoidLotAsync(new VoidLotRequest { PoolId = "p1", LotId = "3" }, As()), "LOT_NOT_FOUND", StatusCode.NotFound);
        await app.VerifyAsync();
    }

    [Theory]
    [InlineData(Keeping.Memory)]
    [InlineData(Keeping.Redis)]
    public async Task F84_F86_Sends_are_imported_each_with_an_answer_of_its_own(Keeping keeping)
    {
        await using var app = await StartAsync(keeping);
        await app.OpenAsync(balance: 3);
        await app.Place("held");
        await app.AdvanceAsync(TimeSpan.FromHours(2));
        var now = await app.NowAsync();
        var request = new ImportSendsRequest { PoolId = "p1" };
        foreach (var (id, hoursAgo) in new[] { ("old", 48), ("by-hand", 1), ("held", 1) })
            request.Sends.Add(new ImportedSend { HoldId = id, AccountId = "acc", SendTime = Timestamp.FromDateTimeOffset(now.AddHours(-hoursAgo)) });
        var imported = await app.Client.ImportSendsAsync(request, As());
        Assert.Equal([("old", "", true), ("by-hand", "", true), ("held", "hold_id", false)], imported.Results.Select(result => (result.HoldId, result.ReusedField, result.Hold?.Imported ?? false)));
        Assert.Equal((1L, 1L, 2L), (imported.Pool.Balance.Available, imported.Pool.Balance.Held, imported.Pool.Balance.Spent));
        Assert.Equal(imported, await app.Client.ImportSendsAsync(request, As()));
        Assert.Equal(RefundResult.Refunded, (await app.RefundAsync("old")).Result);
        await app.VerifyAsync();
    }

    [Fact]
    public async Task F53_An_answer_of_a_kind_that_does_not_count_refunds_nothing_and_a_later_one_that_counts_does()
    {
        await using var app = await StartAsync();
        await app.Client.CreatePoolAsync(
            new CreatePoolRequest { PoolId = "p1", PlanId = "sales_navigator_core", Terms = new Terms { RefundTriggers = new RefundTriggers { Triggers = { RefundTrigger.Reply } } } }, As());
        await app.Place("h1");
        var told = new RefundHoldRequest { PoolId = "p1", HoldId = "h1", ReplyTime = Timestamp.FromDateTimeOffset(await app.NowAsync()), Trigger = RefundTrigger.AutoReply };
        var answer = await app.Client.RefundHoldAsync(told, As());
        // It proves the send all the same.
        Assert.Equal((RefundResult.NotATrigger, HoldState.Captured, 49L), (answer.Result, answer.Hold.State, answer.Available));
        Assert.Equal(RefundResult.Refunded, (await app.RefundAsync("h1")).Result);
    }

    /// <summary>Every command that changes a pool, tried: the answer is the one that it would have, and nothing is changed.</summary>
    [Fact]
    public async Task F72_A_command_that_is_only_tried_answers_and_changes_nothing()
    {
        await using var app = await StartAsync();
        await app.OpenAsync(plan: "premium_career");
        await app.Place("held");
        var now = Timestamp.FromDateTimeOffset(await app.NowAsync());
        var before = await app.PoolAsync();
        var credits = app.Client;
        Assert.Equal(3, (await credits.PlaceHoldAsync(new PlaceHoldRequest { PoolId = "p1", HoldId = "h", AccountId = "a", ValidateOnly = true }, As())).Available);
        Assert.Equal(HoldState.Captured, (await credits.CaptureHoldAsync(new CaptureHoldRequest { PoolId = "p1", HoldId = "held", SendTime = now, ValidateOnly = true }, As())).Hold.State);
        Assert.Equal(HoldState.Released, (await credits.ReleaseHoldAsync(new ReleaseHoldRequest { PoolId = "p1", HoldId = "held", ValidateOnly = true }, As())).Hold.State);
        Assert.Equal(5, (await credits.RefundHoldAsync(new RefundHoldRequest { PoolId = "p1", HoldId = "held", ReplyTime = now, Trigger = RefundTrigger.Reply, ValidateOnly = true }, As())).Available);
        Assert.Equal(14, (await credits.TopUpAsync(new TopUpRequest { PoolId = "p1", TopUpId = "t", Credits = 10, ValidateOnly = true }, As())).Pool.Balance.Available);
        Assert.Equal(-5, (await credits.ReconcilePoolAsync(new ReconcilePoolRequest { PoolId = "p1", ReconcileId = "r", ObserveTime = now, ValidateOnly = true }, As())).Drift);
        Assert.Equal(4, (await credits.VoidLotAsync(new VoidLotRequest { PoolId = "p1", LotId = "1", ValidateOnly = true }, As())).Voided);
        Assert.Equal(0, (await credits.CancelPlanAsync(new CancelPlanRequest { PoolId = "p1", ChangeId = "c", ValidateOnly = true }, As())).Pool.Balance.Available);
        var anchor = new Renewal { BillingAnchor = new BillingAnchor { Day = 1 } };
        Assert.Equal(15, (await credits.ChangePlanAsync(new ChangePlanRequest { PoolId = "p1", ChangeId = "c", PlanId = "premium_business", Renewal = anchor, ValidateOnly = true }, As())).Pool.Balance.Available);
        Assert.Equal(9, (await credits.PutTermsAsync(new PutTermsRequest { PoolId = "p1", Terms = new Terms { Cap = 9 }, ValidateOnly = true }, As())).Pool.Cap);
        Assert.Equal(1, (await credits.PutSeatAsync(new PutSeatRequest { PoolId = "p1", AccountId = "a", WeekLimit = 1, ValidateOnly = true }, As())).Seat.WeekLimit);
        Assert.Equal(1, (await credits.PutBudgetAsync(new PutBudgetRequest { PoolId = "p1", CampaignId = "q", Credits = 1, ValidateOnly = true }, As())).Budget.Credits);
        var send = new ImportedSend { HoldId = "i", AccountId = "a", SendTime = now };
        Assert.True((await credits.ImportSendsAsync(new ImportSendsRequest { PoolId = "p1", Sends = { send }, ValidateOnly = true }, As())).Results[0].Hold.Imported);
        Assert.True((await credits.PutPlanOverrideAsync(new PutPlanOverrideRequest { PlanId = "premium_career", Terms = new Terms { Cap = 99 }, ValidateOnly = true }, As())).Plan.Overridden);
        Assert.Equal(50, (await credits.CreatePoolAsync(new CreatePoolRequest { PoolId = "p2", PlanId = "sales_navigator_core", ValidateOnly = true }, As())).Pool.Balance.Available);

        Assert.Equal(before, await app.PoolAsync());
        Assert.Single((await credits.ListPoolsAsync(new ListPoolsRequest(), As())).Pools);
        Assert.DoesNotContain((await credits.GetPlanCatalogAsync(new GetPlanCatalogRequest(), As())).Plans, plan => plan.Overridden);
        // The ids are as new as before, and the same command done has the effect that it was said to have.
        Assert.Equal(3, (await credits.PlaceHoldAsync(new PlaceHoldRequest { PoolId = "p1", HoldId = "h", AccountId = "a" }, As())).Available);
        // One that is refused is refused as it would be.
        await RefusedAsync(credits.ReleaseHoldAsync(new ReleaseHoldRequest { PoolId = "none", HoldId = "held", ValidateOnly = true }, As()), "POOL_NOT_FOUND", StatusCode.NotFound);
    }

    [Fact]
    public async Task F12_Refunds_in_flight_are_no_drift_and_those_that_never_came_are_taken()
    {
        await using var app = await StartAsync();
        // No grant comes between, whatever day it is.
        await app.Client.CreatePoolAsync(new CreatePoolRequest { PoolId = "p1", PlanId = "sales_navigator_core", OpeningBalance = 5, Terms = new Terms { MonthlyGrant = 0 } }, As());
        await app.Place("h1");
        await app.CaptureAsync("h1");
        await app.RefundAsync("h1");
        var early = await ReconcileAsync("r1", 4);
        Assert.Equal((0L, -1L, 4L, 1L), (early.Drift, early.Adjusted, early.Pool.Balance.Available, early.Pool.Balance.Awaited));
        var arrived = await ReconcileAsync("r2", 5);
        Assert.Equal((0L, 1L, 5L, 0L), (arrived.Drift, arrived.Adjusted, arrived.Pool.Balance.Available, arrived.Pool.Balance.Awaited));

        await app.Place("h2");
        await app.CaptureAsync("h2");
        await app.RefundAsync("h2");
        await app.AdvanceAsync(TimeSpan.FromDays(5));
        var never = await ReconcileAsync("r3", 4);
        Assert.Equal((-1L, -1L, 4L), (never.Drift, never.Adjusted, never.Pool.Balance.Available));
        await app.VerifyAsync();

        async Task<ReconcilePoolResponse> ReconcileAsync(string id, long observed)
        {
            await app.AdvanceAsync(TimeSpan.FromSeconds(1));
            return await app.Client.ReconcilePoolAsync(
                new ReconcilePoolRequest { PoolId = "p1", ReconcileId = id, ObservedAvailable = observed, ObserveTime = Timestamp.FromDateTimeOffset(await app.NowAsync()) }, As());
        }
    }

    [Fact]
    public async Task F12_F65_A_drift_of_three_is_told_as_an_alarm_and_one_of_two_is_not()
    {
        await using var app = await StartAsync();
        await app.Client.CreatePoolAsync(new CreatePoolRequest { PoolId = "p1", PlanId = "sales_navigator_core", OpeningBalance = 9, Terms = new Terms { MonthlyGrant = 0 } }, As());
        foreach (var (id, observed) in new[] { ("r1", 7L), ("r2", 4L) })
        {
            await app.AdvanceAsync(TimeSpan.FromSeconds(1));
            await app.Client.ReconcilePoolAsync(
                new ReconcilePoolRequest { PoolId = "p1", ReconcileId = id, ObservedAvailable = observed, ObserveTime = Timestamp.FromDateTimeOffset(await app.NowAsync()) }, As());
        }

        var until = DateTime.UtcNow.AddSeconds(20);
        while (app.Events.Count(told => told.Envelope.Type == "pool.reconciled") < 2 && DateTime.UtcNow < until)
            await Task.Delay(20);
        Assert.Equal([(-2L, false), (-3L, true)], app.Events.Where(told => told.Envelope.Type == "pool.reconciled").Select(told => (told.Event.Entry.Credits, told.Event.Alarm)));
    }
}
