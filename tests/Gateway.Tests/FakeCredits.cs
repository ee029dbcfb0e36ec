using System.Collections.Concurrent;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Errors.V1;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Tests;

/// <summary>A peer over the wire that speaks the credits contract as far as the gateway calls it.</summary>
internal sealed class FakeCredits : CreditsService.CreditsServiceBase
{
    private static readonly FaultDomain Faults = new("credits");

    public ConcurrentDictionary<(string Tenant, string Id), Pool> Pools { get; } = new();
    public ConcurrentQueue<CreatePoolRequest> Created { get; } = new();

    public override Task<CreatePoolResponse> CreatePool(CreatePoolRequest request, ServerCallContext context)
    {
        Created.Enqueue(request);
        var pool = new Pool { PoolId = request.PoolId, PlanId = request.PlanId };
        Pools[(context.Caller().Tenant, request.PoolId)] = pool;
        return Task.FromResult(new CreatePoolResponse { Pool = pool });
    }

    public override Task<GetPoolResponse> GetPool(GetPoolRequest request, ServerCallContext context) =>
        Task.FromResult(new GetPoolResponse { Pool = Find(request.PoolId, context) });

    public override Task<ListPoolsResponse> ListPools(ListPoolsRequest request, ServerCallContext context)
    {
        var answer = new ListPoolsResponse();
        answer.Pools.Add(Pools.Where(pool => pool.Key.Tenant == context.Caller().Tenant).Select(pool => pool.Value));
        return Task.FromResult(answer);
    }

    public override Task<TopUpResponse> TopUp(TopUpRequest request, ServerCallContext context) =>
        Task.FromResult(new TopUpResponse { Pool = Find(request.PoolId, context) });

    public Func<ListEntriesRequest, ListEntriesResponse> OnListEntries { get; set; } = _ => new();

    public override Task<ListEntriesResponse> ListEntries(ListEntriesRequest request, ServerCallContext context)
    {
        Find(request.PoolId, context);
        return Task.FromResult(OnListEntries(request));
    }

    public override Task<VerifyJournalResponse> VerifyJournal(VerifyJournalRequest request, ServerCallContext context)
    {
        Find(request.PoolId, context);
        return Task.FromResult(new VerifyJournalResponse { Valid = true, Entries = 7, HeadHash = "ab" });
    }

    public override Task<ForecastResponse> Forecast(ForecastRequest request, ServerCallContext context) =>
        Task.FromResult(new ForecastResponse { PoolVersion = Find(request.PoolId, context).Version });

    public override Task<ChangePlanResponse> ChangePlan(ChangePlanRequest request, ServerCallContext context) =>
        Task.FromResult(new ChangePlanResponse { Pool = Find(request.PoolId, context) });

    public override Task<CancelPlanResponse> CancelPlan(CancelPlanRequest request, ServerCallContext context) =>
        Task.FromResult(new CancelPlanResponse { Pool = Find(request.PoolId, context) });

    public override Task<PutTermsResponse> PutTerms(PutTermsRequest request, ServerCallContext context) =>
        Task.FromResult(new PutTermsResponse { Pool = Find(request.PoolId, context), Terms = request.Terms });

    public override Task<VoidLotResponse> VoidLot(VoidLotRequest request, ServerCallContext context) =>
        Task.FromResult(new VoidLotResponse { Pool = Find(request.PoolId, context) });

    public override Task<PutSeatResponse> PutSeat(PutSeatRequest request, ServerCallContext context)
    {
        Find(request.PoolId, context);
        var seat = new Seat { AccountId = request.AccountId };
        if (request.HasPeriodLimit) seat.PeriodLimit = request.PeriodLimit;
        if (request.HasWeekLimit) seat.WeekLimit = request.WeekLimit;
        return Task.FromResult(new PutSeatResponse { Seat = seat });
    }

    public override Task<PutBudgetResponse> PutBudget(PutBudgetRequest request, ServerCallContext context)
    {
        Find(request.PoolId, context);
        return Task.FromResult(new PutBudgetResponse { Budget = request.HasCredits ? new Budget { CampaignId = request.CampaignId, Credits = request.Credits } : null });
    }

    public override Task<ImportSendsResponse> ImportSends(ImportSendsRequest request, ServerCallContext context) =>
        Task.FromResult(new ImportSendsResponse { Pool = Find(request.PoolId, context), Results = { request.Sends.Select(send => new ImportedSendResult { HoldId = send.HoldId }) } });

    public override Task<ReconcilePoolResponse> ReconcilePool(ReconcilePoolRequest request, ServerCallContext context) =>
        Task.FromResult(new ReconcilePoolResponse { Pool = Find(request.PoolId, context) });

    public override Task<ListHoldsResponse> ListHolds(ListHoldsRequest request, ServerCallContext context)
    {
        Find(request.PoolId, context);
        return Task.FromResult(new ListHoldsResponse());
    }

    public override Task<GetPlanCatalogResponse> GetPlanCatalog(GetPlanCatalogRequest request, ServerCallContext context) =>
        Task.FromResult(new GetPlanCatalogResponse { CatalogVersion = "1" });

    public override Task<PutPlanOverrideResponse> PutPlanOverride(PutPlanOverrideRequest request, ServerCallContext context) =>
        Task.FromResult(new PutPlanOverrideResponse { Plan = new Plan { PlanId = request.PlanId, Terms = request.Terms } });

    private Pool Find(string poolId, ServerCallContext context) =>
        Pools.TryGetValue((context.Caller().Tenant, poolId), out var pool)
            ? pool
            : throw Faults.Refuse(ErrorReason.PoolNotFound, "There is no such pool.", ("pool_id", poolId));
}
