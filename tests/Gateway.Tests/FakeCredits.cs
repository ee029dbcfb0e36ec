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

    public override Task<ListEntriesResponse> ListEntries(ListEntriesRequest request, ServerCallContext context)
    {
        Find(request.PoolId, context);
        return Task.FromResult(new ListEntriesResponse());
    }

    public override Task<VerifyJournalResponse> VerifyJournal(VerifyJournalRequest request, ServerCallContext context)
    {
        Find(request.PoolId, context);
        return Task.FromResult(new VerifyJournalResponse { Valid = true, Entries = 7, HeadHash = "ab" });
    }

    private Pool Find(string poolId, ServerCallContext context) =>
        Pools.TryGetValue((context.Caller().Tenant, poolId), out var pool)
            ? pool
            : throw Faults.Refuse(ErrorReason.PoolNotFound, "There is no such pool.", ("pool_id", poolId));
}
