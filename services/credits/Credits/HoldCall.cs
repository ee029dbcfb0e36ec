using System.Diagnostics;
using Grpc.Core;
using Pennypost.Credits.V1;
using Pennypost.Hosting;
using Pennypost.Ledger;

namespace Pennypost.Credits;

/// <summary>What a caller is told: a response, or why there is none.</summary>
internal readonly record struct Told<TResponse>(TResponse? Response, RpcException? Refusal) where TResponse : class
{
    public static implicit operator Told<TResponse>(TResponse response) => new(response, null);

    public static implicit operator Told<TResponse>(RpcException refusal) => new(null, refusal);

    public TResponse OrThrow() => Refusal is null ? Response! : throw Refusal;
}

/// <summary>One call on one hold: how its request is checked, what the ledger is asked, and how the answer reads. The same whether it comes alone or in a stream.</summary>
internal abstract class HoldCall(string poolId, string holdId, Asked asked)
{
    public string PoolId => poolId;

    public string HoldId => holdId;

    public Asked Asked => asked;

    /// <summary>Its name among the commands of a stream.</summary>
    public abstract string Name { get; }

    /// <summary>Whether its id is probably new to the pool.</summary>
    public virtual bool IsNew => false;

    /// <summary>Whether its request has a time that is compared with now.</summary>
    public virtual bool HasTime => false;

    /// <summary>Reads the request; what is wrong with it is added to <paramref name="violations"/>.</summary>
    public abstract void Parse(DateTimeOffset now, Violations violations);

    /// <summary>What the ledger is asked. Only after a <see cref="Parse"/> that found nothing.</summary>
    public abstract Command At(DateTimeOffset now);

    /// <summary>Puts the response into a stream's answer, or says why there is none.</summary>
    public abstract RpcException? Tell(Booked booked, FaultDomain faults, TransactAnswer answer);

    /// <summary>The call that a stream's command means; null when it means none.</summary>
    public static HoldCall? Of(TransactCommand command) => command.CommandCase switch
    {
        TransactCommand.CommandOneofCase.PlaceHold => new PlaceHoldCall(command.PlaceHold),
        TransactCommand.CommandOneofCase.CaptureHold => new CaptureHoldCall(command.CaptureHold),
        TransactCommand.CommandOneofCase.ReleaseHold => new ReleaseHoldCall(command.ReleaseHold),
        TransactCommand.CommandOneofCase.RefundHold => new RefundHoldCall(command.RefundHold),
        _ => null,
    };

    protected RpcException Refused(Answer answer, FaultDomain faults) => answer switch
    {
        Answer.NoSuchPool => faults.PoolNotFound(PoolId),
        Answer.NoSuchHold => faults.HoldNotFound(PoolId, HoldId),
        _ => throw new UnreachableException($"The ledger answered {answer.GetType().Name}."),
    };
}

/// <summary>A call with the response that it is answered with.</summary>
internal abstract class HoldCall<TResponse>(string poolId, string holdId, Asked asked) : HoldCall(poolId, holdId, asked)
    where TResponse : class
{
    public abstract Told<TResponse> Tell(Booked booked, FaultDomain faults);

    public override RpcException? Tell(Booked booked, FaultDomain faults, TransactAnswer answer)
    {
        var told = Tell(booked, faults);
        if (told.Response is { } response) Put(response, answer);
        return told.Refusal;
    }

    protected abstract void Put(TResponse response, TransactAnswer answer);
}

internal sealed class PlaceHoldCall(PlaceHoldRequest request) : HoldCall<PlaceHoldResponse>(request.PoolId, request.HoldId, new Asked(request.MinVersion, request.ValidateOnly))
{
    private HoldContent content = null!;

    public override string Name => "place_hold";

    public override bool IsNew => true;

    public override void Parse(DateTimeOffset now, Violations violations) => content = Requests.Parse(request, violations);

    public override Command At(DateTimeOffset now) => new Command.PlaceHold(HoldId, content) { Now = now };

