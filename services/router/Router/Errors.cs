using Grpc.Core;
using Pennypost.Errors.V1;
using Pennypost.Hosting;

namespace Pennypost.Router;

/// <summary>The refusals that the router itself makes; the rest is the host's.</summary>
internal sealed class Errors(FaultDomain faults)
{
    /// <summary>INVALID_REQUEST, with every violation.</summary>
    public RpcException Invalid(Violations violations) => faults.Invalid(violations);

    /// <summary>QUEUE_FULL: plans take a processor and memory for seconds each.</summary>
    public RpcException PlansFull(int limit) => faults.QuotaUsedUp(
        ErrorReason.QueueFull, $"This instance makes {limit} plans at once, and is making them; another one may have room.", "service:router/plans", TimeSpan.FromSeconds(1));
}
