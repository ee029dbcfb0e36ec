using System.Diagnostics;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Ledger;
using Pennypost.Store;
using Shown = Pennypost.Types.V1;

namespace Pennypost.Credits;

/// <summary>The service at the wire. Each call: parse, decide and commit, answer. The rules are in <see cref="LedgerRules"/>.</summary>
internal sealed partial class CreditsEdge(PoolBook book, PoolHistory history, PoolTrimming trimming, PoolWatches watches, PlanOverrides plans, Drift drift, HoldCalls holds, TransactStream streams, StateStore store, FaultDomain faults) : CreditsService.CreditsServiceBase
{
    public override Task<PlaceHoldResponse> PlaceHold(PlaceHoldRequest request, ServerCallContext context) => CallAsync(new PlaceHoldCall(request), context);

    public override Task<CaptureHoldResponse> CaptureHold(CaptureHoldRequest request, ServerCallContext context) => CallAsync(new CaptureHoldCall(request), context);

    public override Task<ReleaseHoldResponse> ReleaseHold(ReleaseHoldRequest request, ServerCallContext context) => CallAsync(new ReleaseHoldCall(request), context);

    public override Task<RefundHoldResponse> RefundHold(RefundHoldRequest request, ServerCallContext context) => CallAsync(new RefundHoldCall(request), context);

    public override async Task<GetHoldResponse> GetHold(GetHoldRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        Requests.Parse(request, violations);
        Check(violations);
        var (pool, hold) = await book.ReadHoldAsync(Partition(context, request.PoolId), request.HoldId, context.CancellationToken);
        if (pool is null) throw faults.PoolNotFound(request.PoolId);
        return new GetHoldResponse { Hold = Wire.Hold(hold, pool) ?? throw faults.HoldNotFound(request.PoolId, request.HoldId) };
    }

    public override async Task<ListHoldsResponse> ListHolds(ListHoldsRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        var (size, token) = Requests.Parse(request, violations);
        Check(violations);
        try
        {
            var (pool, found, next) = await book.ListHoldsAsync(Partition(context, request.PoolId), size, token, context.CancellationToken) ?? throw faults.PoolNotFound(request.PoolId);
            var shown = found.Select(hold => Wire.Hold(hold, pool)).OfType<Shown.Hold>()
                .Where(hold => (request.State == default || hold.State == request.State) && (request.AccountId.Length == 0 || hold.AccountId == request.AccountId));
            return new ListHoldsResponse { Holds = { shown }, NextPageToken = next ?? "" };
        }
        catch (ArgumentException)
        {
            violations.Add("page_token", Requests.NoToken);
            throw faults.Invalid(violations);
        }
    }

    private static PartitionId Partition(ServerCallContext context, string poolId) => PoolBook.Partition(context.Caller().Tenant, poolId);

    private void Check(Violations violations)
    {
        if (violations.Any) throw faults.Invalid(violations);
    }

    private Task<TResponse> CallAsync<TResponse>(HoldCall<TResponse> call, ServerCallContext context) where TResponse : class =>
        holds.CallAsync(call, context.Caller().Tenant, context.CancellationToken);

    /// <summary>Parses what must be compared with now.</summary>
    private async ValueTask<T> ParseAsync<T>(Func<DateTimeOffset, Violations, T> parse, ServerCallContext context)
    {
        T parsed = default!;
        Check(await holds.CheckAsync((now, violations) => parsed = parse(now, violations), context.CancellationToken));
        return parsed;
    }

    private Exception Unexpected(Answer answer, string poolId, string holdId) => answer switch
    {
        Answer.NoSuchPool => faults.PoolNotFound(poolId),
        Answer.NoSuchHold => faults.HoldNotFound(poolId, holdId),
        _ => new UnreachableException($"The ledger answered {answer.GetType().Name}."),
    };
}
