using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;
using static Pennypost.Credits.Tests.Service.CreditsApp;

namespace Pennypost.Credits.Tests.Service;

/// <summary>One error names everything that is wrong, and nothing is changed.</summary>
public sealed class RefusingABadRequest
{
    private static readonly Timestamp Ahead = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddHours(1));
    private static readonly string TooLong = new('x', 97);

    public static TheoryData<string, Func<CreditsService.CreditsServiceClient, Task>, string[]> Requests => new()
    {
        {
            "CreatePool",
            async credits => await credits.CreatePoolAsync(new CreatePoolRequest
            {
                PoolId = "no spaces",
                PlanId = "gold",
                Renewal = new Renewal { BillingAnchor = new BillingAnchor { Day = 32, TimeZone = "Mars/Olympus" } },
                OpeningBalance = -1,
            }, As()),
            ["pool_id", "plan_id", "renewal.billing_anchor.day", "renewal.billing_anchor.time_zone", "opening_balance"]
        },
        { "CreatePool, billing day missing", async credits => await credits.CreatePoolAsync(new CreatePoolRequest { PoolId = "new", PlanId = "premium_career" }, As()), ["renewal"] },
        { "GetPool", async credits => await credits.GetPoolAsync(new GetPoolRequest { MinVersion = -1, AsOfTime = Ahead }, As()), ["pool_id", "min_version", "as_of_time"] },
        { "GetPool, no time at all", async credits => await credits.GetPoolAsync(new GetPoolRequest { PoolId = "p1", AsOfTime = new Timestamp { Seconds = -1 } }, As()), ["as_of_time"] },
        { "ListPools", async credits => await credits.ListPoolsAsync(new ListPoolsRequest { PageSize = 501, PageToken = "*" }, As()), ["page_size", "page_token"] },
        {
            "TopUp",
            async credits => await credits.TopUpAsync(new TopUpRequest { Credits = 10_001, UnitCostMicros = -1, Currency = "usd", ExpireTime = Time("2020-01-01T00:00:00Z") }, As()),
            ["pool_id", "top_up_id", "credits", "unit_cost_micros", "currency", "expire_time"]
        },
        { "TopUp, cost without currency", async credits => await credits.TopUpAsync(new TopUpRequest { PoolId = "p1", TopUpId = "t", UnitCostMicros = 1 }, As()), ["credits", "currency"] },
        {
            "PlaceHold",
            async credits => await credits.PlaceHoldAsync(new PlaceHoldRequest { PoolId = "ä", HoldId = TooLong, Ttl = new Duration { Seconds = 2_592_001 }, Floor = -1, MinVersion = -1 }, As()),
            ["pool_id", "hold_id", "account_id", "ttl", "floor", "min_version"]
        },
        { "PlaceHold, ttl too short", async credits => await credits.PlaceHoldAsync(new PlaceHoldRequest { PoolId = "p1", HoldId = "h", AccountId = "a", Ttl = new Duration { Nanos = 999_999_999 } }, As()), ["ttl"] },
        { "PlaceHold, ttl of forever", async credits => await credits.PlaceHoldAsync(new PlaceHoldRequest { PoolId = "p1", HoldId = "h", AccountId = "a", Ttl = new Duration { Seconds = long.MaxValue } }, As()), ["ttl"] },
        { "CaptureHold", async credits => await credits.CaptureHoldAsync(new CaptureHoldRequest { MinVersion = -1 }, As()), ["pool_id", "hold_id", "min_version", "send_time"] },
        { "CaptureHold, sent later", async credits => await credits.CaptureHoldAsync(new CaptureHoldRequest { PoolId = "p1", HoldId = "h", SendTime = Ahead }, As()), ["send_time"] },
        { "CaptureHold, no time at all", async credits => await credits.CaptureHoldAsync(new CaptureHoldRequest { PoolId = "p1", HoldId = "h", SendTime = new Timestamp { Seconds = long.MaxValue, Nanos = -1 } }, As()), ["send_time"] },
        { "ReleaseHold", async credits => await credits.ReleaseHoldAsync(new ReleaseHoldRequest { PoolId = TooLong[..65], HoldId = "a/b", MinVersion = -1 }, As()), ["pool_id", "hold_id", "min_version"] },
        { "RefundHold", async credits => await credits.RefundHoldAsync(new RefundHoldRequest { ReplyTime = Ahead, Trigger = (RefundTrigger)9, MinVersion = -1 }, As()), ["pool_id", "hold_id", "reply_time", "trigger", "min_version"] },
        { "GetHold", async credits => await credits.GetHoldAsync(new GetHoldRequest(), As()), ["pool_id", "hold_id"] },
        {
            "ReconcilePool",
            async credits => await credits.ReconcilePoolAsync(new ReconcilePoolRequest { ObservedAvailable = 100_001, UnknownSends = -1, ObserveTime = Ahead, MinVersion = -1 }, As()),
            ["pool_id", "reconcile_id", "observed_available", "unknown_sends", "min_version", "observe_time"]
        },
        {
            "ChangePlan",
            async credits => await credits.ChangePlanAsync(new ChangePlanRequest { PlanId = "gold", Renewal = new Renewal { BillingAnchor = new BillingAnchor() }, OpeningBalance = -1, Terms = new Terms { Currency = "usd" } }, As()),
            ["pool_id", "change_id", "plan_id", "renewal.billing_anchor.day", "opening_balance", "terms.currency"]
        },
        { "CancelPlan", async credits => await credits.CancelPlanAsync(new CancelPlanRequest(), As()), ["pool_id", "change_id"] },
        {
            "PutPlanOverride",
            async credits => await credits.PutPlanOverrideAsync(
                new PutPlanOverrideRequest
                {
                    PlanId = "premium_career",
                    Terms = new Terms
                    {
                        MonthlyGrant = 10_001,
                        Cap = -1,
                        Floor = 10_001,
                        PriceMicros = -1,
                        Currency = "EURO",
                        RenewalRule = (RenewalRule)9,
                        Overflow = (Overflow)9,
                        BurnOrder = (BurnOrder)9,
                        LotAge = new Duration { Seconds = 3_599 },
                        RefundWindow = new Duration { Seconds = -1 },
                        RefundTriggers = new RefundTriggers { Triggers = { RefundTrigger.Unspecified } },
                        RefundLife = (RefundLife)9,
                        RefundConfirmedAfter = new Duration { Seconds = long.MaxValue },
                        AnnounceBefore = new Duration { Seconds = 61 * 86_400 },
                    },
                },
                As()),
            [
                "terms.monthly_grant", "terms.cap", "terms.floor", "terms.price_micros", "terms.currency", "terms.renewal_rule", "terms.overflow", "terms.burn_order", "terms.lot_age",
                "terms.refund_window", "terms.refund_triggers.triggers", "terms.refund_life", "terms.refund_confirmed_after", "terms.announce_before", "terms.cap",
            ]
        },
        { "PutPlanOverride, cap under the grant", async credits => await credits.PutPlanOverrideAsync(new PutPlanOverrideRequest { PlanId = "premium_career", Terms = new Terms { Cap = 4 } }, As()), ["terms.cap"] },
        { "PutTerms", async credits => await credits.PutTermsAsync(new PutTermsRequest { PoolId = "p1", Terms = new Terms { Cap = 1, RenewalRule = RenewalRule.BillingAnchor } }, As()), ["terms.cap", "terms.renewal_rule"] },
        { "VoidLot", async credits => await credits.VoidLotAsync(new VoidLotRequest { LotId = "0" }, As()), ["pool_id", "lot_id"] },
        { "PutSeat", async credits => await credits.PutSeatAsync(new PutSeatRequest { PeriodLimit = -1, WeekLimit = 10_001 }, As()), ["pool_id", "account_id", "period_limit", "week_limit"] },
        { "PutBudget", async credits => await credits.PutBudgetAsync(new PutBudgetRequest { Credits = 100_001 }, As()), ["pool_id", "campaign_id", "credits"] },
        {
            "ImportSends",
            async credits => await credits.ImportSendsAsync(new ImportSendsRequest { Sends = { new ImportedSend { HoldId = "i", AccountId = "a", SendTime = Ahead }, new ImportedSend { HoldId = "i", SendTime = Time("2026-01-01T00:00:00Z") } } }, As()),
            ["pool_id", "sends[0].send_time", "sends[1].hold_id", "sends[1].account_id"]
        },
        { "ImportSends, none", async credits => await credits.ImportSendsAsync(new ImportSendsRequest { PoolId = "p1" }, As()), ["sends"] },
        { "PlaceHold, campaign", async credits => await credits.PlaceHoldAsync(new PlaceHoldRequest { PoolId = "p1", HoldId = "h", AccountId = "a", CampaignId = "a b" }, As()), ["campaign_id"] },
        { "ListHolds", async credits => await credits.ListHoldsAsync(new ListHoldsRequest { PageSize = 1_001, State = (HoldState)99, AccountId = "a b" }, As()), ["pool_id", "page_size", "state", "account_id"] },
        { "ListEntries", async credits => await credits.ListEntriesAsync(new ListEntriesRequest { PageSize = -1, PageToken = "0" }, As()), ["pool_id", "page_size", "page_token"] },
        {
            "ListEntries, filter",
            async credits => await credits.ListEntriesAsync(new ListEntriesRequest
            {
                PoolId = "p1",
                Kinds = { (EntryKind)999 },
                HoldId = TooLong,
                CauseId = "a b",
                FromTime = Time("2026-02-01T00:00:00Z"),
                UntilTime = Time("2026-02-01T00:00:00Z"),
            }, As()),
            ["kinds", "hold_id", "cause_id", "until_time"]
        },
        { "VerifyJournal", async credits => await credits.VerifyJournalAsync(new VerifyJournalRequest { PoolId = "" }, As()), ["pool_id"] },
        { "TrimJournal", async credits => await credits.TrimJournalAsync(new TrimJournalRequest { Sha256 = new string('g', 64), Actor = " " }, As()), ["pool_id", "last_sequence", "sha256", "actor"] },
        { "AcceptRewind", async credits => await credits.AcceptRewindAsync(new AcceptRewindRequest { Actor = " ", SeenVersion = -1 }, As()), ["pool_id", "actor", "seen_version"] },
    };

    [Fact]
    public async Task Names_every_violation_at_once_and_changes_nothing()
    {
        await using var app = await StartAsync();
        await app.OpenAsync();
        var before = await app.PoolAsync();
        foreach (var row in Requests)
        {
            var (name, call, fields) = ((string)row[0]!, (Func<CreditsService.CreditsServiceClient, Task>)row[1]!, (string[])row[2]!);
            var fault = RpcFault.From(await Assert.ThrowsAsync<RpcException>(() => call(app.Client)));
            Assert.Equal(("INVALID_REQUEST", StatusCode.InvalidArgument), (fault.Reason, fault.Code));
            Assert.True(fields.SequenceEqual(fault.Violations.Select(violation => violation.Field)), $"{name}: {string.Join(", ", fault.Violations.Select(violation => violation.Field))}");
        }

        Assert.Equal(before, await app.PoolAsync());
        Assert.Single((await app.Client.ListPoolsAsync(new ListPoolsRequest(), As())).Pools);
    }
}
