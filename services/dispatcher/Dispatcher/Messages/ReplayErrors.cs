using Google.Protobuf.Reflection;
using Pennypost.Dispatcher.Operators;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Pennypost.Transport;
using Pennypost.Types.V1;
using Wire = Pennypost.Dispatcher.V1;

namespace Pennypost.Dispatcher.Messages;

/// <summary>Puts what was set aside on the broker back where it came from.</summary>
internal sealed class ReplayErrors(IErrorQueues queues, OperatorActs acts, Errors errors)
{
    private const int Usual = 100;
    private const int Most = 1_000;

    public async Task<ReplayErrorsResponse> HandleAsync(Caller caller, ReplayErrorsRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        if (request.Queue == Wire.ErrorQueue.Unspecified || !Enum.IsDefined(request.Queue))
            violations.Add("queue", "is required: ERROR_QUEUE_COMMANDS, ERROR_QUEUE_WORK or ERROR_QUEUE_EVENTS");
        violations.Range("limit", request.Limit, 0, Most);
        OperatorActs.Check(request.Actor, request.Why, violations);
        if (violations.Any)
            throw errors.Invalid(violations);
        var limit = request.Limit == 0 ? Usual : request.Limit;
        var act = new OperatorAct
        {
            Kind = OperatorActKind.ReplayErrors,
            Actor = request.Actor,
            Why = request.Why,
            ErrorQueue = DispatcherReflection.Descriptor.FindTypeByName<EnumDescriptor>(nameof(Wire.ErrorQueue)).FindValueByNumber((int)request.Queue).Name,
            Limit = limit,
        };
        return await acts.RecordAsync(caller, act, async _ =>
        {
            var (replayed, left) = await queues.ReplayAsync((Transport.ErrorQueue)request.Queue, caller.Tenant, limit, ct);
            return new ReplayErrorsResponse { Replayed = replayed, Left = left };
        }, answer => answer.Replayed, ct);
    }
}
