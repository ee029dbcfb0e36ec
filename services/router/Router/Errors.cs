using Grpc.Core;
using Pennypost.Hosting;

namespace Pennypost.Router;

/// <summary>The one refusal that the router itself makes; the rest is the host's.</summary>
internal sealed class Errors(FaultDomain faults)
{
    /// <summary>INVALID_REQUEST, with every violation.</summary>
    public RpcException Invalid(Violations violations) => faults.Invalid(violations);
}
