using System.Diagnostics;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Ledger;
using Pennypost.Store;

namespace Pennypost.Credits;

/// <summary>The service at the wire. Each call: parse, decide and commit, answer. The rules are in <see cref="LedgerRules"/>.</summary>
internal sealed partial class CreditsEdge(PoolBook book, PlanOverrides plans, Drift drift, StateStore store, FaultDomain faults, TimeProvider time) : CreditsService.CreditsServiceBase
{
    public override async Task<PlaceHoldResponse> PlaceHold(PlaceHoldRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        var content = Requests.Parse(request, violations);
        Check(violations);
        var booked = await book.DecideNewAsync(
            Partition(context, request.PoolId),
            KeptDocument.HoldKey(request.HoldId),
            now => new Command.PlaceHold(request.HoldId, content) { Now = now },
            new Asked(request.MinVersion, request.ValidateOnly),
            context.CancellationToken);
        return booked.Answer switch
        {
            Answer.Placed placed => new PlaceHoldResponse { Hold = Wire.Hold(placed.Hold, booked.Pool!), Available = booked.Pool!.Available, PoolVersion = booked.Version },
            Answer.HoldRefused refused => throw faults.HoldRefused(request, refused.Refusal),
            Answer.HoldIdReused reused => throw faults.HoldIdReused(request.HoldId, reused.Field),
            var answer => throw Unexpected(answer, request.PoolId, request.HoldId),
        };
    }

    public override async Task<CaptureHoldResponse> CaptureHold(CaptureHoldRequest request, ServerCallContext context)
    {
        var sentAt = await ParseAsync((now, violations) => Requests.Parse(request, now, violations), context);
        var booked = await book.DecideKnownAsync(
            Partition(context, request.PoolId),
            KeptDocument.HoldKey(request.HoldId),
            now => new Command.CaptureHold(request.HoldId, sentAt) { Now = now },
            new Asked(request.MinVersion, request.ValidateOnly),
            context.CancellationToken);
        return booked.Answer switch
        {
            Answer.Captured captured => new CaptureHoldResponse { Hold = Wire.Hold(captured.Hold, booked.Pool!), PoolVersion = booked.Version },
            var answer => throw Unexpected(answer, request.PoolId, request.HoldId),
        };
    }

    public override async Task<ReleaseHoldResponse> ReleaseHold(ReleaseHoldRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        Requests.Parse(request, violations);
        Check(violations);
        var booked = await book.DecideKnownAsync(
            Partition(context, request.PoolId),
            KeptDocument.HoldKey(request.HoldId),
            now => new Command.ReleaseHold(request.HoldId) { Now = now },
            new Asked(request.MinVersion, request.ValidateOnly),
            context.CancellationToken);
        return booked.Answer switch
        {
            Answer.Released released => new ReleaseHoldResponse { Hold = Wire.Hold(released.Hold, booked.Pool!), PoolVersion = booked.Version },
            Answer.AlreadyCaptured captured => throw faults.HoldSettled(request.HoldId, captured.Hold.RefundedAt is null ? "CAPTURED" : "REFUNDED"),
            var answer => throw Unexpected(answer, request.PoolId, request.HoldId),
        };
    }

    public override async Task<RefundHoldResponse> RefundHold(RefundHoldRequest request, ServerCallContext context)
    {
        var repliedAt = await ParseAsync((now, violations) => Requests.Parse(request, now, violations), context);
        var booked = await book.DecideKnownAsync(
            Partition(context, request.PoolId),
            KeptDocument.HoldKey(request.HoldId),
            now => new Command.RefundHold(request.HoldId, repliedAt, Wire.Triggers(request.Trigger)) { Now = now },
            new Asked(request.MinVersion, request.ValidateOnly),
            context.CancellationToken);
        var (result, hold) = booked.Answer switch
        {
            Answer.Refunded refunded => (RefundResult.Refunded, refunded.Hold),
            Answer.AlreadyRefunded already => (RefundResult.AlreadyRefunded, already.Hold),
            Answer.RepliedTooLate late => (RefundResult.TooLate, late.Hold),
            Answer.NotATrigger not => (RefundResult.NotATrigger, not.Hold),
            Answer.NothingSpent nothing => (RefundResult.NotSpent, nothing.Hold),
            var answer => throw Unexpected(answer, request.PoolId, request.HoldId),
        };
        return new RefundHoldResponse { Result = result, Hold = Wire.Hold(hold, booked.Pool!), Available = booked.Pool!.Available, PoolVersion = booked.Version };
    }

    public override async Task<GetHoldResponse> GetHold(GetHoldRequest request, ServerCallContext context)
    {
        var violations = new Violations();
        Requests.Parse(request, violations);
        Check(violations);
        var (pool, hold) = await book.ReadHoldAsync(Partition(context, request.PoolId), request.HoldId, context.CancellationToken);
        if (pool is null) throw faults.PoolNotFound(request.PoolId);
        return new GetHoldResponse { Hold = Wire.Hold(hold, pool) ?? throw faults.HoldNotFound(request.PoolId, request.HoldId) };
    }

    private static PartitionId Partition(ServerCallContext context, string poolId) => PoolBook.Partition(context.Caller().Tenant, poolId);

    private void Check(Violations violations)
    {
        if (violations.Any) throw faults.Invalid(violations);
    }

    /// <summary>
    /// Parses what must be compared with now. The installation's clock is never behind this machine's, so what is not too new for this one is fine; only what is
    /// refused by it is looked at again by the installation's.
    /// </summary>
    private async ValueTask<T> ParseAsync<T>(Func<DateTimeOffset, Violations, T> parse, ServerCallContext context)
    {
        var violations = new Violations();
        var parsed = parse(time.GetUtcNow(), violations);
        if (violations.Any)
        {
            violations = new Violations();
            parsed = parse(await store.NowAsync(context.CancellationToken), violations);
            Check(violations);
        }

        return parsed;
    }

    private Exception Unexpected(Answer answer, string poolId, string holdId) => answer switch
    {
        Answer.NoSuchPool => faults.PoolNotFound(poolId),
        Answer.NoSuchHold => faults.HoldNotFound(poolId, holdId),
        _ => new UnreachableException($"The ledger answered {answer.GetType().Name}."),
    };
}
