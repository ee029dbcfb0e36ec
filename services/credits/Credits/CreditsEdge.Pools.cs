using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Ledger;
using Pennypost.Store;

namespace Pennypost.Credits;

internal sealed partial class CreditsEdge
{
    private const int ReadsAtOnce = 32;

    public override async Task<CreatePoolResponse> CreatePool(CreatePoolRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        var (plan, opening) = Requests.Parse(request, await plans.OfAsync(context.Caller().Tenant, context.CancellationToken), violations);
        Check(violations);
        var booked = await book.DecideAsync(
            Partition(context, request.PoolId),
            now => new Command.OpenPool(request.PoolId, plan, opening) { Now = now },
            new Asked(0, request.ValidateOnly),
            context.CancellationToken);
        return booked.Answer switch
        {
            Answer.PoolOpen => new CreatePoolResponse { Pool = Wire.Pool(booked.Pool!, booked.Version) },
            Answer.PoolIdReused reused => throw faults.PoolIdReused(request.PoolId, reused.Field),
            var answer => throw Unexpected(answer, request.PoolId, ""),
        };
    }

    public override async Task<GetPoolResponse> GetPool(GetPoolRequest request, ServerCallContext context)
    {
        var moment = await ParseAsync((now, violations) => Requests.Parse(request, now, violations), context);
        var partition = Partition(context, request.PoolId);
        if (moment is { } past) return await GetPastPoolAsync(partition, request.MinVersion, past, context.CancellationToken);
        var (pool, version) = await book.ReadAsync(partition, request.MinVersion, context.CancellationToken);
        if (pool is null) throw faults.PoolNotFound(request.PoolId);
        var response = new GetPoolResponse { Pool = Wire.Pool(pool, version), Terms = Wire.Terms(pool.Terms) };
        response.Seats.AddRange(pool.Seats.Select(seat => Wire.Seat(seat, pool)));
        response.Budgets.AddRange(pool.Budgets.Select(Wire.Budget));
        return response;
    }

    private async Task<GetPoolResponse> GetPastPoolAsync(PartitionId partition, long minVersion, DateTimeOffset moment, CancellationToken ct)
    {
        var journal = await history.OpenAsync(partition, minVersion, ct) ?? throw faults.PoolNotFound(partition.Id);
        return await history.AtAsync(journal, moment, ct) switch
        {
            Past.Known known => new GetPoolResponse { Pool = Wire.Pool(known.Pool, journal.Version), Terms = Wire.Terms(known.Pool.Terms) },
            Past.NotYetOpen early => throw faults.PoolNotYetCreated(partition.Id, early.OpenedAt),
            Past.Trimmed => throw faults.JournalTrimmed(journal),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    public override async Task<ListPoolsResponse> ListPools(ListPoolsRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        var (size, token) = Requests.Parse(request, violations);
        Check(violations);
        var page = await store.ListAsync(PoolBook.Kind, context.Caller().Tenant, size, token, context.CancellationToken);
        var response = new ListPoolsResponse { NextPageToken = page.NextPageToken ?? "" };
        foreach (var some in page.Partitions.Chunk(ReadsAtOnce))
        {
            foreach (var (pool, version) in await Task.WhenAll(some.Select(partition => book.ReadAsync(partition, 0, context.CancellationToken))))
                if (pool is not null) response.Pools.Add(Wire.Pool(pool, version));
        }

        return response;
    }

    public override async Task<TopUpResponse> TopUp(TopUpRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        var content = Requests.Parse(request, await store.NowAsync(context.CancellationToken), violations);
        Check(violations);
        var booked = await book.DecideNewAsync(
            Partition(context, request.PoolId),
            KeptDocument.TopUpKey(request.TopUpId),
            now => new Command.TopUp(request.TopUpId, content) { Now = now },
            new Asked(0, request.ValidateOnly),
            context.CancellationToken);
        return booked.Answer switch
        {
            Answer.ToppedUp => new TopUpResponse { Pool = Wire.Pool(booked.Pool!, booked.Version) },
            Answer.TopUpRefused { Refusal: TopUpRefusal.TooManyLots } => throw faults.PoolFull(request.PoolId, "lots", Pool.MaxLots),
            Answer.TopUpRefused { Refusal: TopUpRefusal.PlanCancelled } => throw faults.PlanCancelled(request.PoolId),
            Answer.TopUpRefused => throw faults.TopUpNotAllowed(booked.Pool!.Plan.Id),
            Answer.CommandIdReused reused => throw faults.CommandIdReused(request.TopUpId, reused.Field),
            var answer => throw Unexpected(answer, request.PoolId, ""),
        };
    }

    public override async Task<ReconcilePoolResponse> ReconcilePool(ReconcilePoolRequest request, ServerCallContext context)
    {
        var content = await ParseAsync((now, violations) => Requests.Parse(request, now, violations), context);
        var booked = await book.DecideNewAsync(
            Partition(context, request.PoolId),
            KeptDocument.ReconciliationKey(request.ReconcileId),
            now => new Command.Reconcile(request.ReconcileId, content) { Now = now },
            new Asked(request.MinVersion, request.ValidateOnly),
            context.CancellationToken);
        return booked.Answer switch
        {
            Answer.Reconciled { Finding: var finding } => Told(finding, booked, request),
            Answer.CommandIdReused reused => throw faults.CommandIdReused(request.ReconcileId, reused.Field),
            var answer => throw Unexpected(answer, request.PoolId, ""),
        };
    }

    public override async Task<AcceptRewindResponse> AcceptRewind(AcceptRewindRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        Requests.Parse(request, violations);
        Check(violations);
        var partition = Partition(context, request.PoolId);
        await CheckExistsUnlessRewoundAsync(partition, context.CancellationToken);
        await store.AcceptRewindAsync(partition, request.SeenVersion, request.Actor, context.CancellationToken);
        var (pool, version) = await book.ReadAsync(partition, 0, context.CancellationToken);
        return new AcceptRewindResponse { Pool = Wire.Pool(pool ?? throw faults.PoolNotFound(request.PoolId), version) };
    }

    private ReconcilePoolResponse Told(Finding finding, Booked booked, ReconcilePoolRequest request)
    {
        if (!request.ValidateOnly) drift.Measure(request.PoolId, finding);
        return new ReconcilePoolResponse
        {
            Adjusted = finding.Adjusted,
            Drift = finding.Drift,
            Applied = finding.Applied,
            Pool = Wire.Pool(booked.Pool!, booked.Version),
        };
    }

    // Accepting a rewind of what never was would leave a version without a pool.
    private async Task CheckExistsUnlessRewoundAsync(PartitionId partition, CancellationToken ct)
    {
        try
        {
            var (pool, _) = await book.ReadAsync(partition, 0, ct);
            if (pool is null) throw faults.PoolNotFound(partition.Id);
        }
        catch (StoreRewoundException)
        {
            // That is what the call is for.
        }
    }
}