    public override Told<PlaceHoldResponse> Tell(Booked booked, FaultDomain faults) => booked.Answer switch
    {
        Answer.Placed placed => new PlaceHoldResponse { Hold = Wire.Hold(placed.Hold, booked.Pool!), Available = booked.Pool!.Available, PoolVersion = booked.Version },
        Answer.HoldRefused refused => faults.HoldRefused(request, refused.Refusal),
        Answer.HoldIdReused reused => faults.HoldIdReused(HoldId, reused.Field),
        var answer => Refused(answer, faults),
    };

    protected override void Put(PlaceHoldResponse response, TransactAnswer answer) => answer.PlaceHold = response;
}

internal sealed class CaptureHoldCall(CaptureHoldRequest request) : HoldCall<CaptureHoldResponse>(request.PoolId, request.HoldId, new Asked(request.MinVersion, request.ValidateOnly))
{
    private DateTimeOffset sentAt;

    public override string Name => "capture_hold";

    public override bool HasTime => true;

    public override void Parse(DateTimeOffset now, Violations violations) => sentAt = Requests.Parse(request, now, violations);

    public override Command At(DateTimeOffset now) => new Command.CaptureHold(HoldId, sentAt) { Now = now };

    public override Told<CaptureHoldResponse> Tell(Booked booked, FaultDomain faults) => booked.Answer switch
    {
        Answer.Captured captured => new CaptureHoldResponse { Hold = Wire.Hold(captured.Hold, booked.Pool!), PoolVersion = booked.Version },
        var answer => Refused(answer, faults),
    };

    protected override void Put(CaptureHoldResponse response, TransactAnswer answer) => answer.CaptureHold = response;
}

internal sealed class ReleaseHoldCall(ReleaseHoldRequest request) : HoldCall<ReleaseHoldResponse>(request.PoolId, request.HoldId, new Asked(request.MinVersion, request.ValidateOnly))
{
    public override string Name => "release_hold";

    public override void Parse(DateTimeOffset now, Violations violations) => Requests.Parse(request, violations);

    public override Command At(DateTimeOffset now) => new Command.ReleaseHold(HoldId) { Now = now };

    public override Told<ReleaseHoldResponse> Tell(Booked booked, FaultDomain faults) => booked.Answer switch
    {
        Answer.Released released => new ReleaseHoldResponse { Hold = Wire.Hold(released.Hold, booked.Pool!), PoolVersion = booked.Version },
        Answer.AlreadyCaptured captured => faults.HoldSettled(HoldId, captured.Hold.RefundedAt is null ? "CAPTURED" : "REFUNDED"),
        var answer => Refused(answer, faults),
    };

    protected override void Put(ReleaseHoldResponse response, TransactAnswer answer) => answer.ReleaseHold = response;
}

internal sealed class RefundHoldCall(RefundHoldRequest request) : HoldCall<RefundHoldResponse>(request.PoolId, request.HoldId, new Asked(request.MinVersion, request.ValidateOnly))
{
    private DateTimeOffset repliedAt;

    public override string Name => "refund_hold";

    public override bool HasTime => true;

    public override void Parse(DateTimeOffset now, Violations violations) => repliedAt = Requests.Parse(request, now, violations);

    public override Command At(DateTimeOffset now) => new Command.RefundHold(HoldId, repliedAt, Wire.Triggers(request.Trigger)) { Now = now };

    public override Told<RefundHoldResponse> Tell(Booked booked, FaultDomain faults) => booked.Answer switch
    {
        Answer.Refunded refunded => Response(RefundResult.Refunded, refunded.Hold, booked),
        Answer.AlreadyRefunded already => Response(RefundResult.AlreadyRefunded, already.Hold, booked),
        Answer.RepliedTooLate late => Response(RefundResult.TooLate, late.Hold, booked),
        Answer.NotATrigger not => Response(RefundResult.NotATrigger, not.Hold, booked),
        Answer.NothingSpent nothing => Response(RefundResult.NotSpent, nothing.Hold, booked),
        var answer => Refused(answer, faults),
    };

    protected override void Put(RefundHoldResponse response, TransactAnswer answer) => answer.RefundHold = response;

    private static RefundHoldResponse Response(RefundResult result, Kept.Hold hold, Booked booked) =>
        new() { Result = result, Hold = Wire.Hold(hold, booked.Pool!), Available = booked.Pool!.Available, PoolVersion = booked.Version };
}
