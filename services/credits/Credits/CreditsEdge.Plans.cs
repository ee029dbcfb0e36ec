using System.Globalization;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Ledger;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Credits;

internal sealed partial class CreditsEdge
{
    // A request's sends are decided one by one: all at once they would fill the shard's queue before anybody else.
    private const int ImportsAtOnce = 64;

    public override async Task<GetPlanCatalogResponse> GetPlanCatalog(GetPlanCatalogRequest request, ServerCallContext context)
    {
        var own = await plans.OfAsync(context.Caller().Tenant, context.CancellationToken);
        var response = new GetPlanCatalogResponse { CatalogVersion = PlanCatalog.Version.ToString(CultureInfo.InvariantCulture) };
        response.Plans.AddRange(PlanCatalog.Plans.OrderBy(plan => plan.Id, StringComparer.Ordinal).Select(plan => Wire.Plan(plan, own.GetValueOrDefault(plan.Id))));
        return response;
    }

    public override async Task<PutPlanOverrideResponse> PutPlanOverride(PutPlanOverrideRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        var (plan, terms) = Requests.Parse(request, violations);
        Check(violations);
        if (!request.ValidateOnly) await plans.PutAsync(context.Caller().Tenant, plan.Id, terms, context.CancellationToken);
        return new PutPlanOverrideResponse { Plan = Wire.Plan(plan, terms) };
    }

    public override async Task<ChangePlanResponse> ChangePlan(ChangePlanRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        var (plan, content) = Requests.Parse(request, await plans.OfAsync(context.Caller().Tenant, context.CancellationToken), violations);
        Check(violations);
        var booked = await ChangeAsync(
            request.PoolId, request.ChangeId, now => new Command.ChangePlan(request.ChangeId, plan, content) { Now = now }, plan.Id, request.ValidateOnly, context);
        return new ChangePlanResponse { Pool = Wire.Pool(booked.Pool!, booked.Version) };
    }

    public override async Task<CancelPlanResponse> CancelPlan(CancelPlanRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        Requests.Parse(request, violations);
        Check(violations);
        var booked = await ChangeAsync(
            request.PoolId, request.ChangeId, now => new Command.CancelPlan(request.ChangeId) { Now = now }, "", request.ValidateOnly, context);
        return new CancelPlanResponse { Pool = Wire.Pool(booked.Pool!, booked.Version) };
    }

    public override async Task<PutTermsResponse> PutTerms(PutTermsRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        violations.Id("pool_id", request.PoolId);
        Check(violations);
        var partition = Partition(context, request.PoolId);
        var (pool, _) = await book.ReadAsync(partition, 0, context.CancellationToken);
        if (pool is null) throw faults.PoolNotFound(request.PoolId);

        // The plan's own rules are what the tenant has of the catalogue; a plan that left the catalogue keeps those that the pool has.
        var own = await plans.OfAsync(context.Caller().Tenant, context.CancellationToken);
        var plan = PlanCatalog.Find(pool.Plan.Id) is { } known ? own.GetValueOrDefault(known.Id)?.On(known.Terms) ?? known.Terms : pool.Terms;
        var terms = RequestedTerms.Override(request.Terms, plan, violations)?.On(plan) ?? plan;
        if (terms.Renewal == RenewalKind.BillingAnchor && pool.Terms.Renewal != RenewalKind.BillingAnchor)
            violations.Add("terms.renewal_rule", "cannot become a billing day: which one, only a change of the plan says");
        Check(violations);
        var booked = await book.DecideAsync(partition, now => new Command.ChangeTerms(terms) { Now = now }, new Asked(0, request.ValidateOnly), context.CancellationToken);
        return booked.Answer is Answer.RulesSet
            ? new PutTermsResponse { Pool = Wire.Pool(booked.Pool!, booked.Version), Terms = Wire.Terms(booked.Pool!.Terms) }
            : throw Unexpected(booked.Answer, request.PoolId, "");
    }

