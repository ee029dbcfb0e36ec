using System.Diagnostics;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Ledger;

namespace Pennypost.Credits;

internal sealed partial class CreditsEdge
{
    public override async Task<ForecastResponse> Forecast(ForecastRequest request, ServerCallContext context)
    {
        // By the installation's clock alone: what is planned must lie ahead of it.
        var now = await store.NowAsync(context.CancellationToken);
        var violations = new Violations();
        var (outlook, whatIf) = Requests.Parse(request, await plans.OfAsync(context.Caller().Tenant, context.CancellationToken), now, violations);
        Check(violations);
        var (read, version) = await book.ReadAsync(Partition(context, request.PoolId), request.MinVersion, context.CancellationToken);
        var pool = read ?? throw faults.PoolNotFound(request.PoolId);
        if (whatIf?.Plan is { } plan && plan.Product != pool.Plan.Product) throw faults.ProductDiffers(pool.Id, plan.Id);

        var plain = Ahead(Forecasting.Of(pool, outlook, null), pool);
        var response = new ForecastResponse { AsOfTime = Wire.Time(pool.AsOf), PoolVersion = version, ReplyRate = ForecastWire.Rate(outlook.Replies), Projection = ForecastWire.Projection(plain) };
        if (whatIf is not null)
        {
            var other = Ahead(Forecasting.Of(pool, outlook, whatIf), pool);
            response.WhatIf = ForecastWire.Projection(other);
            response.Difference = ForecastWire.Difference(plain, other);
        }

        return response;
    }

    private Forecast.Ahead Ahead(Forecast forecast, Pool pool) => forecast switch
    {
        Ledger.Forecast.Ahead ahead => ahead,
        Ledger.Forecast.TopUpRefused { Refusal: TopUpRefusal.TooManyLots } => throw faults.PoolFull(pool.Id, "lots", Pool.MaxLots),
        Ledger.Forecast.TopUpRefused { Refusal: TopUpRefusal.PlanCancelled } => throw faults.PlanCancelled(pool.Id),
        Ledger.Forecast.TopUpRefused refused => throw faults.TopUpNotAllowed(refused.PlanId),
        _ => throw new UnreachableException(),
    };
}
