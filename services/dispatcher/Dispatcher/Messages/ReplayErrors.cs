using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;
using Pennypost.Transport;
using Wire = Pennypost.Dispatcher.V1;

namespace Pennypost.Dispatcher.Messages;

/// <summary>Puts what was set aside on the broker back where it came from.</summary>
internal sealed class ReplayErrors(IErrorQueues queues, Errors errors)
{
    private const int Usual = 100;
    private const int Most = 1_000;

    public async Task<ReplayErrorsResponse> HandleAsync(string tenant, ReplayErrorsRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        if (request.Queue == Wire.ErrorQueue.Unspecified || !Enum.IsDefined(request.Queue))
            violations.Add("queue", "is required: ERROR_QUEUE_COMMANDS, ERROR_QUEUE_WORK or ERROR_QUEUE_EVENTS");
        violations.Range("limit", request.Limit, 0, Most);
        if (violations.Any)
            throw errors.Invalid(violations);
        var (replayed, left) = await queues.ReplayAsync((Transport.ErrorQueue)request.Queue, tenant, request.Limit == 0 ? Usual : request.Limit, ct);
        return new ReplayErrorsResponse { Replayed = replayed, Left = left };
    }
}