    public override async Task<VoidLotResponse> VoidLot(VoidLotRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        var lot = Requests.Parse(request, violations);
        Check(violations);
        var booked = await book.DecideAsync(
            Partition(context, request.PoolId), now => new Command.VoidLot(lot) { Now = now }, new Asked(0, request.ValidateOnly), context.CancellationToken);
        return booked.Answer switch
        {
            Answer.LotVoided voided => new VoidLotResponse { Voided = voided.Credits, Pool = Wire.Pool(booked.Pool!, booked.Version) },
            Answer.NoSuchLot => throw faults.LotNotFound(request.PoolId, request.LotId),
            var answer => throw Unexpected(answer, request.PoolId, ""),
        };
    }

    public override async Task<PutSeatResponse> PutSeat(PutSeatRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        var command = Requests.Parse(request, violations);
        Check(violations);
        var pool = await SetAsync(request.PoolId, command, request.ValidateOnly, context);
        return new PutSeatResponse { Seat = Limits.SeatOf(pool.Seats, request.AccountId) is { } seat ? Wire.Seat(seat, pool) : null };
    }

    public override async Task<PutBudgetResponse> PutBudget(PutBudgetRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        var command = Requests.Parse(request, violations);
        Check(violations);
        var pool = await SetAsync(request.PoolId, command, request.ValidateOnly, context);
        return new PutBudgetResponse { Budget = Limits.BudgetOf(pool.Budgets, request.CampaignId) is { } budget ? Wire.Budget(budget) : null };
    }

    public override async Task<ImportSendsResponse> ImportSends(ImportSendsRequest request, ServerCallContext context)
    {
        var sends = await ParseAsync((now, violations) => Requests.Parse(request, now, violations), context);
        var partition = Partition(context, request.PoolId);
        var response = new ImportSendsResponse();
        foreach (var some in sends.Chunk(ImportsAtOnce))
        {
            var booked = await Task.WhenAll(some.Select(send => book.DecideNewAsync(
                partition, KeptDocument.HoldKey(send.HoldId), now => send with { Now = now }, new Asked(0, request.ValidateOnly), context.CancellationToken)));
            foreach (var (send, one) in some.Zip(booked))
            {
                response.Results.Add(one.Answer switch
                {
                    Answer.SendImported imported => new Shown.ImportedSendResult { HoldId = send.HoldId, Hold = Wire.Hold(imported.Hold, one.Pool!) },
                    Answer.HoldIdReused reused => new Shown.ImportedSendResult { HoldId = send.HoldId, ReusedField = reused.Field },
                    var answer => throw Unexpected(answer, request.PoolId, send.HoldId),
                });
            }
        }

        var (pool, version) = await book.ReadAsync(partition, 0, context.CancellationToken);
        response.Pool = Wire.Pool(pool!, version);
        return response;
    }

    private async Task<Booked> ChangeAsync(string poolId, string changeId, Func<DateTimeOffset, Command> command, string planId, bool onlyTried, ServerCallContext context)
    {
        var booked = await book.DecideNewAsync(
            Partition(context, poolId), KeptDocument.PlanChangeKey(changeId), command, new Asked(0, onlyTried), context.CancellationToken);
        return booked.Answer switch
        {
            Answer.PlanChanged => booked,
            Answer.PlanChangeRefused { Refusal: PlanChangeRefusal.OtherProduct } => throw faults.ProductDiffers(poolId, planId),
            Answer.PlanChangeRefused => throw faults.PlanCancelled(poolId),
            Answer.CommandIdReused reused => throw faults.CommandIdReused(changeId, reused.Field),
            var answer => throw Unexpected(answer, poolId, ""),
        };
    }

    private async Task<Pool> SetAsync(string poolId, Command command, bool onlyTried, ServerCallContext context)
    {
        var booked = await book.DecideAsync(Partition(context, poolId), now => command with { Now = now }, new Asked(0, onlyTried), context.CancellationToken);
        return booked.Answer switch
        {
            Answer.RulesSet => booked.Pool!,
            Answer.TooManyLimits => throw faults.PoolFull(poolId, "limits", Pool.MaxLimits),
            var answer => throw Unexpected(answer, poolId, ""),
        };
    }
}
